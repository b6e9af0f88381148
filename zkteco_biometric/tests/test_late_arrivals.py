"""What reaches the server late, under a wrong clock or under ids that start again, on a real site."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.simulator import Simulator, Variant
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, days_ago, document_hook, lately

TRANSACTIONS = "/iclock/api/transactions/"
SECOND, MINUTE, HOUR, DAY = (
	timedelta(seconds=1),
	timedelta(minutes=1),
	timedelta(hours=1),
	timedelta(days=1),
)
AGES_AGO = datetime(2025, 1, 6, 8)
"""When the rows arrived that no look at the newest ones finds."""


class LateTestCase(DeviceTestCase):
	def make_read_device(self, **values):
		"""One whose last sync was just now, with a punch of today."""
		self.sim.store.punch("1", lately(1))
		device = self.make_device(**values)
		self.sync(device)
		self.sim.log.clear()
		return device

	def times(self) -> list[datetime]:
		return [row.time for row in self.check_ins("time")]

	def kept(self, device, field: str):
		text = frappe.db.get_value(SETTINGS, device.name, field)
		return json.loads(text) if text else None


class TestLateUploads(LateTestCase):
	def test_what_a_terminal_uploads_days_late_is_created_by_the_next_cycle(self):
		device = self.make_read_device()
		before = device.last_sync_timestamp
		self.sim.store.punch("2", days_ago(5, 8, 3, 4), "1")
		result = self.sync(device)
		self.assertEqual(result.counters.created, 1)
		self.assertEqual(
			(self.check_ins()[0].time, self.check_ins()[0].log_type), (days_ago(5, 8, 3, 4), "OUT")
		)
		self.assertEqual(self.check_ins()[0].employee, self.employees["2"])
		self.assertGreaterEqual(device.last_sync_timestamp, before)
		self.assertIsNone(device.sync_from)
		for entry in self.asked_by_time():
			self.assertGreater(entry.query["start_time"], str(days_ago(1)), "no window went back so far")

	def test_last_sync_moves_with_the_windows_and_never_back(self):
		device = self.make_read_device()
		for days in (3, 9, 40):
			before = device.last_sync_timestamp
			self.sim.store.punch("2", days_ago(days))
			self.assertEqual(self.sync(device).counters.created, 1)
			self.assertGreaterEqual(device.last_sync_timestamp, before)
			self.assertLessEqual(device.last_sync_timestamp, now_datetime())

	def test_a_backlog_of_many_pages_is_created_whole_and_once(self):
		device = self.make_read_device(page_size=5)
		backlog = {days_ago(6) + minute * MINUTE for minute in range(40)}
		for time in backlog:
			self.sim.store.punch("2", time)
		self.assertEqual(self.sync(device).counters.created, 40)
		self.assertLessEqual(backlog, set(self.times()))
		self.assertEqual(self.sync(device).counters.created, 0)
		self.assertEqual(len(self.times()), 41)

	def test_a_late_punch_of_nobody_waits(self):
		device = self.make_read_device()
		self.sim.store.punch("XYZ", days_ago(5))
		self.assertEqual(self.sync(device).new_pending, 1)
		(row,) = self.pending_punches("emp_code", "punch_time", "reason")
		self.assertEqual((row.emp_code, row.punch_time), ("XYZ", days_ago(5)))

	def test_what_is_older_than_sync_from_stays_out_however_late_it_comes(self):
		device = self.make_read_device(sync_from=days_ago(4))
		for days in (3, 5):
			self.sim.store.punch("2", days_ago(days))
		self.assertEqual(self.sync(device).counters.created, 1)
		self.assertIn(days_ago(3), self.times())
		self.assertEqual((len(self.times()), self.pending_punches()), (2, []))

	def test_a_cycle_that_finds_nothing_new_asks_for_the_last_rows_alone_and_is_quiet(self):
		device = self.make_read_device(look_back=0)
		logs = frappe.db.count(SYNC_LOG)
		result = self.sync(device)
		(entry,) = self.sim.log.matching(TRANSACTIONS)
		self.assertLessEqual(int(entry.query["page_size"]), 20)
		self.assertFalse({"start_time", "end_time", "ordering"} & entry.query.keys())
		self.assertEqual((result.is_quiet, result.counters.fetched), (True, 0))
		self.assertEqual(frappe.db.count(SYNC_LOG), logs)

	def test_a_cycle_that_a_person_asks_for_asks_for_the_newest_row_beside_its_window(self):
		device = self.make_read_device(look_back=0)
		result = sync_device(device.name, USER)
		(entry,) = [one for one in self.sim.log.matching(TRANSACTIONS) if "end_time" not in one.query]
		self.assertEqual(entry.query["ordering"], "-upload_time")
		self.assertNotIn("start_time", entry.query)
		self.assertEqual((result.is_quiet, result.counters.fetched), (True, 0))

	def test_a_crash_between_two_pages_of_a_backlog_loses_nothing(self):
		device = self.make_read_device(page_size=5)
		backlog = [days_ago(6) + minute * MINUTE for minute in range(20)]
		self.sim.store.punches(("2", time, "0") for time in backlog)
		arrivals = self.kept(device, "arrivals")
		frappe.flags.zkteco_breaks_at = backlog[3]
		with document_hook("validate", f"{__name__}.break_down"):
			self.assertIsNone(self.sync(device))
		self.assertIn(len(self.times()), range(6, 21), "some pages are stored")
		self.assertEqual(self.kept(device, "arrivals"), {**arrivals, "unfinished": True})
		self.assertEqual(device.status, "Failed")
		self.sync(device)
		self.assertLessEqual(set(backlog), set(self.times()))
		self.assertEqual(len(self.times()), 21)


class TestServersThatAreOdd(LateTestCase):
	def test_a_server_that_does_not_sort_is_read_by_id(self):
		self.sim.variant = Variant(ordering=False)
		for minute in range(12):
			self.sim.store.punch("1", lately(3) + minute * MINUTE, upload_time=AGES_AGO + minute * MINUTE)
		device = self.make_read_device(page_size=5)
		late = [days_ago(5) + minute * MINUTE for minute in range(7)]
		for time in late:
			self.sim.store.punch("2", time)
		self.assertEqual(self.sync(device).counters.created, 7)
		self.assertLessEqual(set(late), set(self.times()))
		self.assertIs(self.kept(device, "arrivals")["sorts"], False)
		self.sim.log.clear()
		self.sim.store.punch("2", days_ago(8))
		self.assertEqual(self.sync(device).counters.created, 1)
		self.assertEqual(
			{entry.query.get("ordering") for entry in self.sim.log.matching(TRANSACTIONS)}, {None}
		)

	def test_ids_that_start_again_let_everything_be_read(self):
		for minute in range(6):
			self.sim.store.punch("1", lately(3) + minute * MINUTE)
		device = self.make_read_device(page_size=2)
		self.sim.store.restart_ids()
		restored = [days_ago(days) for days in (30, 20, 10)]
		for number, time in enumerate(restored):
			self.sim.store.punch("2", time, upload_time=AGES_AGO + number * DAY)
		self.sim.store.punch("1", lately(1))
		self.sync(device)
		self.assertLessEqual(set(restored), set(self.times()), "though nothing of it arrived lately")
		self.assertEqual([number for number, _ in self.kept(device, "arrivals")["prints"]], [1, 2, 3, 4])
		self.sim.store.punch("2", days_ago(40))
		self.assertEqual(self.sync(device).counters.created, 1, "and from then on as before")

	def test_another_url_is_another_server(self):
		device = self.make_read_device()
		self.assertTrue(self.kept(device, "arrivals") and self.kept(device, "past_days"))
		self.kept_clocks_of(device)
		other = Simulator(password=PASSWORD)
		other.start()
		self.addCleanup(other.stop)
		other.store.punch("2", days_ago(3), upload_time=AGES_AGO)
		device.url = other.url
		device.save()
		frappe.db.commit()
		for field in ("arrivals", "past_days", "clock_watch", "checkpoint"):
			self.assertIsNone(self.kept(device, field), field)
		self.sync(device)
		self.assertIn(days_ago(3), self.times())
		self.assertEqual(self.kept(device, "arrivals")["newest_upload"], AGES_AGO.isoformat())

	def test_what_has_nothing_to_do_with_the_server_forgets_nothing(self):
		device = self.make_read_device()
		before = [self.kept(device, field) for field in ("arrivals", "past_days")]
		device.page_size = 100
		device.look_back = 30
		device.save()
		self.assertEqual([self.kept(device, field) for field in ("arrivals", "past_days")], before)

	def kept_clocks_of(self, device) -> None:
		self.sim.store.punch("1", lately(0.5), terminal_sn="SN1")
		self.sync(device)
		self.assertTrue(self.kept(device, "clock_watch"))


class TestWrongClocks(LateTestCase):
	BEHIND = 102 * DAY

	def setUp(self) -> None:
		super().setUp()
		self.sim.store.add_terminal("SN1", alias="Gate <b>")
		self.arrival = self.sim.store.wall_clock() - 13 * HOUR  # over by now, whatever the site's zone

	def live_punches(self, number: int, behind: timedelta) -> None:
		"""Every three minutes one, at the server a few seconds later."""
		for _ in range(number):
			self.arrival += 3 * MINUTE
			punched = self.arrival - behind - 2 * SECOND
			self.sim.store.punch("1", punched, terminal_sn="SN1", upload_time=self.arrival)

	def test_a_clock_that_is_wrong_is_told_once_and_until_it_is_right(self):
		device = self.make_device()
		self.live_punches(8, self.BEHIND)
		self.assertEqual(self.sync(device).counters.created, 8)
		self.assertIn("SN1", device.wrong_clocks)
		self.assertIn("102 days behind the server's", device.wrong_clocks)
		self.assertIn("Gate ‹b›", device.wrong_clocks)
		for _ in range(3):
			self.live_punches(1, self.BEHIND)
			self.sync(device)
			self.assertIn("102 days behind", device.wrong_clocks)
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn("102 days behind", entry)
		self.assertIn(device.name, entry)
		self.live_punches(8, timedelta())
		self.sync(device)
		self.assertFalse(device.wrong_clocks)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)

	def test_a_clock_that_goes_wrong_again_is_told_again(self):
		device = self.make_device()
		for behind in (self.BEHIND, timedelta(), self.BEHIND):
			self.live_punches(8, behind)
			self.sync(device)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 2)
		self.assertTrue(device.wrong_clocks)

	def test_a_clock_that_is_right_and_a_backlog_are_not_told(self):
		device = self.make_device()
		self.live_punches(8, timedelta())
		for minute in range(8):
			self.sim.store.punch("2", days_ago(9) + minute * MINUTE, terminal_sn="SN1")
		self.sync(device)
		self.assertFalse(device.wrong_clocks)
		self.assertEqual(self.error_logs("ZKTeco Sync"), [])


class TestTheDailyLookBack(LateTestCase):
	"""A row that arrived ages ago under a low id is seen by no window and by no look at what arrived last."""

	def setUp(self) -> None:
		super().setUp()
		for number in range(12):
			time, arrived = days_ago(number % 6 + 1) + number * MINUTE, AGES_AGO + number * DAY
			self.sim.store.punch("1", time, id=1000 + number, upload_time=arrived)
		self.device = self.make_read_device(page_size=2)
		self.begin_another_day()
		self.sync(self.device)
		self.sim.log.clear()

	def test_a_day_whose_count_has_changed_is_read_again(self):
		self.slip_in("2", days_ago(4, 9))
		self.assertEqual(self.sync(self.device).counters.created, 0, "nothing has looked there")
		self.begin_another_day()
		self.sim.log.clear()
		before = self.device.last_sync_timestamp
		self.assertEqual(self.sync(self.device).counters.created, 1)
		self.assertIn(days_ago(4, 9), self.times())
		self.assertEqual(self.days_read(), {days_ago(4).date()})
		self.assertGreaterEqual(self.device.last_sync_timestamp, before)

	def test_a_day_as_it_was_costs_one_request_and_nothing_is_kept_of_it(self):
		logs = frappe.db.count(SYNC_LOG)
		self.begin_another_day()
		self.assertTrue(self.sync(self.device).is_quiet)
		self.assertEqual(self.days_counted(), [days_ago(back).date() for back in range(1, 8)])
		self.assertEqual((self.days_read(), frappe.db.count(SYNC_LOG)), (set(), logs))

	def test_it_is_done_once_a_day(self):
		self.begin_another_day()
		for _ in range(3):
			self.sync(self.device)
		self.assertEqual(len(self.days_counted()), 7)
		self.assertEqual(self.kept(self.device, "past_days")["left"], [])

	def test_it_goes_as_far_back_as_the_settings_say(self):
		for days in (2, 0):
			self.device.daily_look_back = days
			self.device.save()
			self.begin_another_day()
			self.sim.log.clear()
			self.sync(self.device)
			self.assertEqual(self.days_counted(), [days_ago(back + 1).date() for back in range(days)])

	def test_a_cycle_that_fails_in_the_middle_of_it_goes_on_there(self):
		self.begin_another_day()
		left = [days_ago(4).date().isoformat(), "ahead"]
		today = days_ago(0).date().isoformat()
		self.keep_past_days({**self.kept(self.device, "past_days"), "on": today, "left": left})
		self.slip_in("2", days_ago(4, 9))
		self.sync(self.device)
		self.assertEqual(self.days_counted(), [days_ago(4).date()])
		self.assertIn(days_ago(4, 9), self.times())

	def slip_in(self, code: str, time: datetime) -> None:
		self.sim.store.punch(code, time, id=5, upload_time=AGES_AGO)

	def begin_another_day(self) -> None:
		"""The look-back was done the day before today."""
		state = self.kept(self.device, "past_days")
		self.keep_past_days({**state, "on": days_ago(1).date().isoformat()})

	def keep_past_days(self, state: dict) -> None:
		frappe.db.set_value(SETTINGS, self.device.name, "past_days", json.dumps(state))
		frappe.db.commit()
		self.device.reload()

	def days_counted(self) -> list:
		return [_day(entry) for entry in self.whole_days() if entry.query["page_size"] == "1"]

	def days_read(self) -> set:
		return {_day(entry) for entry in self.whole_days() if entry.query["page_size"] != "1"}

	def whole_days(self) -> Iterable:
		return [one for one in self.asked_by_time() if one.query["end_time"].endswith("23:59:59")]


def _day(entry):
	return frappe.utils.getdate(entry.query["start_time"])


def break_down(doc, _method=None) -> None:
	"""Somebody else holds the table when the older ones are to be written."""
	if doc.time <= frappe.flags.zkteco_breaks_at:
		raise frappe.QueryTimeoutError
