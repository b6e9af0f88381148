"""What waits is stored with its page, known again whatever the server does, and costs next to nothing."""

from datetime import timedelta
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.pending_people import ignore_named
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.kept import PendingTestCase, counted
from zkteco_biometric.tests.support import lately, statements

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
A_DAY_OF_MINUTES = 60 * 24


class TestStoredWithThePage(PendingTestCase):
	def test_where_the_page_is_not_stored_nothing_of_it_is(self):
		device = self.make_device(sync_from=lately(20), page_size=2)
		self.punch_codes("1", "XYZ", "2", "007")
		with _no_commit_once_there_is(PENDING):
			self.assertIsNone(self.sync(device))
		self.assertEqual(device.status, "Failed")
		self.assertEqual((self.check_ins(), self.pending_punches()), ([], []))
		self.assertEqual((device.checkpoint, device.last_sync_timestamp), (None, None))
		self.assertEqual(frappe.db.count(SYNC_LOG), 0)
		self.assertEqual(self.sync(device).counters.as_dict(), counted(created=3, pending=1))
		self.assertEqual((len(self.check_ins()), len(self.pending_punches())), (3, 1))

	def test_the_position_is_stored_with_what_waits_and_not_with_the_first_check_in(self):
		device = self.make_device(sync_from=lately(20))
		first = lately(10)
		self.sim.store.punch("XYZ", first)
		for second in range(150):
			self.sim.store.punch("1", first + timedelta(seconds=second))
		with _no_commit_once_there_is(PENDING):
			self.assertIsNone(self.sync(device))
		self.assertEqual((len(self.check_ins()), self.pending_punches()), (1, []))
		self.assertEqual((device.checkpoint, device.last_sync_timestamp), (None, None))
		again = self.sync(device)
		self.assertEqual(again.counters.as_dict(), counted(created=149, duplicate=1, pending=1))
		self.assertEqual((len(self.check_ins()), len(self.pending_punches())), (150, 1))

	def test_a_device_that_fails_later_keeps_what_waits_of_its_first_pages(self):
		device = self.make_device(sync_from=lately(20), page_size=2)
		self.punch_codes("X", "1", "Y", "2")
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=2, times=None)
		self.assertTrue(self.sync(device).failure)
		self.assertEqual([row.emp_code for row in self.pending_punches()], ["X"])
		self.assertTrue(device.checkpoint)

	def punch_codes(self, *codes: str) -> None:
		first = lately(10)
		for minute, code in enumerate(codes):
			self.sim.store.punch(code, first + minute * MINUTE)


