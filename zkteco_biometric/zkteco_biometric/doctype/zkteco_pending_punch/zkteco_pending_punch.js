// One punch: what is in its way, and what a person can do about it.

frappe.ui.form.on("ZKTeco Pending Punch", {
	refresh(frm) {
		const { color, text } = frappe.zkteco_pending.headline(frm.doc);
		frm.disable_save();
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline_alert(text, color);
		if (frappe.zkteco_pending.may_decide()) add_buttons(frm);
	},
});

function add_buttons(frm) {
	const pending = frappe.zkteco_pending;
	const { status, reason, emp_code, person_name } = frm.doc;
	const reload = () => frm.reload_doc();
	const waits = status === "Waiting";
	if (waits && reason === "Unknown Employee" && pending.may_link()) {
		const link = () => pending.link({ code: emp_code, person_name }, reload);
		frm.add_custom_button(__("Link to Employee"), link).addClass("btn-primary");
	}
	if (status !== "Created") frm.add_custom_button(__("Retry"), () => pending.retry([frm.doc], reload));
	if (waits) frm.add_custom_button(__("Ignore"), () => pending.ignore([frm.doc], reload));
}
