frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["ZKTeco Check-ins per Day"] = {
	method: "zkteco_biometric.workspace_api.check_ins_per_day",
	filters: [],
};
