// Configure a device, test it, sync it now, and see at a glance how it is doing.

const POLL_EVERY = 2000; // milliseconds; for when live updates do not arrive
const API = "zkteco_biometric.api.";

frappe.ui.form.on("ZKTeco Biometric Settings", {
	setup(frm) {
		frappe
			.xcall("frappe.core.doctype.user.user.get_timezones")
			.then(({ timezones }) => frm.fields_dict.time_zone.set_data(timezones));
	},

	onload(frm) {
		if (frm.is_new() && !(frm.doc.punch_states || []).length) add_mission_states(frm);
	},

	refresh(frm) {
		frm.trigger("show_headline");
		if (frm.is_new()) return;
		listen(frm);
		if (frm.perm[0]?.write) add_buttons(frm);
		if (is_busy(frm.doc) && !frm.zkteco_cut_off) watch(frm);
	},

	verify_tls(frm) {
		if (frm.doc.verify_tls) return;
		frappe.msgprint({
			title: __("Without Verification"),
			indicator: "orange",
			message: __(
				"Anybody between this site and the server will be able to read the password and forge punches. If the server's certificate is self-signed, attach its CA file instead.",
			),
		});
	},

	control_users(frm) {
		if (!frm.doc.control_users) return;
		frappe.msgprint({
			title: __("Before People Are Disabled"),
			indicator: "orange",
			message: [
				__(
					"After saving, whoever checks out is disabled on the terminals of this device, and their punches there are refused until they are enabled again.",
				),
				__(
					"Tick Dry Run first, save, and choose Test Connection: it says whether the server supports the method, and changes nobody. Look at the list for a day, then untick Dry Run.",
				),
				__("Device Users > Enable Everyone brings everybody back at any time."),
			]
				.map((line) => `<p>${frappe.utils.escape_html(line)}</p>`)
				.join(""),
		});
	},

	show_headline(frm) {
		const headline = frm.zkteco_cut_off && is_busy(frm.doc) ? cut_off() : headline_of(frm.doc);
		frm.dashboard.clear_headline();
		if (headline && !frm.is_new()) frm.dashboard.set_headline(headline.text, headline.color);
		if (frm.is_new()) return;
		show_what_waits(frm);
		show_device_users(frm);
	},
});

// Below the line about the last sync: how many punches wait for somebody, and what HRMS will refuse.
function show_what_waits(frm) {
	const { waiting, warnings } = frm.doc.__onload || {};
	if (waiting) {
		const told =
			waiting === 1
				? __("1 punch waits to become a check-in.")
				: __("{0} punches wait to become check-ins.", [waiting]);
		frm.dashboard.set_headline(`${told} <a class="zkteco-waiting">${__("See them")}</a>`, "orange");
		$(frm.wrapper)
			.find(".zkteco-waiting")
			.on("click", () => show_waiting(frm));
	}
	for (const warning of warnings || [])
		frm.dashboard.set_headline(`<div>${frappe.utils.escape_html(warning)}</div>`, "orange");
}

function show_waiting(frm) {
	frappe.set_route("List", "ZKTeco Pending Punch", { device: frm.doc.name, status: "Waiting" });
}

// Who is disabled on this device now, and who could not be enabled.
function show_device_users(frm) {
	const { control_error, control_remedy } = frm.doc;
	const told = [control_error, control_remedy].filter(Boolean).map(frappe.utils.escape_html);
	if (told.length) frm.dashboard.set_headline(`<b>${__("Device Users:")}</b> ${told.join(" ")}`, "red");
	for (const { color, text, filters } of frappe.zkteco_users.lines(frm.doc.name, control_of(frm) || {})) {
		frm.dashboard.set_headline(`<div>${text} <a class="zkteco-users">${__("See them")}</a></div>`, color);
		$(frm.wrapper)
			.find(".zkteco-users")
			.last()
			.on("click", () => frappe.zkteco_users.show(filters));
	}
}

function control_of(frm) {
	return frm.doc.__onload?.control;
}

function add_mission_states(frm) {
	frm.add_child("punch_states", { punch_state: "0", log_type: "IN" });
	frm.add_child("punch_states", { punch_state: "1", log_type: "OUT" });
	frm.refresh_field("punch_states");
}

function is_busy(doc) {
	return ["Queued", "Running"].includes(doc.status);
}

// The document says that a sync is under way, and no worker knows of one.
function cut_off() {
	return { color: "orange", text: __("The last sync was cut off. The next one goes on where it stopped.") };
}

function headline_of(doc) {
	const last = doc.last_sync_timestamp
		? __("Last sync: {0}.", [frappe.datetime.str_to_user(doc.last_sync_timestamp)])
		: __("Nothing has been read from this device yet.");
	if (!doc.enable) return { color: "gray", text: __("This device is disabled.") + " " + last };
	const headlines = {
		"Not Synced": { color: "gray", text: last },
		Queued: { color: "blue", text: __("A sync is waiting for a worker.") },
		Running: { color: "blue", text: __("A sync is running.") },
		Unfinished: { color: "orange", text: __("The sync goes on at the scheduler's next tick.") },
		Success: { color: "green", text: last + " " + counted(doc) },
	};
	return headlines[doc.status] || { color: "red", text: trouble(doc) + " " + last };
}

