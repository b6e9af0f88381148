"""People of this site whom the change from the other app may concern."""

import frappe

from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID


def blocked_log_ins() -> list[tuple[str, str]]:
	"""Active employees whose user is disabled: the employee's name, and the user."""
	employee, user = frappe.qb.DocType("Employee"), frappe.qb.DocType("User")
	return list(
		frappe.qb.from_(employee)
		.inner_join(user)
		.on(employee.user_id == user.name)
		.select(employee.employee_name, user.name)
		.where((employee.status == "Active") & (user.enabled == 0))
		.orderby(employee.employee_name)
		.run()
	)


def employees_without_biometric_id() -> int:
	return frappe.db.count("Employee", {"status": "Active", BIOMETRIC_ID: ("is", "not set")})
