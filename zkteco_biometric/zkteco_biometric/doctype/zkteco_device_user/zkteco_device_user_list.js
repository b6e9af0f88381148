// Who is disabled where, until when, and what went wrong.

frappe.listview_settings["ZKTeco Device User"] = {
	add_fields: ["status", "outcome", "employee_name", "device"],
	hide_name_column: true,

	// Where: a narrow screen has no room for the device as a column. It is shown as text.
	formatters: {
		employee_name: (name, _field, { device }) => [name, device].filter(Boolean).join(" · "),
	},

	get_indicator(doc) {
		const [label, color] = frappe.zkteco_users.indicator(doc);
		return [label, color, `status,=,${doc.status}|outcome,=,${doc.outcome}`];
	},

	onload(list) {
		const show = (label, filters) =>
			list.page.add_inner_button(label, () => look_at(list, filters), __("Show"));
		show(__("Disabled Now"), [
			["status", "=", "Disabled"],
			["outcome", "in", ["Requested", "Confirmed"]],
		]);
		show(__("In Trouble"), [["outcome", "in", ["Failed", "Unsupported"]]]);
		show(__("Everybody"), []);
		if (frappe.zkteco_users.may_enable()) add_enable_everyone(list);
	},
};

function look_at(list, filters) {
	return list.filter_area
		.clear(false)
		.then(() => list.filter_area.add(filters.map((filter) => [list.doctype, ...filter])))
		.then(() => list.refresh());
}

function add_enable_everyone(list) {
	list.page.add_inner_button(__("Enable Everyone"), () =>
		frappe.zkteco_users.enable_everyone({
			suggested: chosen_device(list),
			done: () => list.refresh(),
		}),
	);
}

function chosen_device(list) {
	const chosen = list.get_filters_for_args().find(([, field, how]) => field === "device" && how === "=");
	return chosen?.[3];
}
