// What waits, at a glance; and deciding about many punches at once.

const PUNCH_COLORS = { Waiting: "orange", Created: "green", Ignored: "gray" };

frappe.listview_settings["ZKTeco Pending Punch"] = {
	add_fields: ["status", "reason", "emp_code", "person_name", "punch_time", "punch_time_received"],
	filters: [["status", "=", "Waiting"]],
	hide_name_column: true,

	// Whose and when: a narrow screen has no room for these as columns. It is shown as text.
	formatters: {
		emp_code: (code, _field, { person_name, punch_time, punch_time_received }) =>
			[code, person_name, punch_time ? frappe.datetime.str_to_user(punch_time) : punch_time_received]
				.filter(Boolean)
				.join(" · "),
	},

	get_indicator(doc) {
		return [__(doc.status), PUNCH_COLORS[doc.status] || "gray", `status,=,${doc.status}`];
	},

	onload(list) {
		const pending = frappe.zkteco_pending;
		const refresh = () => {
			list.clear_checked_items();
			list.refresh();
		};
		const add = (label, decide) =>
			list.page.add_actions_menu_item(label, () => decide(list.get_checked_items()), false);
		if (pending.may_decide()) {
			add(__("Retry"), (punches) => pending.retry(punches, refresh));
			add(__("Ignore"), (punches) => pending.ignore(punches, refresh));
		}
		if (pending.may_link()) add(__("Link to Employee"), (punches) => link(punches, refresh));
	},
};

function link(punches, refresh) {
	const punch = frappe.zkteco_pending.code_of(punches);
	if (punch) frappe.zkteco_pending.link({ code: punch.emp_code, person_name: punch.person_name }, refresh);
}
