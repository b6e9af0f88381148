// Not as states of the doctype: Frappe would show those of a disabled device too.
const COLORS = {
	"Not Synced": "gray",
	Queued: "blue",
	Running: "blue",
	Unfinished: "orange",
	Success: "green",
	Failed: "red",
	"Log-in Rejected": "red",
};

frappe.listview_settings["ZKTeco Biometric Settings"] = {
	add_fields: ["enable", "status"],
	get_indicator(doc) {
		if (!doc.enable) return [__("Disabled"), "gray", "enable,=,0"];
		return [__(doc.status), COLORS[doc.status] || "gray", `status,=,${doc.status}`];
	},
};
