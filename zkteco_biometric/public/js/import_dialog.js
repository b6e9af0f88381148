// Import a Date Range: what to import, what that would meet, and then to the import's log, which shows how it goes.
// Frappe delivers it with the form of the device (hooks.py).

const IMPORTS = "zkteco_biometric.import_api.";

frappe.provide("frappe.zkteco_import");

// `no_worker` tells that nobody is there to do it.
frappe.zkteco_import.ask = function (frm, no_worker) {
	const dialog = new frappe.ui.Dialog({
		title: __("Import a Date Range from {0}", [frappe.utils.escape_html(frm.doc.device_name)]),
		fields: import_fields(() => ask_again()),
	});
	const start = (values) => start_import(frm, dialog, values, no_worker);
	const ask_again = () => offer_a_preview(frm, dialog, start);
	ask_again();
	dialog.show();
	dialog.fields_dict.codes.$input.css("height", "4.5rem");
	return dialog;
};

function import_fields(changed) {
	const zone = frappe.boot.time_zone?.system || frappe.sys_defaults.time_zone;
	// The site's day: a user's may have begun earlier, and would be refused as one that has not come.
	const [today] = frappe.datetime.system_datetime().split(" ");
	const day = { fieldtype: "Date", reqd: 1, onchange: changed };
	return [
		{ ...day, fieldname: "from_time", label: __("From") },
		{ fieldtype: "Column Break" },
		{ ...day, fieldname: "to_time", label: __("To"), default: today },
		{ fieldtype: "Section Break" },
		{
			fieldname: "codes",
			fieldtype: "Small Text",
			label: __("Only These Biometric IDs"),
			description: __(
				"With a comma or a new line between them, leading zeros and all. Empty: everybody's.",
			),
			onchange: changed,
		},
		{
			fieldname: "about",
			fieldtype: "HTML",
			options: `<p class="text-muted small">${__(
				"Whole days by this site's clock ({0}). The device's own syncs go on, and Last Sync stays as it is.",
				[frappe.utils.escape_html(zone)],
			)}</p>`,
		},
		{ fieldname: "preview", fieldtype: "HTML" },
	];
}

// The first step, and again whenever something is changed.
function offer_a_preview(frm, dialog, start) {
	dialog.fields_dict.preview.$wrapper.empty();
	dialog.set_primary_action(__("Preview"), (values) =>
		call_import(frm, IMPORTS + "preview", values, __("Asking {0}…", [frm.doc.device_name])).then(
			(found) => {
				dialog.fields_dict.preview.$wrapper.html(shown(found));
				if (found.ok) dialog.set_primary_action(__("Start Import"), start);
			},
		),
	);
}

function shown({ lines, remedy }) {
	const told = lines.map(({ ok, text }) => `<p>${ok ? "" : "✗ "}${frappe.utils.escape_html(text)}</p>`);
	const advice = remedy ? `<p><b>${__("What to do:")}</b> ${frappe.utils.escape_html(remedy)}</p>` : "";
	return `<div class="form-message ${remedy ? "red" : "blue"}">${told.join("")}${advice}</div>`;
}

function start_import(frm, dialog, values, no_worker) {
	return call_import(frm, IMPORTS + "start", values, __("Starting…")).then(({ log, worker }) => {
		dialog.hide();
		if (!worker) no_worker();
		return frappe.set_route("Form", "ZKTeco Sync Log", log);
	});
}

function call_import(frm, method, values, freeze_message) {
	const { from_time, to_time, codes } = values;
	const args = { device: frm.doc.name, from_time, to_time, codes: codes || "" };
	return frappe.call({ method, args, freeze: true, freeze_message }).then(({ message }) => message);
}
