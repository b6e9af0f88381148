// Where a check-in came from. One that was entered by hand, or by another app, is shown as ever.

(function () {
	const SETTINGS = "ZKTeco Biometric Settings";
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Employee Checkin", {
		refresh(frm) {
			frm.layout.message.siblings(".zkteco-origin").remove();
			if (frm.is_new() || !frm.doc.zkteco_device || !frappe.model.can_read(SETTINGS)) return;
			ask(frm).then((origin) => origin?.device && show(frm, line(origin)));
		},
	});

	// Of our own: Frappe's only adds lines, and two answers may be on their way.
	function show(frm, text) {
		const { message } = frm.layout;
		message.siblings(".zkteco-origin").remove();
		const shown = `<div class="form-message blue">${text}</div>`;
		$(`<div class="form-message-container zkteco-origin">${shown}</div>`).insertBefore(message);
	}

	function ask(frm) {
		const check_in = frm.doc.name;
		return frappe
			.call({
				method: "zkteco_biometric.employee_api.origin",
				type: "GET",
				args: { check_in },
			})
			.then(({ message }) => (frm.doc.name === check_in ? message : null));
	}

	function line(origin) {
		const told = [from(origin), brought(origin)].filter(Boolean);
		return `<div>${told.join(" ")}</div>`;
	}

	function from({ device, device_exists, terminal, transaction }) {
		const where = device_exists
			? frappe.utils.get_form_link(SETTINGS, device, true, escape(device))
			: escape(device);
		const number = escape(transaction);
		if (terminal) return __("A punch at {0} of {1}, transaction {2}.", [escape(terminal), where, number]);
		return __("A punch from {0}, transaction {1}.", [where, number]);
	}

	function brought({ log }) {
		if (!log) return "";
		return frappe.utils.get_form_link("ZKTeco Sync Log", log, true, __("See the sync that brought it"));
	}
})();
