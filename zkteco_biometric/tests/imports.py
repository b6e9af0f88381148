"""What the tests of imports share."""

from datetime import datetime, timedelta

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.import_api import start
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.support import DeviceTestCase, days_ago

METHOD = "/api/method/zkteco_biometric.import_api."
FROM, TO = days_ago(40), days_ago(31)
"""Ten days, from before Sync From."""

DEVICE_STATE = [
	"status",
	"last_sync_timestamp",
	"last_attempt",
	"checkpoint",
	"arrivals",
	"past_days",
	"clock_watch",
	"failures",
	"last_error",
	"last_created",
	"reported",
	"modified",
]


class ImportTestCase(DeviceTestCase):
	CODES = ("1", "2", "007")

	def make_device(self, name: str = "ZKTeco Test Office", **values):
		"""Without the log-in that a save brings: here only imports wait in the queue."""
		device = super().make_device(name, **{"sync_from": days_ago(20), **values})
		forget_jobs()
		return device

	def punch_ten_days(self, codes: tuple[str, ...] = ("1", "2"), a_day: int = 2) -> None:
		"""So many punches a day for each, from FROM to TO."""
		for day in range(10):
			for number in range(a_day):
				for code in codes:
					time = FROM + timedelta(days=day, minutes=number, seconds=int(code))
					self.sim.store.punch(code, time, str(number % 2))

	def start(self, device, codes: str = "", first: datetime = FROM, last: datetime = TO) -> str:
		"""As the dialog does: whole days."""
		log = start(device.name, str(first.date()), str(last.date()), codes)["log"]
		frappe.db.commit()
		return log

	def log(self, name: str):
		frappe.db.rollback()  # what workers have committed
		return frappe.get_doc(SYNC_LOG, name)

	def status(self, log: str) -> str:
		return self.log(log).status

	def device_state(self, device) -> tuple:
		return frappe.db.get_value(SETTINGS, device.name, DEVICE_STATE)

	def assert_counts_agree(self, log: str) -> None:
		kept = self.log(log)
		self.assertEqual(kept.fetched, kept.created + kept.duplicate + kept.pending + kept.ignored)
		self.assertEqual(frappe.db.count("Employee Checkin", {"zkteco_sync_log": log}), kept.created)
