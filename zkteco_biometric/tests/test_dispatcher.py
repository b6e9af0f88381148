"""What the dispatcher costs with many devices, and that jobs of very many are spread over some ticks."""

from datetime import timedelta

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.api import sync_now
from zkteco_biometric.cycle.turns import ALL_WITHIN
from zkteco_biometric.frappe_hr.device_lock import device_lock
from zkteco_biometric.frappe_hr.heartbeat import tick_interval
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.overview import overview
from zkteco_biometric.sync import enqueue_due_devices
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs
from zkteco_biometric.tests.support import DeviceTestCase, statements

HOUR = timedelta(hours=1)
NAME = "ZKTeco Test {0:04}"


class DispatcherTestCase(DeviceTestCase):
	CODES = ()

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(_delete_devices)

	def make_devices(self, count: int, first: int = 0, **values) -> list[str]:
		"""Straight into their table: due since an hour ago unless told."""
		names = [NAME.format(number) for number in range(first, first + count)]
		now = now_datetime().replace(microsecond=0)
		shared = {
			"creation": now - 100 * HOUR,
			"modified": now,
			"url": self.sim.url,
			"username": "admin",
			"enable": 1,
			"fetch_frequency": "Hourly",
			"status": "Success",
			"last_sync_timestamp": now - 2 * HOUR,
			"last_attempt": now - 2 * HOUR,
			"failures": 0,
			"login_rejected": 0,
			**values,
		}
		rows = [(name, name, *shared.values()) for name in names]
		frappe.db.bulk_insert(SETTINGS, ["name", "device_name", *shared], rows)
		frappe.db.commit()
		return names

	def tick(self) -> tuple[list[str], int]:
		"""Whom it enqueues, and its statements, without those of transactions."""
		with statements() as sent:
			enqueued = enqueue_due_devices()
			frappe.db.commit()
		return enqueued, len([sql for sql in sent if not sql.lower().startswith(("commit", "start"))])


class TestItsCost(DispatcherTestCase):
	def test_it_is_two_statements_with_one_a_hundred_and_a_thousand_devices_due(self):
		costs, there = [], 0
		for count in (1, 100, 1000):
			self.make_devices(count - there, there)
			there = count
			forget_jobs()
			enqueued, cost = self.tick()
			self.assertTrue(enqueued)
			costs.append(cost)
		self.assertEqual(costs, [2, 2, 2], "the devices, and those whose worker died")

	def test_it_is_one_more_where_devices_are_at_work_however_many(self):
		for count, there in ((1, 0), (100, 1)):
			self.make_devices(count, there, status="Running", last_sync_timestamp=now_datetime())
			names = [NAME.format(number) for number in range(there + count)]
			held = [device_lock(name) for name in names]
			for lock in held:
				lock.__enter__()
			enqueued, cost = self.tick()
			for lock in held:
				lock.__exit__(None, None, None)
			self.assertEqual((enqueued, cost), ([], 3))


class TestSpreading(DispatcherTestCase):
	def test_a_thousand_that_are_due_at_once_have_their_turn_within_half_an_hour(self):
		names = self.make_devices(
			1000, fetch_frequency="Daily", last_sync_timestamp=now_datetime() - 25 * HOUR
		)
		every_tick = self.make_devices(10, 1000, fetch_frequency="All")
		taken: list[str] = []
		ticks = 0
		while len(taken) < len(names):
			ticks += 1
			enqueued, _cost = self.tick()
			self.assertLessEqual(len(enqueued), 250, "no stampede")
			self.assertLessEqual(set(every_tick), set(enqueued), "nobody for every tick waits for the others")
			taken += [device for device in enqueued if device not in every_tick]
			now = now_datetime()
			frappe.db.set_value(
				SETTINGS,
				{"name": ("in", enqueued)},
				{"last_sync_timestamp": now, "last_attempt": now},
				update_modified=False,
			)
			forget_jobs()
		self.assertEqual(sorted(taken), names)
		self.assertLessEqual(ticks * tick_interval(), ALL_WITHIN + tick_interval())

	def test_who_waits_in_the_queue_keeps_nobody_from_it(self):
		self.make_devices(300)
		first, _cost = self.tick()
		second, _cost = self.tick()
		self.assertFalse(set(first) & set(second))
		self.assertEqual(len(waiting_jobs("long")), len(first) + len(second))

	def test_who_has_waited_for_longest_comes_first(self):
		self.make_devices(100)
		(longest,) = self.make_devices(1, 100, last_sync_timestamp=now_datetime() - 9 * HOUR)
		self.assertEqual(self.tick()[0][0], longest)

	def test_whose_worker_died_comes_before_all_and_a_person_waits_for_nobody(self):
		self.make_devices(300)
		(cut_off,) = self.make_devices(1, 300, status="Running", last_sync_timestamp=now_datetime())
		(asked,) = self.make_devices(1, 301, last_sync_timestamp=now_datetime())
		self.assertEqual(self.tick()[0][0], cut_off)
		self.assertTrue(sync_now(asked)["enqueued"])

	def test_nobody_is_told_that_a_device_is_overdue_which_waits_for_its_turn(self):
		due = now_datetime() - ALL_WITHIN - tick_interval()
		(device,) = self.make_devices(1, last_sync_timestamp=due - HOUR, last_attempt=due - HOUR)
		self.assertIsNone(overview(device).overdue_since)


def _delete_devices() -> None:
	"""At once: `delete_doc` would take its time with each of a thousand."""
	frappe.db.delete(SETTINGS, {"name": ("like", "ZKTeco Test ____")})
	frappe.db.commit()
