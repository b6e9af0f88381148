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
	add_fields: ["enable", "status", "last_error"],
	hide_name_column: true,
	get_indicator(doc) {
		if (!doc.enable) return [__("Disabled"), "gray", "enable,=,0"];
		return [__(doc.status), COLORS[doc.status] || "gray", `status,=,${doc.status}`];
	},
	formatters: {
		last_sync_timestamp(value) {
			return value ? frappe.datetime.comment_when(value) : __("Never");
		},
	},
	button: {
		show: (doc) => doc.enable && frappe.model.can_write("ZKTeco Biometric Settings"),
		get_label: () => __("Sync Now"),
		get_description: ({ name }) => __("Read the punches of {0} now", [name]),
		action: ({ name }) => sync_now(name),
	},
};

function sync_now(device) {
	return frappe.xcall("zkteco_biometric.api.sync_now", { device }).then(({ enqueued, worker }) => {
		frappe.show_alert({
			message: worker ? under_way(device, enqueued) : no_worker(),
			indicator: worker ? "blue" : "orange",
		});
		cur_list?.refresh();
	});
}

function under_way(device, enqueued) {
	const name = frappe.utils.escape_html(device);
	return enqueued
		? __("{0} is being synced. Open it to see how far it is.", [name])
		: __("A sync of {0} is under way already.", [name]);
}

function no_worker() {
	return __(
		"The sync waits in the queue: no background worker listens to it. Ask your administrator to start the bench's workers.",
	);
}
