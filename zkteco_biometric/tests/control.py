"""What the tests of device users share: a device with terminals and people, what became of them, and time that passes."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import frappe
from frappe.utils import get_datetime

from zkteco_biometric import user_control
from zkteco_biometric.biotime.transport import RetryPolicy
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.control_reports import USER_STATUS
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_user_candidates import Watermark, save_watermark
from zkteco_biometric.frappe_hr.names import (
	BIOMETRIC_ID,
	CHECK_IN,
	DEVICE_USER,
	INCIDENT,
	SETTINGS,
	SITE_SETTINGS,
	USER_ID,
)
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs, work_off
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, elsewhere
from zkteco_biometric.user_control import LAST_SWEEP, control_device_users

OFFICE = "ZKTeco Test Office"
PARKING = "Not Authorized"
AT_HOME = ["Office", "Store Room"]
"""The areas that everybody has before anything happens."""

SITE_DEFAULTS = {
	"way_back_margin": 60,
	"way_back_hours": 8,
	"oldest_disabling_punch": 12,
	"disable_during_shift": 0,
	"keep_left_disabled": 0,
}
_IMPATIENT = RetryPolicy(attempts=2, first_wait=0.0)
_CONTROL_JOB = "zkteco_biometric.user_control.control_device_users"
_TIMES = (
	"check_in_time",
	"way_back",
	"disabled_on",
	"last_attempt",
	"due_at",
	"unsure_since",
	"spent_until",
	"told_on",
)


class ControlTestCase(DeviceTestCase):
	"""A device whose two terminals stand in two areas; each of the class's people is held by both."""

	def setUp(self) -> None:
		super().setUp()
		_forget()
		self.addCleanup(_forget)
		self._as_hired()
		self.addCleanup(self._as_hired)
		patience = patch.object(user_control, "_PATIENCE", _IMPATIENT)  # repeats at once: nothing sleeps
		patience.start()
		self.addCleanup(patience.stop)
		self.office = self.sim.store.add_area("10", "Office")
		self.store_room = self.sim.store.add_area("11", "Store Room")
		self.sim.store.add_terminal("SN-OFFICE", alias="Office", area=self.office)
		self.sim.store.add_terminal("SN-STORE", alias="Store", area=self.store_room)
		for code in self.CODES:
			self.add_person(code)

	def add_person(self, code: str, **values):
		areas = [self.office, self.store_room]
		return self.sim.store.add_person(
			code, **{"first_name": f"Person {code}", "areas": areas, "device_password": "4711", **values}
		)

	def make_controlled(self, name: str = OFFICE, since: float | None = 24, **values):
		"""A device whose people are controlled since so many hours, None for from now on; no job waits."""
		device = self.make_device(name, **{"control_users": 1, **values})
		if since is not None:
			begin_control(device.name, since)
		forget_jobs()
		device.reload()
		return device

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

	def out(self, device, code: str = "1", hours: float = 0.5) -> str:
		"""An OUT so long ago, and the pass that follows it."""
		frappe.db.commit()
		name = self.check_in(code, now() - timedelta(hours=hours), "OUT")
		self.control(device)
		return name

	def areas(self, code: str) -> list[str]:
		return self.sim.store.person_by_code(code).area_names

	def row(self, code: str, device: str = OFFICE):
		return self.row_of(self.employees[code], device)

	def row_of(self, employee: str, device: str = OFFICE):
		found = {"employee": employee, "device": device}
		names = frappe.get_all(DEVICE_USER, filters=found, pluck="name", order_by="name")
		return frappe.get_doc(DEVICE_USER, names[0]) if names else None

	def state(self, code: str, device: str = OFFICE) -> tuple[str, str] | None:
		row = self.row(code, device)
		return (row.status, row.outcome) if row else None

	def told(self) -> list[str]:
		return self.error_logs(USER_STATUS)

	def writes(self) -> list[str]:
		"""The requests since the log was cleared that could change a person."""
		return [
			f"{entry.method} {entry.path}"
			for entry in self.sim.log.entries
			if "/personnel/" in entry.path and entry.method != "GET"
		]

	def moves(self) -> int:
		return sum("resync" not in write for write in self.writes())

	def assert_at_home(self, *codes: str) -> None:
		"""They have the very areas they had, and nothing is kept of them that would be due."""
		for code in codes:
			self.assertEqual(self.areas(code), AT_HOME, code)
			row = self.row(code)
			if row:
				self.assertEqual((row.status, row.former, row.way_back), ("Enabled", None, None), code)

	def assert_disabled(self, *codes: str) -> None:
		for code in codes:
			self.assertEqual(self.areas(code), [PARKING], code)
			self.assertEqual(self.state(code), ("Disabled", "Confirmed"), code)

	def let_hours_pass(self, hours: float) -> None:
		"""As if all that the site knows lay so much further back; its clock is not ours to set."""
		by = timedelta(hours=hours)
		for check_in in self.check_ins("name", "time", "modified"):
			moved = {"time": check_in.time - by, "modified": check_in.modified - by}
			frappe.db.set_value(CHECK_IN, check_in.name, moved, update_modified=False)
		for row in frappe.get_all(DEVICE_USER, fields=["name", *_TIMES], order_by="name"):
			moved = {field: row[field] - by for field in _TIMES if row[field]}
			frappe.db.set_value(DEVICE_USER, row.name, moved, update_modified=False)
		for device in frappe.get_all(SETTINGS, fields=["name", "control_watermark"], order_by="name"):
			if device.control_watermark:
				_move_watermark(device, by)
		let_notices_age(by)
		frappe.db.commit()

	def change_employee(self, code: str, **values) -> None:
		"""Past the form; given back when the test is over."""
		frappe.db.set_value("Employee", self.employees[code], values)
		frappe.db.commit()

	def another_server(self, *codes: str) -> Simulator:
		"""A second BioTime server, on which these people are in the default area."""
		other = Simulator(password=PASSWORD)
		other.start()
		self.addCleanup(other.stop)
		for code in codes:
			other.store.add_person(code)
		return other

	def while_asked(self, path: str, do: Callable, *args: object) -> list:
		"""Somebody does that in another process, once, while the server is asked there; what came of it."""
		site, came = frappe.local.site, []

		def fault(request, answer):
			came.append(elsewhere(site, do, *args))
			return answer(request)

		self.sim.faults.add(fault, path=path)
		return came

	def start_over(self) -> None:
		"""Nobody has ever checked in, and there is no device; for a test that tries several things in turn."""
		frappe.db.rollback()
		frappe.db.delete(CHECK_IN, {"employee": ("in", list(self.employees.values()))})
		frappe.db.delete("__Auth", {"doctype": SETTINGS})
		frappe.db.delete("ZKTeco Punch State Mapping", {"parenttype": SETTINGS})
		frappe.db.delete(SETTINGS)
		frappe.db.commit()
		_forget()
		self._as_hired()
		self.sim.faults.clear()
		for code in self.CODES:
			person = self.sim.store.person_by_code(code)
			self.sim.store.change_person(person.id, areas=[self.office, self.store_room])
		self.sim.log.clear()

	def _as_hired(self) -> None:
		frappe.db.rollback()
		for code, employee in self.employees.items():
			values = {"status": "Active", BIOMETRIC_ID: code, USER_ID: None}
			values |= {"department": None, "designation": None, "default_shift": None}
			frappe.db.set_value("Employee", employee, values)
		frappe.db.commit()


