// An employee's punches and state on the devices, beside their Biometric ID; a line at the head only where somebody has to look.

(function () {
	const SETTINGS = "ZKTeco Biometric Settings";
	const PENDING = "ZKTeco Pending Punch";
	const USER = "ZKTeco Device User";

	const escape = (text) => frappe.utils.escape_html(String(text ?? ""));
	const time = (value) => escape(frappe.datetime.str_to_user(value));

	frappe.ui.form.on("Employee", {
		refresh(frm) {
			block_of(frm)?.remove();
			frappe.zkteco_form.head(frm).empty();
			if (frm.is_new() || !frappe.model.can_read(SETTINGS)) return;
			add_buttons(frm);
			frappe.zkteco_form
				.ask(frm, "zkteco_biometric.employee_api.facts", "employee")
				.then((facts) => facts && show(frm, facts));
		},
	});

	function add_buttons(frm) {
		const group = __("ZKTeco");
		const { name, employee_name, attendance_device_id } = frm.doc;
		if (attendance_device_id && frappe.zkteco_fetch.may())
			frm.add_custom_button(
				__("Fetch Check-ins"),
				() => frappe.zkteco_fetch.ask([{ name, employee_name, attendance_device_id }]),
				group,
			);
		frm.add_custom_button(
			__("Check-ins from Devices"),
			() =>
				frappe.set_route("List", "Employee Checkin", {
					employee: name,
					zkteco_device: ["is", "set"],
				}),
			group,
		);
		if (!attendance_device_id) return;
		frm.add_custom_button(__("Pending Punches"), () => show_pending(attendance_device_id), group);
	}

	function show_pending(code) {
		return frappe.set_route("List", PENDING, { emp_code: code, status: "Waiting" });
	}

	function show(frm, facts) {
		block_of(frm)?.remove();
		frappe.zkteco_form.head(frm).empty();
		const field = frm.fields_dict.attendance_device_id;
		const lines = facts.code ? known(facts) : missing(frm.doc);
		if (!field || !lines.length) return;
		const block = $(`<div class="zkteco-facts text-muted small mt-2">${lines.join("")}</div>`);
		field.$wrapper.find(".control-input-wrapper").append(block);
		listen(frm, block, facts);
		show_trouble(frm, facts);
	}

	function block_of(frm) {
		return frm.fields_dict.attendance_device_id?.$wrapper.find(".zkteco-facts");
	}

	function missing({ status }) {
		if (status !== "Active") return [];
		return [
			paragraph(
				__(
					"Without a Biometric ID, punches of this person cannot become check-ins. Enter the ID as it is on the device, such as 007.",
				),
			),
		];
	}

	function known(facts) {
		return [
			paragraph(facts.last ? last_line(facts.last) : __("No check-in has come from a device yet.")),
			facts.waiting
				? paragraph(`${waiting_text(facts)} ${link("zkteco-waiting", __("See them"))}`)
				: "",
			...facts.on_devices.map(device_line),
		].filter(Boolean);
	}

	const paragraph = (html) => `<p class="mb-1">${html}</p>`;
	const link = (name, label) => `<a class="${name}">${label}</a>`;

	function last_line({ name, time: when, log_type, device }) {
		const moment = frappe.utils.get_form_link("Employee Checkin", name, true, time(when));
		return log_type
			? __("Last check-in from a device: {0}, {1}, on {2}.", [moment, __(log_type), escape(device)])
			: __("Last check-in from a device: {0}, on {1}.", [moment, escape(device)]);
	}

	function waiting_text({ waiting, code }) {
		return waiting === 1
			? __("1 punch of the Biometric ID {0} waits to become a check-in.", [escape(code)])
			: __("{0} punches of the Biometric ID {1} wait to become check-ins.", [waiting, escape(code)]);
	}

	function device_line(row) {
		const [label, color] = frappe.zkteco_users.indicator(row);
		const where = frappe.utils.get_form_link(USER, row.name, true, escape(row.device));
		const enable = row.held && frappe.zkteco_users.may_enable() ? enable_button(row.name) : "";
		return paragraph(`<span class="indicator-pill ${color}">${label}</span> ${where} ${enable}`);
	}

	function enable_button(name) {
		return `<button class="btn btn-default btn-xs ml-2 zkteco-enable" data-row="${escape(name)}">${__("Enable")}</button>`;
	}

	function listen(frm, block, { code, on_devices }) {
		block.find(".zkteco-waiting").on("click", () => show_pending(code));
		block.find(".zkteco-enable").on("click", ({ currentTarget }) => {
			const row = on_devices.find(({ name }) => name === currentTarget.dataset.row);
			frappe.zkteco_users.enable_person(row, () => frm.reload_doc());
		});
	}

	// What stops check-ins or keeps the person out against their right; else nothing is said at the head.
	function show_trouble(frm, facts) {
		if (facts.code && facts.waiting)
			tell(frm, "orange", waiting_text(facts), __("See them"), () => show_pending(facts.code));
		for (const row of facts.on_devices) {
			const { color, text } = frappe.zkteco_users.headline({ ...row, former: row.held });
			if (color === "red") tell(frm, color, text, __("See it"), () => show_user(row.name));
		}
	}

	function show_user(name) {
		return frappe.set_route("Form", USER, name);
	}

	function tell(frm, color, text, label, look) {
		const line = $(
			`<div class="form-message ${color}"><div>${text} ${link("zkteco-look", label)}</div></div>`,
		);
		line.appendTo(frappe.zkteco_form.head(frm)).find(".zkteco-look").on("click", look);
	}
})();
