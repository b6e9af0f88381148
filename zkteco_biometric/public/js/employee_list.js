// Fetch Check-ins for the employees that are ticked. The list's own settings are ERPNext's: they are kept, and added to.

(function () {
	frappe.listview_settings.Employee = frappe.listview_settings.Employee || {};
	const settings = frappe.listview_settings.Employee;
	const others = settings.onload;

	settings.add_fields = [...(settings.add_fields || []), "employee_name", "attendance_device_id"];
	settings.onload = function (list) {
		if (others) others.call(this, list);
		if (!frappe.zkteco_fetch.may()) return;
		list.page.add_actions_menu_item(
			__("Fetch Check-ins"),
			() => frappe.zkteco_fetch.ask(list.get_checked_items()),
			false,
		);
	};
})();
