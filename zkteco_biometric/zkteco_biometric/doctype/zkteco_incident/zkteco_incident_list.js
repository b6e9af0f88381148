// What is wrong now, and what was.

frappe.listview_settings["ZKTeco Incident"] = {
	add_fields: ["status", "title"],
	hide_name_column: true,
	get_indicator: ({ status }) => [__(status), status === "Open" ? "red" : "green", `status,=,${status}`],
};
