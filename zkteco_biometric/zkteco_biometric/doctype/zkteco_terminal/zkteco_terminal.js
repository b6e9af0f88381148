// One terminal: whether it is heard of, and whether anybody wants to know.

frappe.ui.form.on("ZKTeco Terminal", {
	refresh(frm) {
		const { color, text } = frappe.zkteco_terminals.headline(frm.doc);
		const known = { gray: "yellow" }; // a headline knows fewer colors
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline_alert(text, known[color] || color);
		show_clock(frm);
		if (!frappe.zkteco_terminals.may_refresh()) return;
		frm.add_custom_button(__("Refresh from Server"), () =>
			frappe.zkteco_terminals.refresh([frm.doc.device], () => frm.reload_doc()),
		);
	},
});

function show_clock(frm) {
	const clock = frappe.zkteco_terminals.clock(frm.doc);
	frm.set_df_property("clock", "description", frm.doc.clock === "Unknown" ? unknown_clock() : clock);
}

function unknown_clock() {
	return __("Nothing can be said before several punches in a row have arrived within a while.");
}
