"""Whatever happens between a device and a real site: at the end every punch is a check-in, or waits, once."""

import os
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from unittest import skipUnless
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.simulator import Transaction, Variant, faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.support import DeviceTestCase, days_ago

try:
	from hypothesis import HealthCheck, given, settings
	from hypothesis import strategies as st
except ImportError:  # it comes with Frappe's development requirements
	given = None

EXAMPLES = int(os.environ.get("ZKTECO_HISTORIES", "40"))
"""A night has time for more."""
PEOPLE = ("1", "2", "007")
STRANGERS = ("7", "XYZ")
ALL_REQUESTS = "transactions"


class _PowerCut(Exception):
	"""The process ends here."""


if given:
	CODES = st.sampled_from(PEOPLE + STRANGERS)
	MINUTES = st.integers(0, 9 * 24 * 60)
	STEPS = st.one_of(
		st.tuples(st.just("punch"), CODES, MINUTES, st.sampled_from(["0", "1", "255"])),
		st.tuples(st.just("punch"), CODES, MINUTES, st.sampled_from(["0", "1", "255"])),
		st.tuples(st.just("ahead"), CODES, st.integers(60, 6000)),
		st.tuples(st.just("never set"), CODES, MINUTES),
		st.tuples(st.just("sync")),
		st.tuples(st.just("fails"), st.integers(0, 8)),
		st.tuples(st.just("crashes"), st.integers(1, 12)),
		st.tuples(st.just("delete"), st.integers(0, 20)),
		st.tuples(st.just("restore"), st.integers(1, 20)),
	)
	HISTORIES = st.lists(STEPS, min_size=2, max_size=14)


@skipUnless(given, "hypothesis is not installed: bench setup requirements --dev")
class TestNothingIsLost(DeviceTestCase):
	CODES = PEOPLE

	def test_every_punch_of_any_history_ends_as_a_check_in_or_waits(self):
		@settings(
			max_examples=EXAMPLES,
			deadline=None,
			database=None,
			derandomize=True,
			suppress_health_check=list(HealthCheck),
		)
		@given(HISTORIES, st.integers(1, 7), st.booleans())
		def play(history, page_size, sorts):
			self.begin(page_size, sorts)
			for step in history:
				self.live(*step)
			self.settle()
			self.compare()

		play()

	def begin(self, page_size: int, sorts: bool) -> None:
		frappe.db.rollback()
		for doctype in (PENDING, SYNC_LOG):
			frappe.db.delete(doctype)
		frappe.db.delete(CHECK_IN, {"employee": ("in", list(self.employees.values()))})
		for device in frappe.get_all(SETTINGS, pluck="name", order_by="name"):
			frappe.delete_doc(SETTINGS, device, force=True)
		self.sim.faults.clear()
		self.sim.store.restart_ids(1)
		self.sim.variant = Variant(ordering=sorts)
		self.device = self.make_device(page_size=page_size)

	def live(self, what: str, *values) -> None:
		{
			"punch": self.punch,
			"ahead": lambda code, minutes: self.punch(code, -minutes, "0"),
			"never set": self.punch_without_a_clock,
			"sync": lambda: sync_device(self.device.name),
			"fails": self.fail,
			"crashes": self.crash,
			"delete": self.delete,
			"restore": lambda number: self.sim.store.restart_ids(number),
		}[what](*values)

	def punch(self, code: str, minutes_ago: int, state: str) -> None:
		now = frappe.utils.now_datetime().replace(microsecond=0)
		self.sim.store.punch(code, now - timedelta(minutes=minutes_ago), state)

	def punch_without_a_clock(self, code: str, minutes: int) -> None:
		self.sim.store.punch(
			code, days_ago(0).replace(year=1999, month=1, day=1) + timedelta(minutes=minutes)
		)

	def fail(self, after: int) -> None:
		"""From that request on, as where somebody takes the licence away."""
		self.sim.faults.add(faults.licence_missing(), path=ALL_REQUESTS, after=after, times=None)
		sync_device(self.device.name)
		self.sim.faults.clear()

	def crash(self, commits: int) -> None:
		with power_cut_after(commits):
			sync_device(self.device.name)
		frappe.db.rollback()

	def delete(self, place: int) -> None:
		rows = self.sim.store.transactions
		if rows:
			self.sim.store.delete_punch(rows[place % len(rows)].id)

	def settle(self) -> None:
		"""Two good cycles, the second of them on what counts as another day."""
		self.assertIsNone(sync_device(self.device.name).failure)
		frappe.db.set_value(SETTINGS, self.device.name, "past_days", None, update_modified=False)
		frappe.db.commit()
		self.assertIsNone(sync_device(self.device.name).failure)

	def compare(self) -> None:
		held = self.sim.store.transactions
		check_ins = Counter((row.employee, row.time) for row in self.check_ins())
		waiting = Counter((row.emp_code, row.punch_time) for row in self.waiting())
		self.assertEqual(max([*check_ins.values(), *waiting.values()], default=1), 1, "nothing is doubled")
		for row in held:
			key = (row.emp_code, row.punch_time)
			created = (self.employees.get(row.emp_code), row.punch_time) in check_ins
			self.assertNotEqual(created, key in waiting, f"{key}: a check-in, or waiting, and not both")
			self.assertEqual(created, row.emp_code in PEOPLE and not _is_impossible(row), key)

	def waiting(self) -> list:
		return frappe.get_all(
			PENDING, filters={"status": "Waiting"}, fields=["emp_code", "punch_time"], order_by="punch_time"
		)


def _is_impossible(row: Transaction) -> bool:
	"""Ahead by an hour at least when it came; a history takes seconds."""
	ahead = frappe.utils.now_datetime() + timedelta(minutes=30)
	return row.punch_time.year < 2000 or row.punch_time > ahead


@contextmanager
def power_cut_after(commits: int):
	"""The commit after so many does not happen, and nothing after it."""
	left = iter(range(commits))
	original = frappe.db.commit

	def commit():
		if next(left, None) is None:
			raise _PowerCut
		original()

	with patch.object(frappe.db, "commit", commit), suppress(_PowerCut):
		yield
