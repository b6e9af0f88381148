// Where a check-in came from. One that was entered by hand, or by another app, is shown as ever.

(function () {
	const SETTINGS = "ZKTeco Biometric Settings";
	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));

	frappe.ui.form.on("Employee Checkin", {
		refresh(frm) {
			frappe.zkteco_form.head(frm).empty();
			if (frm.is_new() || !frm.doc.zkteco_device || !frappe.model.can_read(SETTINGS)) return;
			frappe.zkteco_form
				.ask(frm, "zkteco_biometric.employee_api.origin", "check_in")
				.then((origin) => origin?.device && show(frm, origin));
		},
	});

	function show(frm, origin) {
		frappe.zkteco_form.head(frm).html(`<div class="form-message blue">${line(origin)}</div>`);
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
