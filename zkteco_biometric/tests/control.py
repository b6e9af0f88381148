"""What the tests of device users share: a device with terminals and people, and what became of them."""

from datetime import datetime

import frappe

from zkteco_biometric.frappe_hr.control_reports import USER_STATUS
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SITE_SETTINGS
from zkteco_biometric.tests.support import DeviceTestCase
from zkteco_biometric.user_control import control_device_users

PARKING = "Not Authorized"
SITE_DEFAULTS = {
	"way_back_margin": 60,
	"way_back_hours": 8,
	"oldest_disabling_punch": 12,
	"disable_during_shift": 0,
	"keep_left_disabled": 0,
}


class ControlTestCase(DeviceTestCase):
	"""A device whose two terminals stand in two areas; each of the class's people is held by both."""

	def setUp(self) -> None:
		super().setUp()
		_forget()
		self.addCleanup(_forget)
		self.office = self.sim.store.add_area("10", "Office")
		self.store_room = self.sim.store.add_area("11", "Store Room")
		self.sim.store.add_terminal("SN-OFFICE", alias="Office", area=self.office)
		self.sim.store.add_terminal("SN-STORE", alias="Store", area=self.store_room)
		for code in self.CODES:
			self.sim.store.add_person(
				code, first_name=f"Person {code}", areas=[self.office, self.store_room], device_password="4711"
			)

	def make_controlled(self, name: str = "ZKTeco Test Office", **values):
		return self.make_device(name, **{"control_users": 1, **values})

	def punch(self, code: str, when: datetime, state: str) -> None:
		self.sim.store.punch(code, when, state)

	def check_in(self, code: str, when: datetime, log_type: str) -> str:
		"""By hand, as from an app on a phone."""
		doc = frappe.get_doc(
			{"doctype": CHECK_IN, "employee": self.employees[code], "time": when, "log_type": log_type}
		).insert()
		frappe.db.commit()
		return doc.name

	def control(self, device):
		result = control_device_users(device.name)
		device.reload()
		return result

	def areas(self, code: str) -> list[str]:
		return self.sim.store.person_by_code(code).area_names

	def row(self, code: str, device: str = "ZKTeco Test Office"):
		names = frappe.get_all(
			DEVICE_USER,
			filters={"employee": self.employees[code], "device": device},
			pluck="name",
			order_by="name",
		)
		return frappe.get_doc(DEVICE_USER, names[0]) if names else None

	def told(self) -> list[str]:
		return self.error_logs(USER_STATUS)

	def writes(self) -> list[str]:
		"""The requests since the log was cleared that could change a person."""
		return [
			f"{entry.method} {entry.path}"
			for entry in self.sim.log.entries
			if "/personnel/" in entry.path and entry.method != "GET"
		]


def set_site(**values) -> None:
	"""What ZKTeco Site Settings says, past its form."""
	frappe.db.set_single_value(SITE_SETTINGS, values)
	frappe.db.commit()


def exempt(kind: str, name: str) -> None:
	settings = frappe.get_doc(SITE_SETTINGS)
	settings.append("exemptions", {"exempt_type": kind, "exempt": name})
	settings.save()
	frappe.db.commit()


def let_time_pass(**values) -> None:
	"""As if the times of all rows lay further back; the site's clock is not ours to set."""
	for row in frappe.get_all(DEVICE_USER, fields=["name", *values], order_by="name"):
		moved = {field: row[field] - by for field, by in values.items() if row[field]}
		if moved:
			frappe.db.set_value(DEVICE_USER, row.name, moved, update_modified=False)
	frappe.db.commit()


def _forget() -> None:
	frappe.db.delete(DEVICE_USER)
	frappe.db.delete("ZKTeco Device User Exemption", {"parent": SITE_SETTINGS})
	frappe.db.delete("Error Log", {"method": USER_STATUS})
	frappe.db.delete("Notification Log", {"document_type": "ZKTeco Biometric Settings"})
	for field, value in SITE_DEFAULTS.items():
		frappe.db.set_single_value(SITE_SETTINGS, field, value)
	frappe.db.commit()