def let_notices_age(by: timedelta) -> None:
	"""As if all that was told so far had been told so much earlier."""
	for one in frappe.get_all(INCIDENT, {"told_on": ("is", "set")}, ["name", "told_on"], order_by="name"):
		frappe.db.set_value(INCIDENT, one.name, "told_on", one.told_on - by, update_modified=False)
	frappe.db.commit()


def now() -> datetime:
	"""The site's clock, naive, whole seconds."""
	return frappe.utils.now_datetime().replace(microsecond=0)


def begin_control(device: str, hours: float) -> None:
	"""Control was switched on so many hours ago: what came since counts."""
	mark = Watermark.at(utc_now() - timedelta(hours=hours), wall_clocks(None))
	save_watermark(device, mark)
	frappe.db.commit()


def control_jobs() -> list[str]:
	"""The devices for which a pass waits, by name: in the queue each goes ahead of those before it."""
	frappe.db.commit()  # what waits for a commit is enqueued
	jobs = [job.kwargs for job in waiting_jobs(CONTROL_QUEUE)]
	return sorted(job["kwargs"]["device"] for job in jobs if job["method"] == _CONTROL_JOB)


def work_off_passes() -> str:
	"""A worker does all passes that wait."""
	return work_off(CONTROL_QUEUE)


def scheduler_stopped(hours: float = 1) -> None:
	"""The last sweep was so long ago."""
	set_site(**{LAST_SWEEP: now() - timedelta(hours=hours)})


def set_site(**values) -> None:
	"""What ZKTeco Site Settings says, past its form."""
	for field, value in values.items():
		frappe.db.set_single_value(SITE_SETTINGS, field, value)
	frappe.db.commit()


def exempt(kind: str, name: str) -> None:
	settings = frappe.get_doc(SITE_SETTINGS)
	settings.append("exemptions", {"exempt_type": kind, "exempt": name})
	settings.save()
	frappe.db.commit()


def _move_watermark(device, by: timedelta) -> None:
	mark = json.loads(device.control_watermark)
	moved = {
		"since": str(get_datetime(mark["since"]) - by),
		"spent": (datetime.fromisoformat(mark["spent"]) - by).isoformat(),
	}
	frappe.db.set_value(SETTINGS, device.name, "control_watermark", json.dumps(moved), update_modified=False)


def _forget() -> None:
	frappe.db.rollback()
	frappe.db.delete(DEVICE_USER)
	frappe.db.delete("ZKTeco Device User Exemption", {"parent": SITE_SETTINGS})
	frappe.db.delete("Error Log", {"method": USER_STATUS})
	frappe.db.delete("Notification Log", {"document_type": SETTINGS})
	frappe.db.delete(INCIDENT)
	for field, value in SITE_DEFAULTS.items():
		frappe.db.set_single_value(SITE_SETTINGS, field, value)
	frappe.db.set_single_value(SITE_SETTINGS, LAST_SWEEP, frappe.utils.now_datetime())  # the scheduler runs
	frappe.db.commit()