function trouble(doc) {
	const told = [doc.last_error, doc.last_remedy].filter(Boolean).map(frappe.utils.escape_html);
	return `<b>${__(doc.status)}:</b> ${told.join(" ")}`;
}

function counted(doc) {
	if (!doc.last_fetched) return __("No new punches.");
	return __("{0} punches fetched: {1} created, {2} existed, {3} pending, {4} ignored.", [
		doc.last_fetched,
		doc.last_created,
		doc.last_duplicate,
		doc.last_pending,
		doc.last_ignored,
	]);
}

function add_buttons(frm) {
	frm.add_custom_button(__("Test Connection"), () => saved(frm).then(() => test_connection(frm)));
	if (frm.doc.control_users || control_of(frm)) add_device_users(frm);
	if (!frm.doc.enable) return;
	frm.add_custom_button(__("Sync Now"), () => saved(frm).then(() => sync_now(frm)));
	frm.change_custom_button_type(__("Sync Now"), null, "primary");
	frm.add_custom_button(__("Import a Date Range"), () =>
		saved(frm).then(() => frappe.zkteco_import.ask(frm, no_worker)),
	);
}

function add_device_users(frm) {
	const users = frappe.zkteco_users;
	const group = __("Device Users");
	const device = frm.doc.name;
	frm.add_custom_button(__("Show Device Users"), () => users.show({ device }), group);
	frm.add_custom_button(
		__("Enable Everyone"),
		() => users.enable_everyone({ device, done: () => reload(frm) }),
		group,
	);
}

function saved(frm) {
	return frm.is_dirty() ? frm.save() : Promise.resolve();
}

function test_connection(frm) {
	return frappe
		.call({
			method: API + "test_connection",
			args: { device: frm.doc.name },
			freeze: true,
			freeze_message: __("Asking {0}…", [frm.doc.device_name]),
		})
		.then(({ message }) => {
			show_findings(message);
			frm.reload_doc();
		});
}

function show_findings({ ok, lines, remedy }) {
	const items = lines.map(
		(line) => `<li>${line.ok ? "✓" : "✗"} ${frappe.utils.escape_html(line.text)}</li>`,
	);
	const advice = remedy ? `<p><b>${__("What to do:")}</b> ${frappe.utils.escape_html(remedy)}</p>` : "";
	frappe.msgprint({
		title: ok ? __("The device is ready") : __("Something is in the way"),
		indicator: ok ? "green" : "red",
		message: `<ul class="list-unstyled">${items.join("")}</ul>${advice}`,
	});
}

function sync_now(frm) {
	return frappe.xcall(API + "sync_now", { device: frm.doc.name }).then(({ enqueued, worker }) => {
		if (!enqueued)
			frappe.show_alert({
				message: __("A sync of this device is under way already."),
				indicator: "blue",
			});
		if (!worker) no_worker();
		frm.zkteco_cut_off = false;
		watch(frm);
		return frm.reload_doc();
	});
}

function no_worker() {
	frappe.msgprint({
		title: __("No Worker Is Running"),
		indicator: "orange",
		message: __(
			"The sync waits in the queue: no background worker listens to it. Ask your administrator to start the bench's workers; the sync then begins by itself.",
		),
	});
}

function listen(frm) {
	frappe.realtime.off("zkteco_sync_progress");
	frappe.realtime.off("zkteco_device_changed");
	frappe.realtime.on("zkteco_sync_progress", (progress) => {
		if (progress.device === frm.doc.name) show_progress(frm, progress);
	});
	frappe.realtime.on("zkteco_device_changed", ({ device }) => {
		if (device === frm.doc.name) finish(frm);
	});
}

function show_progress(frm, { fetched, created, total, pages }) {
	frm.zkteco_progress_seen = true;
	const percent = total ? Math.min(100, (fetched / total) * 100) : 100;
	const text = total
		? __("{0} of {1} punches read, {2} check-ins created", [fetched, total, created])
		: __("{0} pages read, {1} check-ins created", [pages, created]);
	frm.dashboard.show_progress(__("Sync"), percent, text);
}

// Asks now and then whether the sync is over, since live updates need socketio.
function watch(frm) {
	clearTimeout(frm.zkteco_watch);
	frm.zkteco_watch = setTimeout(() => {
		if (cur_frm !== frm) return;
		ask_state(frm).then((state) => {
			frm.zkteco_cut_off = !state.busy;
			if (!state.busy) return finish(frm);
			if (state.status !== frm.doc.status) reload(frm);
			watch(frm);
		});
	}, POLL_EVERY);
}

function ask_state(frm) {
	return frappe
		.call({ method: API + "sync_state", type: "GET", args: { device: frm.doc.name } })
		.then(({ message }) => message);
}

function finish(frm) {
	clearTimeout(frm.zkteco_watch);
	if (frm.zkteco_progress_seen) frm.dashboard.hide_progress(__("Sync"));
	frm.zkteco_progress_seen = false;
	reload(frm);
}

// A person who is in the middle of typing keeps what they typed.
function reload(frm) {
	if (!frm.is_dirty()) frm.reload_doc();
}
