"""Waiting punches are decided anew, and become check-ins once nothing is in the way any more."""

from datetime import datetime, timedelta
from itertools import groupby
from threading import Thread
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending_people import ignore_named, retry_named
from zkteco_biometric.frappe_hr.pending_retry import refuse_while_punches_wait, retry
from zkteco_biometric.frappe_hr.pending_triggers import retry_code, retry_device, sweep_pending
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.support import days_ago, document_hook, elsewhere, make_employee, statements
from zkteco_biometric.tests.waiting import WaitingTestCase, row_of

HERE = "zkteco_biometric.tests.test_pending_retry."


class TestPendingRetry(WaitingTestCase):
	CODES = ("1", "2", "5")

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.give(self.employees["5"], None)
		frappe.db.set_value("Employee", self.employees["5"], "status", "Active")
		frappe.db.commit()

	def test_a_punch_becomes_a_check_in_once_somebody_has_its_code(self):
		(name,) = self.wait(self.device, row_of("5", days_ago(2, 8, 1, 2), "1", number=77))
		self.assertEqual(sweep_pending().as_dict()["waiting"], 1)
		self.give(self.employees["5"], "5")
		self.assertEqual(sweep_pending().as_dict()["created"], 1)
		(row,) = self.check_ins(
			"name",
			"employee",
			"time",
			"log_type",
			"device_id",
			"zkteco_device",
			"zkteco_transaction_id",
			"zkteco_key",
		)
		self.assertEqual((row.employee, row.time), (self.employees["5"], days_ago(2, 8, 1, 2)))
		self.assertEqual((row.log_type, row.device_id), ("OUT", self.sim.url))
		self.assertEqual((row.zkteco_device, row.zkteco_transaction_id), (self.device.name, "77"))
		self.assertEqual(row.zkteco_key, f"{row.employee} {row.time}")
		doc = self.of(name)
		self.assertEqual((doc.status, doc.check_in, doc.employee), ("Created", row.name, row.employee))
		self.assertEqual((doc.message, doc.reason, doc.attempts), ("", "Unknown Employee", 3))

	def test_what_is_still_in_the_way_is_said_and_counted(self):
		(name,) = self.wait(self.device, row_of("5", days_ago(2)))
		frappe.db.set_value(PENDING, name, "last_attempt", days_ago(1))
		outcome = sweep_pending().as_dict()
		message = "no Employee has the Biometric ID 5"
		self.assertEqual(outcome["why"], [{"punches": 1, "reason": "Unknown Employee", "message": message}])
		doc = self.of(name)
		self.assertEqual((doc.status, doc.attempts, doc.message), ("Waiting", 2, message))
		self.assertLess(now_datetime() - doc.last_attempt, timedelta(minutes=5))

	def test_an_inactive_employee_is_another_reason_than_an_unknown_one(self):
		(name,) = self.wait(self.device, row_of("5", days_ago(2)))
		self.give(self.employees["5"], "5", status="Inactive")
		sweep_pending()
		doc = self.of(name)
		self.assertEqual((doc.status, doc.reason), ("Waiting", "Inactive Employee"))
		self.assertEqual(doc.employee, self.employees["5"])
		self.assertIn("Inactive", doc.message)
		self.give(self.employees["5"], "5", status="Active")
		self.assertEqual(sweep_pending().created, 1)

	def test_what_hrms_refuses_waits_in_hrms_s_words(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2)))
		with document_hook("validate", HERE + "refuse"):
			sweep_pending()
		doc = self.of(name)
		self.assertEqual((doc.status, doc.reason), ("Waiting", "Refused by HRMS"))
		self.assertEqual(doc.message, "No check-ins of today")
		self.assertEqual(self.check_ins(), [])

	def test_a_check_in_that_exists_is_what_the_punch_has_become(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2)))
		manual = frappe.get_doc(
			{"doctype": CHECK_IN, "employee": self.employees["1"], "time": days_ago(2), "log_type": "OUT"}
		).insert()
		outcome = sweep_pending()
		self.assertEqual((outcome.created, outcome.existed), (0, 1))
		doc = self.of(name)
		self.assertEqual((doc.status, doc.check_in), ("Created", manual.name))
		self.assertIn("existed", doc.message)

	def test_a_check_in_that_another_has_stored_meanwhile_is_linked_too(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2)))
		with document_hook("validate", HERE + "be_faster"):
			outcome = sweep_pending()
		self.assertEqual((outcome.created, outcome.existed), (0, 1))
		(row,) = self.check_ins("name", "employee")
		self.assertEqual((self.of(name).status, self.of(name).check_in), ("Created", row.name))

	def test_a_rule_may_say_to_ignore_it_by_now(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2), "4"))
		self.device.append("punch_states", {"punch_state": "4", "log_type": "Ignore"})
		self.device.save()
		self.assertEqual(retry_device(self.device.name).ignored, 1)
		doc = self.of(name)
		self.assertEqual((doc.status, doc.ignored_by), ("Ignored", None))
		self.assertEqual(doc.ignore_comment, "Rule: punch state 4")
		self.assertEqual(self.check_ins(), [])

	def test_what_a_rule_ignored_is_decided_anew_when_the_rules_change(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2), "4"))
		self.device.sync_from = days_ago(1)
		self.device.save()
		self.assertEqual(retry_device(self.device.name).ignored, 1)
		self.assertEqual(self.of(name).ignore_comment, "Rule: before Sync From")
		self.device.sync_from = None
		self.device.save()
		self.assertEqual(retry_device(self.device.name).created, 1)
		self.assertEqual((self.of(name).status, self.of(name).ignore_comment), ("Created", None))

	def test_what_a_person_ignored_stays_ignored_until_a_person_retries_it(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2)))
		ignore_named([name], "a test of the terminal")
		for again in (sweep_pending, lambda: retry_code("1"), lambda: retry_device(self.device.name)):
			again()
			self.assertEqual(self.of(name).status, "Ignored")
		self.assertEqual(retry_named([name]).created, 1)
		doc = self.of(name)
		self.assertEqual((doc.status, doc.ignored_by, doc.ignored_on), ("Created", None, None))

	def test_the_log_type_is_that_of_the_mapping_as_it_is_now(self):
		self.wait(self.device, row_of("1", days_ago(2), "4"))
		self.device.append("punch_states", {"punch_state": "4", "log_type": "OUT"})
		self.device.save()
		sweep_pending()
		self.assertEqual([row.log_type for row in self.check_ins()], ["OUT"])

	def test_codes_are_compared_as_text(self):
		self.wait(self.device, row_of("01", days_ago(2)), row_of("1", days_ago(2, 9)))
		self.assertEqual(sweep_pending().as_dict()["waiting"], 1)
		self.assertEqual([row.time for row in self.check_ins()], [days_ago(2, 9)])

	def test_a_row_too_long_to_be_kept_is_read_from_the_columns(self):
		row = row_of("1", days_ago(2, 8, 7, 6), 1.0, number=12, first_name="x" * 30_000)
		(name,) = self.wait(self.device, row)
		with self.assertRaises(ValueError):
			frappe.parse_json(self.of(name).row)
		self.assertEqual(sweep_pending().created, 1)
		(check_in,) = self.check_ins("time", "log_type", "zkteco_transaction_id")
		self.assertEqual(check_in.time, days_ago(2, 8, 7, 6))
		self.assertEqual((check_in.log_type, check_in.zkteco_transaction_id), ("OUT", "12"))

	def test_a_retry_is_of_what_it_was_asked_for(self):
		names = self.wait(self.device, *[row_of("1", days_ago(2, hour)) for hour in (8, 9, 10)])
		self.assertEqual(retry({"name": names[1]}).created, 1)
		self.assertEqual([row.time for row in self.check_ins()], [days_ago(2, 9)])
		self.assertEqual(retry_named([]).created, 0)

	def test_a_second_retry_changes_nothing(self):
		self.wait(self.device, *[row_of("1", days_ago(2, hour)) for hour in (8, 9)])
		self.assertEqual(sweep_pending().created, 2)
		self.assertEqual(sweep_pending().as_dict(), {**NOTHING, "why": []})
		self.assertEqual(len(self.check_ins()), 2)

	def test_a_device_with_waiting_punches_is_not_to_be_deleted(self):
		(name,) = self.wait(self.device, row_of("5", days_ago(2)))
		with self.assertRaises(frappe.ValidationError) as caught:
			refuse_while_punches_wait(self.device.name)
		self.assertIn("Disable", str(caught.exception))
		ignore_named([name], "nobody")
		refuse_while_punches_wait(self.device.name)


