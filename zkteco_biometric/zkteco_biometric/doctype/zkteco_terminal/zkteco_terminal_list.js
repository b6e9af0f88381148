// Which terminals are silent, and where.

frappe.listview_settings["ZKTeco Terminal"] = {
	add_fields: [
		"status",
		"watch",
		"last_punch",
		"clock",
		"clock_offset",
		"device",
		"title",
		"serial_number",
	],
	hide_name_column: true,

	// Where: a narrow screen has no room for the device as a column. It is shown as text.
	formatters: {
		title: (title, _field, { device }) => [title, device].filter(Boolean).join(" · "),
		last_punch: (time) => ago(time),
		last_activity: (time) => ago(time),
		clock: (_clock, _field, doc) => frappe.zkteco_terminals.clock(doc),
	},

	get_indicator: (doc) => frappe.zkteco_terminals.indicator(doc),

	onload(list) {
		const show = (label, filters) =>
			list.page.add_inner_button(label, () => look_at(list, filters()), __("Show"));
		show(__("Offline"), () => [["status", "=", "Offline"]]);
		show(__("Silent for a Day"), () => [
			["watch", "=", 1],
			["status", "!=", "Gone"],
			["last_punch", "<", frappe.zkteco_terminals.silent_since()],
		]);
		show(__("Wrong Clock"), () => [["clock", "in", ["Ahead", "Behind"]]]);
		show(__("All"), () => []);
		if (frappe.zkteco_terminals.may_refresh()) add_refresh(list);
	},
};

function ago(time) {
	return time ? frappe.datetime.prettyDate(time) : "";
}

function look_at(list, filters) {
	return list.filter_area
		.clear(false)
		.then(() => list.filter_area.add(filters.map((filter) => [list.doctype, ...filter])))
		.then(() => list.refresh());
}

function add_refresh(list) {
	list.page.add_inner_button(__("Refresh from Server"), () => {
		const device = chosen_device(list);
		const done = () => list.refresh();
		return device
			? frappe.zkteco_terminals.refresh([device], done)
			: frappe.zkteco_terminals.refresh_all(done);
	});
}

function chosen_device(list) {
	const chosen = list.get_filters_for_args().find(([, field, how]) => field === "device" && how === "=");
	return chosen?.[3];
}
