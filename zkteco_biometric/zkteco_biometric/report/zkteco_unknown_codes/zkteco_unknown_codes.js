// Each code with a button for each employee whose it may be, and one for anybody else.

frappe.query_reports["ZKTeco Unknown Codes"] = {
	filters: [
		{
			fieldname: "device",
			fieldtype: "Link",
			options: "ZKTeco Biometric Settings",
			label: __("Device"),
		},
	],

	onload(report) {
		frappe.model.with_doctype("ZKTeco Pending Punch"); // it brings the dialog
		$(report.page.main).on("click", "[data-zkteco-code]", ({ currentTarget }) =>
			link(report, currentTarget.dataset),
		);
	},

	formatter(value, row, column, data, default_formatter) {
		if (data && column.fieldname === "suggestions") return suggestions(data);
		if (data && column.fieldname === "link") return may_link() ? button(data, "", __("Link…")) : "";
		return default_formatter(value, row, column, data);
	},
};

function may_link() {
	return frappe.model.can_write("ZKTeco Pending Punch") && frappe.model.can_write("Employee");
}

function suggestions({ suggested = [], ...data }) {
	return suggested.map(([employee, name]) => suggestion(data, employee, name)).join(" ");
}

function suggestion(data, employee, name) {
	return may_link() ? button(data, employee, name, employee) : frappe.utils.escape_html(name);
}

function button({ code, known_as }, employee, label, title = "") {
	const escape = frappe.utils.escape_html;
	const values = { "zkteco-code": code, "known-as": known_as, employee };
	const attributes = Object.entries(values).map(([name, value]) => `data-${name}="${escape(value || "")}"`);
	return `<button class="btn btn-xs btn-default" title="${escape(title)}" ${attributes.join(" ")}>${escape(
		label,
	)}</button>`;
}

function link(report, { zktecoCode: code, knownAs: person_name, employee }) {
	frappe.model.with_doctype("ZKTeco Pending Punch", () =>
		frappe.zkteco_pending.link({ code, person_name, employee }, () => report.refresh()),
	);
}
