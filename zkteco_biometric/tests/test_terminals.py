"""The terminals of a device: refreshed by a sync and on demand, silent ones seen, and never in a sync's way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import frappe
from frappe.model.rename_doc import rename_doc

from zkteco_biometric import terminals_api
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clock_watch import Terminal as WatchedTerminal
from zkteco_biometric.cycle.terminals import Clock, Look, Status
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import SETTINGS, TERMINAL
from zkteco_biometric.frappe_hr.terminal_rows import remember
from zkteco_biometric.frappe_hr.terminals import A_DAY, AN_HOUR, terminals_of, throttle_key
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.people import WithUsers, acting_as, refuses, request
from zkteco_biometric.tests.support import DeviceTestCase, before_each_request, elsewhere, lately, statements
from zkteco_biometric.tests.test_sync import _sees_what_others_commit

LIST = "/iclock/api/terminals/"
MASTERS = {"System Manager", "HR Manager"}
READERS = MASTERS | {"HR User"}


def utc_now() -> datetime:
	"""The server's wall clock: the simulator's is UTC."""
	return datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)


def _punched(device: str, when: datetime) -> None:
	frappe.db.set_value(TERMINAL, {"device": device, "serial_number": "SN1"}, "last_punch", when)
	frappe.db.commit()


def delete_device(name: str) -> None:
	frappe.delete_doc(SETTINGS, name, force=True)
	frappe.db.commit()


class TerminalsTestCase(DeviceTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.gate = self.sim.store.add_terminal("SN1", alias="Gate").sn
		self.sim.store.change_terminal("SN1", last_activity=utc_now())
		self.device = self.make_device()

	def rows(self) -> dict:
		frappe.db.rollback()  # what another connection has committed is seen
		return {row.serial_number: row for row in terminals_of([self.device.name])}

	def asked(self) -> int:
		return self.sim.log.count(LIST)

	def an_hour_passes(self) -> None:
		frappe.cache.delete_value(throttle_key(self.device))

	def seconds_to_wait(self) -> int:
		return frappe.cache.ttl(frappe.cache.make_key(throttle_key(self.device)))

	def refresh(self) -> dict:
		return terminals_api.refresh(self.device.name)


class TestRefreshedBySync(TerminalsTestCase):
	def test_a_sync_brings_the_terminals_and_the_newest_punch_of_each(self):
		punched = lately(2)
		self.sim.store.add_terminal("SN2", alias="Yard")
		self.sim.store.punch("1", punched - timedelta(hours=3), terminal_sn="SN1")
		self.sim.store.punch("1", punched, terminal_sn="SN1")
		self.sync(self.device)
		gate, yard = self.rows()["SN1"], self.rows()["SN2"]
		self.assertEqual((gate.alias, gate.area, gate.status), ("Gate", "Default Area", Status.ONLINE))
		self.assertEqual((gate.last_punch, gate.punches, gate.watch), (punched, 2, True))
		self.assertLess(abs(gate.last_activity - lately(0)), timedelta(minutes=1), "on the site's clock")
		self.assertEqual(gate.server_zone, "UTC")
		self.assertEqual((yard.last_punch, yard.last_activity), (None, None))

	def test_it_asks_once_an_hour_and_an_idle_tick_costs_neither_a_request_nor_a_write(self):
		self.sim.store.punch("1", lately(0.2), terminal_sn="SN1")
		self.sync(self.device)
		with statements() as sent:
			self.sync(self.device)
		self.assertEqual(self.asked(), 1)
		writes = [one for one in sent if TERMINAL in one and not one.lower().lstrip().startswith("select")]
		self.assertEqual(writes, [])
		self.an_hour_passes()
		self.sync(self.device)
		self.assertEqual(self.asked(), 2)
		self.assertTrue(0 < self.seconds_to_wait() <= AN_HOUR)

	def test_between_refreshes_one_statement_writes_the_newest_punches_of_all_terminals(self):
		self.sim.store.add_terminal("SN2")
		self.sync(self.device)
		for sn in ("SN1", "SN2"):
			self.sim.store.punch("1", lately(0.1), terminal_sn=sn)
		with statements() as sent:
			self.sync(self.device)
		self.assertEqual(sum(f"insert into `tab{TERMINAL}`" in one for one in sent), 1)
		self.assertEqual({row.last_punch is None for row in self.rows().values()}, {False})
		self.assertEqual(self.asked(), 1)

	def test_no_transaction_is_open_while_the_server_is_asked(self):
		with before_each_request(_sees_what_others_commit) as fresh:
			self.sync(self.device)
			self.refresh()
		self.assertEqual(set(fresh), {True})
		self.assertEqual(self.asked(), 2)

	def test_a_punch_from_a_terminal_that_the_server_does_not_list_gives_it_a_row(self):
		punched = lately(1)
		self.sim.store.punch("1", punched, terminal_sn="AWAY")
		self.sync(self.device)
		row = self.rows()["AWAY"]
		self.assertEqual((row.status, row.last_named, row.last_punch), (Status.UNKNOWN, None, punched))

	def test_punches_of_people_nobody_knows_count_as_life(self):
		self.sim.store.punch("nobody", lately(1), terminal_sn="SN1")
		self.sync(self.device)
		self.assertIsNotNone(self.rows()["SN1"].last_punch)

	def test_a_terminal_that_is_taken_away_is_gone_and_keeps_its_row_until_it_punches_again(self):
		self.sim.store.add_terminal("SN2")
		self.sync(self.device)
		self.sim.store.delete_terminal("SN1")
		self.an_hour_passes()
		self.sync(self.device)
		self.assertEqual(self.rows()["SN1"].status, Status.GONE)
		frappe.db.set_value(TERMINAL, {"serial_number": "SN1"}, "last_named", lately(1))
		frappe.db.commit()
		self.sim.store.punch("1", lately(0.1), terminal_sn="SN1")
		self.sync(self.device)
		self.an_hour_passes()
		self.sync(self.device)
		self.assertEqual((self.rows()["SN1"].status, self.rows()["SN1"].last_named), (Status.UNKNOWN, None))

	def test_a_server_that_shows_no_terminal_any_more_makes_none_of_them_gone(self):
		self.sync(self.device)
		frappe.db.set_value(TERMINAL, {"serial_number": "SN1"}, "watch", 0)
		frappe.db.commit()
		before = self.rows()
		self.sim.faults.add(faults.rows(lambda rows: []), path=LIST, times=None)
		self.an_hour_passes()
		self.sync(self.device)
		self.assertEqual((self.asked(), self.rows()), (2, before))

	def test_a_refresh_beside_a_sync_takes_no_newer_punch_back(self):
		self.sync(self.device)
		site, newer = frappe.local.site, lately(0.1)

		def beside() -> bool:
			with ThreadPoolExecutor(1) as another:
				another.submit(elsewhere, site, _punched, self.device.name, newer).result()
			return True

		old = Punch(1, "1", lately(5), "0", terminal_sn="SN1")
		clocks = wall_clocks(self.device.time_zone)
		remember(Look(self.device.name, datetime.now(timezone.utc), clocks, newest={"SN1": old}), beside)
		frappe.db.commit()
		self.assertEqual(self.rows()["SN1"].last_punch, newer)

	def test_a_clock_that_is_wrong_is_told_beside_the_terminal(self):
		self.sync(self.device)
		moments = [utc_now() - timedelta(minutes=5 * number) for number in range(8, 0, -1)]
		here = lately(0) - utc_now()
		samples = tuple((at, at + here + timedelta(minutes=12)) for at in moments)
		lead = {utc_now().date().isoformat(): -300.0}
		watch = ClockWatch({"SN1": WatchedTerminal("Gate", samples)}, lead)
		frappe.db.set_value(SETTINGS, self.device.name, "clock_watch", watch.as_json())
		frappe.db.commit()
		self.refresh()
		row = self.rows()["SN1"]
		self.assertEqual(row.clock, Clock.AHEAD)
		self.assertAlmostEqual(row.clock_offset, 720, delta=2)


class TestNeverInTheWay(TerminalsTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.sim.store.punch("1", lately(1), terminal_sn="SN1")

	def assert_synced(self) -> None:
		self.assertEqual((self.device.status, self.device.last_error), ("Success", None))
		self.assertEqual(len(self.check_ins()), 1)
		self.assertIsNotNone(self.rows()["SN1"].last_punch, "from its punches")

	def test_a_failing_list_leaves_the_sync_as_it_was_and_is_asked_once(self):
		for fault in (
			faults.status(500),
			faults.html_error(),
			faults.reset(),
			faults.wrong_shape({"data": "none"}),
		):
			self.sim.faults.add(fault, path=LIST, times=None)
			self.an_hour_passes()
			self.sim.log.clear()
			self.sync(self.device)
			self.assert_synced()
			self.assertEqual(self.asked(), 1, "without repeats")
			self.assertLessEqual(self.seconds_to_wait(), AN_HOUR)
			self.sim.faults.clear()
		self.assertEqual(self.error_logs("ZKTeco Sync"), [])

	def test_a_server_without_the_list_is_left_alone_for_a_day(self):
		for fault in (faults.status(404, body="{}"), faults.licence_missing(), faults.html_not_found()):
			self.sim.faults.add(fault, path=LIST, times=None)
			self.an_hour_passes()
			self.sim.log.clear()
			self.sync(self.device)
			asked = self.asked()
			self.assertIn(asked, (1, 2), "again with a fresh token, at most")
			self.sync(self.device)
			self.assertEqual(self.asked(), asked)
			self.assert_synced()
			self.assertTrue(AN_HOUR < self.seconds_to_wait() <= A_DAY)
			self.sim.faults.clear()
		self.assertEqual(self.error_logs("ZKTeco Sync"), [])

	def test_a_device_that_fails_is_not_asked_for_its_terminals_too(self):
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		self.sync(self.device)
		self.assertEqual((self.device.status, self.asked()), ("Failed", 0))

	def test_an_error_of_ours_is_reported_and_leaves_the_sync_as_it_was(self):
		with patch("zkteco_biometric.frappe_hr.terminal_rows.changed_rows", side_effect=ZeroDivisionError):
			self.sync(self.device)
		self.assertEqual((self.device.status, len(self.check_ins())), ("Success", 1))
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn("Terminals:", entry)

	def test_a_device_that_is_deleted_meanwhile_leaves_no_terminals(self):
		site, name = frappe.local.site, self.device.name
		self.sync(self.device)
		self.sim.faults.add(
			faults.rows(lambda rows: (elsewhere(site, delete_device, name), rows)[1]), path=LIST
		)
		self.refresh()
		frappe.db.rollback()  # what the other connection has committed is seen
		self.assertEqual(frappe.db.count(TERMINAL), 0)


class TestRefreshedByHand(TerminalsTestCase):
	def test_it_tells_what_there_is(self):
		self.sim.store.add_terminal("SN2")
		self.sim.store.change_terminal("SN2", state="3")
		counts = {"ok": True, "terminals": 2, "online": 1, "offline": 1, "gone": 0}
		self.assertEqual(self.refresh(), {**counts, "new": 2})
		self.assertEqual(self.refresh(), {**counts, "new": 0}, "a person need not wait for an hour")
		self.sim.store.delete_terminal("SN1")
		self.assertEqual(self.refresh(), {**counts, "online": 0, "gone": 1, "new": 0})

	def test_a_device_in_trouble_says_what_to_do(self):
		for fault, expected in (
			(faults.status(500), "status 500"),
			(faults.licence_missing(), "does not show its terminals"),
			(faults.html_error(), "error page"),
		):
			self.sim.faults.add(fault, path=LIST, times=None)
			answer = self.refresh()
			self.assertFalse(answer["ok"])
			self.assertIn(expected, answer["message"])
			self.assertTrue(answer["remedy"].endswith("."))
			self.sim.faults.clear()

	def test_a_server_that_shows_no_terminal_any_more_is_told_with_what_to_do(self):
		self.sim.store.delete_terminal("SN1")
		nothing = {"ok": True, "terminals": 0, "online": 0, "offline": 0, "gone": 0, "new": 0}
		self.assertEqual(self.refresh(), nothing, "it never showed one")
		self.sim.store.add_terminal("SN1")
		self.refresh()
		self.sim.store.delete_terminal("SN1")
		answer = self.refresh()
		self.assertEqual((answer["ok"], self.rows()["SN1"].status), (False, Status.ONLINE))
		self.assertIn("no terminal any more", answer["message"])
		self.assertIn("Refresh again", answer["remedy"])

	def test_a_log_in_that_was_rejected_is_tried_once(self):
		self.device.password = "wrong"
		self.device.save()
		frappe.db.commit()
		self.assertFalse(self.refresh()["ok"])
		self.assertEqual(frappe.db.get_value(SETTINGS, self.device.name, "login_rejected"), 1)
		log_ins = self.sim.log.count("/jwt-api-token-auth/")
		answer = self.refresh()
		self.assertEqual((answer["ok"], self.sim.log.count("/jwt-api-token-auth/")), (False, log_ins))
		self.assertNotIn("wrong", str(answer))

	def test_weird_serial_numbers_and_names_are_shown_harmlessly(self):
		weird = [
			"<script>alert(1)</script>",
			"9" * 200,
			"9" * 200 + "x",
			"abc",
			"ABC",
			"über 🚪",
			"a'; drop",
			"%s",
		]
		for sn in weird:
			self.sim.store.add_terminal(sn, alias="<b>Gate</b>")
		self.assertEqual(self.refresh()["new"], len(weird) + 1)
		self.assertEqual(self.refresh()["new"], 0)
		shown = frappe.get_all(TERMINAL, fields=["title", "serial_number", "alias"], order_by="name")
		self.assertFalse([one for one in shown if "<" in "".join(one.values())])
		self.assertEqual(len(shown), len(weird) + 1)


class TestWhatHappensToTheDevice(TerminalsTestCase):
	def test_its_terminals_go_with_it_and_do_not_keep_it(self):
		self.refresh()
		frappe.delete_doc(SETTINGS, self.device.name)
		self.assertEqual(frappe.db.count(TERMINAL), 0)

	def test_a_renamed_device_keeps_its_terminals_and_another_may_take_its_name(self):
		self.refresh()
		row = frappe.get_doc(TERMINAL, {"device": self.device.name})
		renamed = rename_doc(SETTINGS, self.device.name, "ZKTeco Test Renamed")
		self.assertEqual(frappe.db.get_value(TERMINAL, row.name, "device"), renamed)
		self.make_device()
		self.refresh()
		terminals_api.refresh(renamed)
		self.assertEqual(
			[one.device for one in terminals_of([renamed, self.device.name])], [self.device.name, renamed]
		)

	def test_two_devices_that_know_the_same_terminal_can_be_merged(self):
		self.refresh()
		other = self.make_device("ZKTeco Test Other")
		terminals_api.refresh(other.name)
		rename_doc(SETTINGS, other.name, self.device.name, merge=True)
		self.assertEqual([row.device for row in terminals_of([self.device.name])], [self.device.name])
		self.assertEqual(frappe.db.count(TERMINAL), 1)


class TestWhoMay(WithUsers, TerminalsTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.refresh()
		frappe.db.commit()
		self.row = frappe.get_doc(TERMINAL, {"device": self.device.name})

	def test_who_may_configure_refreshes_and_nobody_else(self):
		self.sim.log.clear()
		allowed = set()
		for role, user in self.users.items():
			with acting_as(user):
				if not refuses(terminals_api.refresh, self.device.name):
					allowed.add(role)
		self.assertEqual((allowed, self.asked()), (MASTERS, len(MASTERS)))

	def test_each_role_may_what_the_table_says_and_no_more(self):
		may = {"read": READERS, "write": MASTERS, "delete": MASTERS, "create": set(), "import": set()}
		for permission, roles in may.items():
			for role, user in self.users.items():
				allowed = frappe.has_permission(TERMINAL, permission, doc=self.row, user=user)
				self.assertEqual(bool(allowed), role in roles, f"{role} {permission}")

	def test_a_person_changes_whether_to_watch_and_nothing_else(self):
		path = f"/api/resource/{TERMINAL}/{self.row.name}"
		for role, user in self.users.items():
			answer = request(user, "PUT", path, watch=0, status="Gone", alias="<b>", serial_key="x")
			self.assertEqual(answer.status_code, 200 if role in MASTERS else 403, role)
		(row,) = terminals_of([self.device.name])
		self.assertEqual((row.watch, row.status, row.alias), (False, Status.ONLINE, "Gate"))
		self.refresh()
		self.assertFalse(terminals_of([self.device.name])[0].watch)

	def test_a_form_that_was_opened_before_a_refresh_can_be_saved_and_brings_nothing_back(self):
		form = frappe.get_doc(TERMINAL, self.row.name)
		self.sim.store.change_terminal("SN1", state="3")
		self.refresh()
		form.watch = 0
		form.save()
		(row,) = terminals_of([self.device.name])
		self.assertEqual((row.watch, row.status), (False, Status.OFFLINE))

	def test_a_person_deletes_one_and_a_refresh_brings_back_what_is_there(self):
		with acting_as(self.users["HR Manager"]):
			frappe.delete_doc(TERMINAL, self.row.name)
		self.assertEqual(self.refresh()["new"], 1)
