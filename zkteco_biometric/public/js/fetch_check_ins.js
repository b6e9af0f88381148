// Fetch Check-ins: the punches of chosen employees from a date range, asked for from their form or their list.
// Frappe delivers it with the scripts of both (hooks.py).

frappe.provide("frappe.zkteco_fetch");

(function (fetch) {
	const SETTINGS = "ZKTeco Biometric Settings";
	const SYNC_LOG = "ZKTeco Sync Log";
	const MOST = 100; // as many codes as an import takes

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	fetch.may = () => frappe.model.can_write(SETTINGS);

	// `employees`: documents or rows with name, employee_name and attendance_device_id.
	fetch.ask = function (employees) {
		if (employees.length > MOST) return too_many(employees.length);
		const [known, skipped] = parted(employees);
		if (!known.length) return nobody();
		return enabled_devices().then((devices) => {
			const dialog = new frappe.ui.Dialog({
				title: title_of(known),
				fields: fields_of(known, skipped, devices),
				primary_action_label: __("Fetch Check-ins"),
				primary_action: (values) => send(dialog, employees, values),
			});
			dialog.show();
		});
	};

	function enabled_devices() {
		return frappe.db
			.get_list(SETTINGS, { filters: { enable: 1 }, order_by: "name", limit: 0 })
			.then((rows) => rows.map(({ name }) => name));
	}

	function parted(employees) {
		const has_code = ({ attendance_device_id }) => Boolean((attendance_device_id || "").trim());
		return [employees.filter(has_code), employees.filter((one) => !has_code(one))];
	}

	function title_of(known) {
		if (known.length > 1) return __("Fetch Check-ins of {0} Employees", [known.length]);
		return __("Fetch Check-ins of {0}", [escape(known[0].employee_name || known[0].name)]);
	}

	function fields_of(known, skipped, devices) {
		// The site's day: a user's may have begun earlier, and would be refused as one that has not come.
		const [today] = frappe.datetime.system_datetime().split(" ");
		const day = { fieldtype: "Date", reqd: 1 };
		const week_ago = frappe.datetime.add_days(today, -7);
		return [
			{ ...day, fieldname: "from_time", label: __("From"), default: week_ago },
			{ fieldtype: "Column Break" },
			{ ...day, fieldname: "to_time", label: __("To"), default: today },
			{ fieldtype: "Section Break" },
			devices.length > 1 && {
				fieldname: "device",
				fieldtype: "Select",
				label: __("Device"),
				options: [
					{ value: "", label: __("All Enabled Devices") },
					...devices.map((name) => ({ value: name, label: name })),
				],
			},
			{ fieldname: "about", fieldtype: "HTML", options: about(known, skipped) },
		].filter(Boolean);
	}

	function about(known, skipped) {
		const lines = [
			known.length === 1
				? __(
						"Punches of the Biometric ID {0} are read again; what is a check-in already stays as it is.",
						[escape(known[0].attendance_device_id).bold()],
					)
				: __(
						"Punches of their Biometric IDs are read again; what is a check-in already stays as it is.",
					),
			skipped_line(skipped.map((one) => one.employee_name || one.name)),
		];
		return lines
			.filter(Boolean)
			.map((line) => `<p class="text-muted small">${line}</p>`)
			.join("");
	}

	function skipped_line(names) {
		if (!names.length) return "";
		const shown = names.slice(0, 10).map(escape).join(", ");
		if (names.length > 10)
			return __("Skipped for want of a Biometric ID: {0} and {1} more.", [shown, names.length - 10]);
		return __("Skipped for want of a Biometric ID: {0}.", [shown]);
	}

	function send(dialog, employees, { from_time, to_time, device }) {
		const args = {
			employees: employees.map((one) => one.name),
			from_time,
			to_time,
			device: device || null,
		};
		return frappe
			.call({
				method: "zkteco_biometric.employee_api.fetch",
				type: "POST",
				args,
				freeze: true,
				freeze_message: __("Starting…"),
			})
			.then(({ message }) => {
				dialog.hide();
				return tell(message);
			});
	}

	// To the import's log, which shows how it goes.
	function tell({ logs, skipped, worker }) {
		if (!worker) no_worker();
		else if (skipped.length)
			frappe.show_alert({ message: skipped_line(skipped), indicator: "orange" }, 10);
		if (logs.length === 1) return frappe.set_route("Form", SYNC_LOG, logs[0]);
		return frappe.set_route("List", SYNC_LOG, { name: ["in", logs] });
	}

	function no_worker() {
		frappe.msgprint({
			title: __("No Worker Is Running"),
			indicator: "orange",
			message: __(
				"The import waits in the queue: no background worker listens to it. Ask your administrator to start the bench's workers; the import then begins by itself.",
			),
		});
	}

	function too_many(count) {
		return frappe.msgprint({
			title: __("Too Many Employees"),
			indicator: "orange",
			message: __(
				"You chose {0} employees. Choose {1} at most, or Import a Date Range on the device's page, which takes everybody.",
				[count, MOST],
			),
		});
	}

	function nobody() {
		return frappe.msgprint({
			title: __("No Biometric ID"),
			indicator: "orange",
			message: __(
				"None of them has a Biometric ID. Enter it on the employee's page, as it is on the device.",
			),
		});
	}
})(frappe.zkteco_fetch);