class TestKnownAgain(PendingTestCase):
	def make_device(self, name: str = "ZKTeco Test Office", **values):
		"""One that reads the same day in every cycle."""
		return super().make_device(name, look_back=A_DAY_OF_MINUTES, sync_from=lately(20), **values)

	def sync(self, device, trigger: str = USER):
		return super().sync(device, trigger)

	def test_what_is_read_twice_waits_once(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", lately(2))
		self.assertEqual(self.sync(device).new_pending, 1)
		name = self.the_only_one().name
		again = self.sync(device)
		self.assertEqual((again.new_pending, again.counters.as_dict()), (0, counted(pending=1)))
		self.assertEqual(self.the_only_one().name, name)

	def test_a_page_may_hold_the_same_punch_twice(self):
		device = self.make_device()
		time = lately(2)
		for state in ("0", "0", "1"):
			self.sim.store.punch("XYZ", time, state)
		self.sync(device)
		self.assertEqual((self.the_only_one().transaction_id, self.the_only_one().punch_state), ("1", "0"))

	def test_ids_that_start_again_bring_nothing_twice(self):
		device = self.make_device()
		time = lately(2)
		self.sim.store.punch("XYZ", time)
		self.sync(device)
		self.sim.store.restart_ids()
		self.sim.store.punch("1", time)
		self.sim.store.punch("XYZ", time)
		again = self.sync(device)
		self.assertEqual((again.counters.created, again.new_pending), (1, 0))
		self.assertEqual(self.the_only_one().transaction_id, "1", "as it came first")

	def test_an_id_that_is_used_again_hides_no_other_punch(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", lately(2))
		self.sync(device)
		self.sim.store.restart_ids()
		self.sim.store.punch("XYZ", lately(1))
		self.sync(device)
		rows = self.pending_punches("transaction_id")
		self.assertEqual([row.transaction_id for row in rows], ["1", "1"])

	def test_codes_are_texts_seconds_are_whole_and_devices_are_apart(self):
		time = lately(2)
		for code, when in (("A7", time), ("a7", time), ("Ä7", time), ("7", time), ("07", time)):
			self.sim.store.punch(code, when)
		self.sim.store.punch("A7", time + timedelta(seconds=1))
		for name in ("ZKTeco Test North", "ZKTeco Test South"):
			device = self.make_device(name)
			self.assertEqual(self.sync(device).new_pending, 6)
			self.assertEqual(frappe.db.count(PENDING, {"device": name}), 6)
			self.assertEqual(self.sync(device).new_pending, 0)
		self.assertEqual(frappe.db.count(PENDING), 12)

	def test_the_database_itself_refuses_a_second_one(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", lately(2))
		self.sync(device)
		copy = frappe.copy_doc(self.the_only_one())
		copy.punch_key = self.the_only_one().punch_key
		with self.assertRaises(frappe.UniqueValidationError):
			copy.insert(ignore_permissions=True)

	def test_what_a_person_ignored_stays_ignored(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", lately(2))
		self.sync(device)
		ignore_named([self.the_only_one().name], "A visitor's badge")
		frappe.db.commit()
		again = self.sync(device)
		self.assertEqual(again.counters.as_dict(), counted(ignored=1))
		self.give_code("XYZ", self.employees["2"])
		self.assertEqual(self.sync(device).counters.as_dict(), counted(ignored=1))
		frappe.get_doc("Employee", self.employees["2"]).save()
		work_off("default")
		sweep_pending()
		doc = self.the_only_one()
		self.assertEqual((doc.status, doc.ignored_by), ("Ignored", "Administrator"))
		self.assertEqual(doc.ignore_comment, "A visitor's badge")
		self.assertEqual(self.check_ins(), [])

	def test_a_time_that_is_impossible_waits_for_a_person_whatever_is_read_again(self):
		device = self.make_device()
		self.sim.store.punch("1", lately(-1))
		self.sync(device)
		doc = self.the_only_one()
		came = {"punch_time": lately(1), "last_attempt": lately(2)}
		frappe.db.set_value(PENDING, doc.name, came, update_modified=False)
		frappe.db.commit()
		with patch("zkteco_biometric.cycle.run.HARMLESS_LEAD", 2 * HOUR):
			self.assertEqual(self.sync(device).counters.created, 0)
		self.assertEqual((self.the_only_one().status, self.check_ins()), ("Waiting", []))

	def test_a_punch_whose_code_somebody_has_by_now_is_created_once_and_settled(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", lately(2))
		self.sync(device)
		self.give_code("XYZ", self.employees["2"])
		self.assertEqual(self.sync(device).counters.as_dict(), counted(created=1))
		sweep_pending()
		doc = self.the_only_one()
		(row,) = self.check_ins("name", "employee")
		self.assertEqual((doc.status, doc.check_in), ("Created", row.name))
		self.assertEqual((doc.employee, row.employee), (self.employees["2"],) * 2)
		self.assertEqual(self.sync(device).counters.as_dict(), counted(duplicate=1))


class TestQuietCycles(PendingTestCase):
	def test_a_cycle_that_meets_only_what_is_known_leaves_no_trace(self):
		device = self.make_device(look_back=A_DAY_OF_MINUTES, sync_from=lately(20))
		self.sync(device)
		self.sim.store.punch("XYZ", lately(2))
		self.sim.store.punch("1", lately(-2))
		self.sim.store.punch("1", "1999-01-01 00:00:00")
		self.serve({"id": 7, "emp_code": "", "punch_time": "noon"}, "nonsense")
		self.assertFalse(self.sync(device).is_quiet)
		before = self.traces()
		self.assertEqual(before[SYNC_LOG], 1)
		self.assertEqual(before[PENDING], 5)
		for _ in range(2):
			again = self.sync(device)
			self.assertTrue(again.is_quiet)
			self.assertEqual(again.counters.as_dict(), counted(pending=3))
			self.assertEqual(self.traces(), before)
		self.assertEqual(device.last_pending, 3)

	def test_one_new_punch_is_one_log(self):
		device = self.make_device(look_back=A_DAY_OF_MINUTES, sync_from=lately(20))
		self.sim.store.punch("XYZ", lately(3))
		self.sync(device)
		self.sim.store.punch("XYZ", lately(2))
		self.sync(device)
		logs = frappe.get_all(SYNC_LOG, fields=["name", "pending"], order_by="creation")
		self.assertEqual([log.pending for log in logs], [1, 2])
		self.assertEqual(
			[row.sync_log for row in self.pending_punches("sync_log")], [log.name for log in logs]
		)

	def traces(self) -> dict[str, int]:
		watched = (PENDING, SYNC_LOG, CHECK_IN, "Error Log", "Comment", "Version")
		return {doctype: frappe.db.count(doctype) for doctype in watched}


class TestStatements(PendingTestCase):
	def test_a_page_costs_as_many_statements_for_many_that_wait_as_for_few(self):
		costs = {"first": [], "again": []}
		for size in (1, 30, 80):  # the first one reads the metadata
			device = self.make_device(f"ZKTeco Test {size}", sync_from=lately(20), look_back=A_DAY_OF_MINUTES)
			self.sim.store.restart_ids()
			self.sync(device)
			first = lately(10)
			for second in range(size):
				self.sim.store.punch("XYZ", first + timedelta(seconds=second))
				self.sim.store.punch("1", f"1999-01-01 08:{second // 60:02}:{second % 60:02}")
			for kind in costs:
				with statements() as sent:
					self.sync(device)
				costs[kind].append(len(sent))
			self.assertEqual(frappe.db.count(PENDING, {"device": device.name}), 2 * size)
		for kind, sent in costs.items():
			self.assertEqual(sent[1], sent[2], kind)

	def test_what_waits_costs_one_statement_a_page_beside_the_check_ins(self):
		device = self.make_device(sync_from=lately(20))
		first = lately(10)
		for second in range(50):
			self.sim.store.punch(("XYZ", "1")[second % 2], first + timedelta(seconds=second))
		with statements() as sent:
			self.sync(device)
		self.assertEqual(len([one for one in sent if _inserts(one, PENDING)]), 1)
		self.assertEqual(len([one for one in sent if _inserts(one, SYNC_LOG)]), 1)


def _inserts(statement: str, doctype: str) -> bool:
	return statement.lower().startswith("insert") and f"`tab{doctype}`" in statement


def _no_commit_once_there_is(doctype: str):
	"""As when the process, or the database, dies just before the commit that would store a row of it."""
	commit = frappe.db.commit

	def die_or_commit() -> None:
		if frappe.db.count(doctype):
			raise SystemError("the power is gone")
		commit()

	return patch.object(frappe.db, "commit", die_or_commit)
