"""Check-ins that another tool has stored are known by employee and second, whatever else is in them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD
from zkteco_biometric.tests.former_app import former_check_in
from zkteco_biometric.tests.support import DeviceTestCase, before_each_request, elsewhere, lately


class TestCheckInsOfOthers(DeviceTestCase):
	CODES = ("1", "2", "3")

	def setUp(self) -> None:
		super().setUp()
		self.time = lately(3)

	def counts(self, device) -> tuple[int, int]:
		counters = self.sync(device).counters
		return counters.created, counters.duplicate

	def test_microseconds_another_device_and_another_log_type_make_no_difference(self):
		for code, values in (
			("1", {"time": self.time.replace(microsecond=999999)}),
			("2", {"time": self.time, "device_id": "SN-OF-A-TERMINAL"}),
			("3", {"time": self.time, "log_type": "OUT"}),
		):
			former_check_in(self.employees[code], **values)
			self.sim.store.punch(code, self.time, state="0")
		self.assertEqual(self.counts(self.make_device()), (0, 3))
		self.assertEqual(len(self.check_ins()), 3)

	def test_two_at_one_second_stay_two(self):
		for log_type in ("IN", "OUT"):
			former_check_in(self.employees["1"], self.time, log_type)
		self.sim.store.punch("1", self.time)
		self.assertEqual(self.counts(self.make_device()), (0, 1))
		self.assertEqual(len(self.check_ins()), 2)

	def test_the_second_before_and_after_are_other_punches(self):
		former_check_in(self.employees["1"], self.time)
		for seconds in (-1, 0, 1):
			self.sim.store.punch("1", self.time + timedelta(seconds=seconds))
		self.assertEqual(self.counts(self.make_device()), (2, 1))

	def test_one_of_somebody_else_at_that_second_is_no_duplicate(self):
		former_check_in(self.employees["2"], self.time)
		self.sim.store.punch("1", self.time)
		self.assertEqual(self.counts(self.make_device()), (1, 0))

	def test_they_stay_as_they_were(self):
		former_check_in(self.employees["1"], self.time, device_id="SN-OF-A-TERMINAL")
		before = self.check_ins("name", "modified", "device_id", "log_type", KEY_FIELD)
		self.sim.store.punch("1", self.time)
		self.sync(self.make_device())
		self.assertEqual(self.check_ins("name", "modified", "device_id", "log_type", KEY_FIELD), before)

	def test_one_that_comes_while_the_device_answers_is_a_duplicate(self):
		self.sim.store.punch("1", self.time)
		device = self.make_device()

		def be_faster() -> None:
			frappe.db.rollback()
			if not frappe.db.exists(CHECK_IN, {"employee": self.employees["1"]}):
				with ThreadPoolExecutor(1) as thread:
					values = (frappe.local.site, former_check_in, self.employees["1"], self.time)
					thread.submit(elsewhere, *values).result()

		with before_each_request(be_faster):
			self.assertEqual(self.counts(device), (0, 1))
		self.assertEqual(len(self.check_ins()), 1)
