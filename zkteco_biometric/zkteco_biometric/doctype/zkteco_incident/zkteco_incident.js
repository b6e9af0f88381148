// From an incident to where it is mended.

const PLACES = {
	"Waiting Punches": {
		label: () => __("Show Waiting Punches"),
		open: ({ device }) => frappe.set_route("List", "ZKTeco Pending Punch", { device, status: "Waiting" }),
	},
	"Silent Terminal": {
		label: () => __("Show Terminals"),
		open: ({ device }) => frappe.set_route("List", "ZKTeco Terminal", { device }),
	},
	"Wrong Clock": {
		label: () => __("Show Terminals"),
		open: ({ device }) => frappe.set_route("List", "ZKTeco Terminal", { device }),
	},
	"People Not Enabled in Time": {
		label: () => __("Show Device Users"),
		open: ({ device }) => frappe.set_route("List", "ZKTeco Device User", { device }),
	},
};

const DEVICE = {
	label: () => __("Show Device"),
	open: ({ device }) => frappe.set_route("Form", "ZKTeco Biometric Settings", device),
};

frappe.ui.form.on("ZKTeco Incident", {
	refresh(frm) {
		frm.disable_save();
		const place = PLACES[frm.doc.kind] || DEVICE;
		frm.add_custom_button(place.label(), () => place.open(frm.doc));
	},
});
