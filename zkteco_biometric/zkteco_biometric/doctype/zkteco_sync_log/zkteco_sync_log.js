// What a sync or an import did, in one sentence; and while an import is under way, how far it has come.

const POLL_EVERY = 2000; // milliseconds; for when live updates do not arrive
const API = "zkteco_biometric.import_api.";
const UNDER_WAY = ["Queued", "Running", "Unfinished"];
const COUNTERS = ["fetched", "created", "duplicate", "pending", "ignored", "total"];
const STOPPED = ["Failed", "Cancelled", "Cut Off"];

frappe.ui.form.on("ZKTeco Sync Log", {
	refresh(frm) {
		const headline = headline_of(frm.doc);
		frm.dashboard.clear_headline();
		frm.dashboard.set_headline(headline.text, headline.color);
		frm.disable_save(); // nobody writes logs by hand, not even who may do anything
		add_links(frm);
		if (frm.doc.trigger === "Import") show_import(frm);
	},
});

function headline_of(doc) {
	const headlines = {
		Queued: { color: "blue", text: __("It waits for a worker.") },
		Running: { color: "blue", text: __("It is running.") },
		Success: { color: "green", text: counted(doc) },
		Unfinished: { color: "orange", text: [counted(doc), __("It goes on by itself.")].join(" ") },
		Cancelled: { color: "orange", text: told(__("It was stopped.") + " " + counted(doc), trouble(doc)) },
		"Cut Off": { color: "orange", text: told(counted(doc), trouble(doc)) },
	};
	return headlines[doc.status] || { color: "red", text: told(counted(doc), trouble(doc)) };
}

function told(...lines) {
	return lines.filter(Boolean).join("<br>");
}

function trouble(doc) {
	const error = doc.error ? `<b>${__("Error:")}</b> ${frappe.utils.escape_html(doc.error)}` : "";
	const remedy = doc.remedy ? `<b>${__("What to do:")}</b> ${frappe.utils.escape_html(doc.remedy)}` : "";
	return told(error, remedy);
}

function counted(doc) {
	if (!doc.fetched) return __("No new punches.");
	return __("{0} punches fetched: {1} created, {2} existed, {3} pending, {4} ignored.", [
		doc.fetched,
		doc.created,
		doc.duplicate,
		doc.pending,
		doc.ignored,
	]);
}

function add_links(frm) {
	frm.add_custom_button(__("Check-ins"), () =>
		frappe.set_route("List", "Employee Checkin", { zkteco_sync_log: frm.doc.name }),
	);
	frm.add_custom_button(__("Pending Punches"), () =>
		frappe.set_route("List", "ZKTeco Pending Punch", { sync_log: frm.doc.name }),
	);
}

function show_import(frm) {
	const may_write = frappe.model.can_write("ZKTeco Biometric Settings");
	if (may_write && UNDER_WAY.includes(frm.doc.status) && !frm.doc.cancel_requested)
		frm.add_custom_button(__("Cancel"), () => cancel_import(frm));
	if (may_write && STOPPED.includes(frm.doc.status)) {
		frm.add_custom_button(__("Resume Import"), () => resume_import(frm));
		frm.change_custom_button_type(__("Resume Import"), null, "primary");
	}
	listen(frm);
	if (!UNDER_WAY.includes(frm.doc.status)) return hide_progress(frm);
	show_progress(frm, frm.doc);
	return watch(frm);
}

function cancel_import(frm) {
	frappe.confirm(
		__("Stop this import? The check-ins that it has created stay, and it can be resumed."),
		() =>
			call(frm, API + "cancel").then(() => {
				frappe.show_alert({ message: __("It stops after the page in hand."), indicator: "orange" });
				return frm.reload_doc();
			}),
	);
}

function resume_import(frm) {
	return call(frm, API + "resume").then(({ worker }) => {
		if (!worker)
			frappe.msgprint({
				title: __("No Worker Is Running"),
				indicator: "orange",
				message: __(
					"The import waits in the queue: no background worker listens to it. Ask your administrator to start the bench's workers; the import then goes on by itself.",
				),
			});
		return frm.reload_doc();
	});
}

function call(frm, method) {
	return frappe.xcall(method, { device: frm.doc.device, log: frm.doc.name });
}

function listen(frm) {
	frappe.realtime.off("zkteco_import_progress");
	frappe.realtime.off("zkteco_import_changed");
	frappe.realtime.on("zkteco_import_progress", (progress) => {
		const { log, ...counters } = progress;
		if (log === frm.doc.name) show_progress(frm, counters);
	});
	frappe.realtime.on("zkteco_import_changed", ({ log }) => {
		if (log === frm.doc.name) frm.reload_doc();
	});
}

function show_progress(frm, progress) {
	const { fetched, created, total } = progress;
	frm.zkteco_progress_seen = true;
	Object.assign(frm.doc, progress);
	frm.refresh_fields(Object.keys(progress));
	const percent = total ? Math.min(100, (fetched / total) * 100) : 0;
	const text = total
		? __("{0} of {1} punches read, {2} check-ins created", [Math.min(fetched, total), total, created])
		: __("{0} punches read, {1} check-ins created", [fetched, created]);
	frm.dashboard.show_progress(__("Import"), percent, text);
}

function hide_progress(frm) {
	clearTimeout(frm.zkteco_watch);
	if (frm.zkteco_progress_seen) frm.dashboard.hide_progress(__("Import"));
	frm.zkteco_progress_seen = false;
}

// Asks now and then how far it is, since live updates need socketio.
function watch(frm) {
	clearTimeout(frm.zkteco_watch);
	frm.zkteco_watch = setTimeout(() => {
		if (cur_frm !== frm) return;
		const asked = ["status", ...COUNTERS];
		frappe.db.get_value(frm.doctype, frm.doc.name, asked).then(({ message }) => {
			if (message.status !== frm.doc.status) return frm.reload_doc();
			show_progress(frm, message);
			return watch(frm);
		});
	}, POLL_EVERY);
}
