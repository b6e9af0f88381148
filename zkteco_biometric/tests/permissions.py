"""What the tests of permissions share: who may what, and asking it of a user of each role."""

import frappe

from zkteco_biometric.device_users.states import Former, Kind
from zkteco_biometric.frappe_hr.incident_rows import write_opened
from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT
from zkteco_biometric.frappe_hr.notice_texts import describe
from zkteco_biometric.notices import incidents
from zkteco_biometric.tests.people import (
	WithUsers,
	acting_as,
	refuses,
)
from zkteco_biometric.tests.support import DeviceTestCase

MASTERS = {"System Manager", "HR Manager"}
READERS = MASTERS | {"HR User"}
METHOD = "/api/method/zkteco_biometric.api."
HELD = Former(Kind.AREA, areas=(2,), area_names=("Default Area",), parking=1).as_json()


class PermissionsTestCase(WithUsers, DeviceTestCase):
	CODES = ()

	def allowed(self, function, *args) -> set[str]:
		"""The roles whose user may do it."""
		roles = set()
		for role, user in self.users.items():
			with acting_as(user):
				if not refuses(function, *args):
					roles.add(role)
		return roles


def make_device_user(device: str, employee: str, **values) -> str:
	"""As a pass writes it."""
	row = {"doctype": DEVICE_USER, "device": device, "employee": employee, "status": "Enabled"}
	doc = frappe.get_doc({**row, "outcome": "Confirmed", "emp_code": "1", **values})
	doc.insert(ignore_permissions=True)
	frappe.db.commit()
	return doc.name


def make_incident(device: str) -> None:
	frappe.db.delete(INCIDENT)
	key = incidents.Key(incidents.Kind.WAITING, device)
	write_opened([incidents.Reading(key, incidents.Verdict.TROUBLE, details=("99",))], describe)