class TestImpossibleTimes(WaitingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()

	def ahead(self, hours: float):
		return (now_datetime() + timedelta(hours=hours)).replace(microsecond=0)

	def its_time_passes(self, name: str, days: float = 3) -> None:
		"""As if the punch had come so long ago."""
		doc = self.of(name)
		row = frappe.parse_json(doc.row)
		row["punch_time"] = str(frappe.utils.get_datetime(row["punch_time"]) - timedelta(days=days))
		values = {"row": frappe.as_json(row), "creation": doc.creation - timedelta(days=days)}
		frappe.db.set_value(PENDING, name, values, update_modified=False)
		frappe.db.commit()

	def test_it_never_becomes_a_check_in_by_itself(self):
		(name,) = self.wait(self.device, row_of("1", self.ahead(30)))
		self.its_time_passes(name)
		sweep_pending()
		retry_code("1")
		retry_device(self.device.name)
		doc = self.of(name)
		self.assertEqual((doc.status, doc.reason), ("Waiting", "Impossible Time"))
		self.assertEqual(self.check_ins(), [])

	def test_a_person_may_say_that_it_is_good_once_it_has_passed(self):
		(name,) = self.wait(self.device, row_of("1", self.ahead(30)))
		self.assertEqual(retry_named([name]).as_dict()["waiting"], 1)
		self.its_time_passes(name)
		self.assertEqual(retry_named([name]).created, 1)

	def test_the_right_time_zone_makes_a_time_possible_that_was_not(self):
		(name,) = self.wait(self.device, row_of("1", self.ahead(5)))
		self.device.time_zone = _zone_ahead(6)
		self.device.save()
		self.assertEqual(retry_device(self.device.name).created, 1)
		(row,) = self.check_ins()
		self.assertLess(row.time, now_datetime())
		self.assertEqual(self.of(name).status, "Created")

	def test_a_clock_that_was_never_set_is_no_time_for_anybody(self):
		(name,) = self.wait(self.device, row_of("1", days_ago(2).replace(year=1999)))
		self.assertEqual(retry_named([name]).as_dict()["waiting"], 1)
		self.assertEqual(self.of(name).reason, "Impossible Time")

	def test_an_unreadable_row_is_read_again_when_a_person_asks(self):
		names = self.wait(self.device, {**row_of("1", days_ago(1)), "punch_time": "08:00"}, "no row")
		self.assertEqual(sweep_pending().as_dict(), {**NOTHING, "why": []})
		self.assertEqual(retry_named(names).as_dict()["waiting"], 2)
		self.assertEqual({row.reason for row in self.pending()}, {"Unreadable Row"})


class TestManyPunches(WaitingTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()

	def wait_for_many(self, punches: int) -> list[str]:
		start = days_ago(10)
		rows = [row_of("12"[n % 2], start + timedelta(minutes=n), number=n) for n in range(punches)]
		return self.wait(self.device, *rows)

	def test_the_statements_of_a_batch_do_not_grow_with_it(self):
		counts = []
		for punches in (2, 90):
			frappe.db.delete(PENDING)
			self.wait(
				self.device, *[row_of(str(1000 + n), days_ago(3, 8, n % 60, n // 60)) for n in range(punches)]
			)
			with statements() as sent:
				self.assertEqual(sweep_pending().as_dict()["waiting"], punches)
			counts.append(len(sent))
		self.assertEqual(counts[0], counts[1], sent)
		self.assertLess(counts[1], 25)

	def test_created_ones_are_written_down_in_one_statement_as_well(self):
		self.wait_for_many(50)
		with statements() as sent:
			sweep_pending()
		updates = [one for one in sent if one.lower().startswith("update") and PENDING in one]
		self.assertEqual(len(updates), 1)
		self.assertEqual(self.statuses(), {"Created": 50})
		linked = {row.check_in for row in self.pending({}, "check_in")}
		self.assertEqual(linked, {row.name for row in self.check_ins("name")})

	def test_many_are_committed_in_batches(self):
		self.wait_for_many(230)
		with statements() as sent:
			self.assertEqual(sweep_pending().created, 230)
		steps = [one for one in sent if one == "commit" or one.startswith(f"INSERT INTO `tab{CHECK_IN}`")]
		together = [len(list(some)) for commit, some in groupby(steps, "commit".__eq__) if not commit]
		self.assertEqual(together, [100, 100, 30])

	def test_two_retries_at_once_create_each_check_in_once(self):
		names = self.wait_for_many(120)
		outcomes = at_once(lambda: sweep_pending(), lambda: retry_named(names))
		self.assertEqual(sum(one.created for one in outcomes), 120)
		self.assertEqual(len(self.check_ins()), 120)
		self.assertEqual(self.statuses(), {"Created": 120})
		self.assertEqual(self.error_logs("ZKTeco Sync"), [])

	def test_a_retry_beside_somebody_who_ignores_ends_one_way_or_the_other(self):
		names = self.wait_for_many(60)
		retried, ignored = at_once(lambda: sweep_pending(), lambda: _ignore_all(names))
		self.assertEqual(retried.created + ignored, 60)
		self.assertEqual(len(self.check_ins()), retried.created)
		for row in self.pending():
			self.assertEqual(row.status == "Ignored", row.check_in is None)


class TestBesideASync(WaitingTestCase):
	CODES = ("1", "5")

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.give(self.employees["5"], None)
		self.sim.store.punches([("5", days_ago(3, 8, minute), "0") for minute in range(60)])
		self.assertEqual(self.sync(self.device).counters.pending, 60)

	def again(self):
		"""The sync reads everything once more."""
		device = frappe.get_doc(SETTINGS, self.device.name)
		device.sync_from = None if device.sync_from else days_ago(9)
		device.save()
		frappe.db.commit()
		return self.sync(device)

	def test_what_a_sync_kept_becomes_a_check_in_and_is_a_duplicate_from_then_on(self):
		self.give(self.employees["5"], "5")
		self.assertEqual(sweep_pending().created, 60)
		self.assertEqual(self.again().counters.as_dict()["duplicate"], 60)
		self.assertEqual(len(self.check_ins()), 60)
		self.assertEqual(self.statuses(), {"Created": 60})

	def test_what_a_person_ignored_is_ignored_by_every_sync(self):
		ignore_named([row.name for row in self.pending({}, "name")], "a visitor")
		self.give(self.employees["5"], "5")
		self.assertEqual(self.again().counters.as_dict()["ignored"], 60)
		self.assertEqual((self.check_ins(), self.statuses()), ([], {"Ignored": 60}))

	def test_a_retry_while_a_sync_runs_creates_each_check_in_once(self):
		self.give(self.employees["5"], "5")
		device = frappe.get_doc(SETTINGS, self.device.name)
		device.sync_from = days_ago(9)
		device.save()
		frappe.db.commit()
		at_once(lambda: sync_device(device.name), sweep_pending)
		self.assertEqual(len(self.check_ins()), 60)
		self.assertEqual(self.error_logs("ZKTeco Sync"), [])
		sweep_pending()
		self.assertEqual(self.statuses(), {"Created": 60})


class TestTroubleOnTheWay(WaitingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.other = self.make_device("ZKTeco Test South")

	def test_a_deadlock_is_tried_again(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		trouble.left = 1
		with document_hook("validate", HERE + "deadlock"):
			self.assertEqual(sweep_pending().created, 1)
		self.assertEqual(len(self.check_ins()), 1)

	def test_one_device_s_trouble_leaves_the_others_alone(self):
		self.wait(self.device, *[row_of("1", days_ago(2, hour)) for hour in (8, 9)])
		(name,) = self.wait(self.other, row_of("2", days_ago(2)))
		trouble.left = 3
		with document_hook("validate", HERE + "deadlock"):
			outcome = sweep_pending()
		self.assertEqual((outcome.created, outcome.untried), (1, 2))
		self.assertEqual(self.of(name).status, "Created")
		self.assertEqual(self.statuses(), {"Waiting": 2, "Created": 1})

	def test_trouble_is_in_the_error_log_once(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		for _ in range(2):
			trouble.left = 3
			with document_hook("validate", HERE + "deadlock"):
				sweep_pending()
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn(self.device.name, entry)
		self.assertIn("could not be tried again", entry)

	def test_the_punches_of_a_device_that_is_gone_are_in_nobody_s_way(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		self.wait(self.other, row_of("2", days_ago(2)))
		frappe.db.delete(SETTINGS, {"name": self.device.name})
		outcome = sweep_pending()
		self.assertEqual((outcome.created, outcome.untried), (1, 1))

	def test_nothing_of_a_device_reaches_the_form_as_html(self):
		code = "<img src=x onerror=alert(1)>"
		(name,) = self.wait(self.device, row_of(code, days_ago(2)))
		sweep_pending()
		self.assertNotIn("<", self.of(name).message)

	def test_quotes_and_percent_signs_are_text(self):
		code = "50% 'off' %s \\ \" `x`"
		(name,) = self.wait(self.device, row_of(code, days_ago(2)), reason=Reason.REFUSED, message="x")
		sweep_pending()
		self.assertIn(code, self.of(name).message)

	def test_an_employee_of_the_same_name_in_another_case_is_somebody_else(self):
		make_employee("ab")
		self.wait(self.device, row_of("AB", days_ago(2)))
		self.assertEqual(sweep_pending().as_dict()["waiting"], 1)


def at_once(*functions) -> list:
	"""Each in a thread with a connection of its own; what they return."""
	outcomes: dict[int, object] = {}

	def run(number, function):
		outcomes[number] = elsewhere(site, function)

	site = frappe.local.site
	threads = [Thread(target=run, args=one) for one in enumerate(functions)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	frappe.db.rollback()  # this connection sees what they have committed
	return [outcomes[number] for number in range(len(functions))]


NOTHING = {"created": 0, "existed": 0, "ignored": 0, "untried": 0, "waiting": 0}


class trouble:
	"""How many more inserts of check-ins end in a deadlock."""

	left = 0


def deadlock(_doc, _event) -> None:
	if trouble.left:
		trouble.left -= 1
		frappe.db.rollback()
		raise frappe.QueryDeadlockError


def refuse(_doc, _event) -> None:
	raise frappe.ValidationError("No check-ins of <b>today</b>")


def be_faster(doc, _event) -> None:
	"""Another connection stores the same check-in, and commits."""
	if not doc.flags.faster:
		thread = Thread(target=elsewhere, args=(frappe.local.site, _store_copy, doc.as_dict()))
		thread.start()
		thread.join()


def _store_copy(values) -> None:
	copy = frappe.get_doc(values)
	copy.name = f"ZKTECO-TEST-{frappe.generate_hash(length=8)}"
	copy.db_insert()
	frappe.db.commit()


def _ignore_all(names: list[str]) -> int:
	ignored = ignore_named(names, "not theirs")
	frappe.db.commit()
	return ignored


def _zone_ahead(hours: int) -> str:
	"""A zone whose clocks show so many hours more than the site's."""
	offset = datetime.now(ZoneInfo(frappe.utils.get_system_timezone())).utcoffset()
	return f"Etc/GMT{-round(offset / timedelta(hours=1)) - hours:+d}"
