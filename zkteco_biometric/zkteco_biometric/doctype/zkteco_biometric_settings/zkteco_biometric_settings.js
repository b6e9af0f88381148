// Configure a device, test it, sync it now, and see at a glance how it is doing.

const API = "zkteco_biometric.api.";

frappe.ui.form.on("ZKTeco Biometric Settings", {
	setup(frm) {
		// It is the server's: this site has no say in how strong it is.
		frm.fields_dict.password.disable_password_checks?.();
		frappe
			.xcall("frappe.core.doctype.user.user.get_timezones")
			.then(({ timezones }) => frm.fields_dict.time_zone.set_data(timezones));
	},

	onload(frm) {
		if (frm.is_new() && !(frm.doc.punch_states || []).length) add_mission_states(frm);
	},

	refresh(frm) {
		frappe.zkteco_device.show_header(frm);
		if (frm.is_new()) return;
		if (frm.perm[0]?.write) add_buttons(frm);
		frappe.zkteco_device.follow(frm);
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
});

function control_of(frm) {
	return frm.doc.__onload?.control;
}

function add_mission_states(frm) {
	frm.add_child("punch_states", { punch_state: "0", log_type: "IN" });
	frm.add_child("punch_states", { punch_state: "1", log_type: "OUT" });
	frm.refresh_field("punch_states");
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
		() => users.enable_everyone({ device, done: () => frm.is_dirty() || frm.reload_doc() }),
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
		frappe.zkteco_device.sync_was_asked(frm.doc.name);
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
