// One person on one device: what they are there, by which check-in, and when they are back.

frappe.ui.form.on("ZKTeco Device User", {
	refresh(frm) {
		const users = frappe.zkteco_users;
		const { color, text } = users.headline(frm.doc);
		frm.disable_save(); // nobody writes this by hand, not even who may do anything
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline_alert(text, color);
		if (is_held(frm.doc) && users.may_enable()) add_enable(frm);
	},
});

// What was there before is kept until it is confirmed to be there again.
function is_held({ former }) {
	return Boolean(former);
}

function add_enable(frm) {
	const enable = () => frappe.zkteco_users.enable_person(frm.doc, () => frm.reload_doc());
	frm.add_custom_button(__("Enable"), enable).addClass("btn-primary");
	if (frm.doc.outcome !== "Failed") return;
	const settle = () => frappe.zkteco_users.settle_person(frm.doc, () => frm.reload_doc());
	frm.add_custom_button(__("Settled by Hand"), settle);
}
