const COLORS = {
	Queued: "blue",
	Running: "blue",
	Success: "green",
	Unfinished: "orange",
	"Cut Off": "orange",
	Cancelled: "orange",
	Failed: "red",
};

frappe.listview_settings["ZKTeco Sync Log"] = {
	add_fields: ["status"],
	hide_name_column: true,
	get_indicator: (doc) => [__(doc.status), COLORS[doc.status] || "gray", `status,=,${doc.status}`],
};
