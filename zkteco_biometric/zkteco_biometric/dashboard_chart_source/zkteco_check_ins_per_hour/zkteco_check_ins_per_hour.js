frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["ZKTeco Check-ins per Hour"] = {
	method: "zkteco_biometric.workspace_api.check_ins_per_hour",
	filters: [],
};
