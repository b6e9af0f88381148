"""How a pass works: its jobs, its statements, its requests, its transactions, and where secrets are not."""

from collections.abc import Callable
from threading import Lock, Thread
from unittest.mock import patch

import frappe
import requests
from frappe.utils.background_jobs import get_job
from frappe.utils.password import get_decrypted_password
from rq.job import JobStatus

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_lock import control_lock
from zkteco_biometric.frappe_hr.device_user_candidates import find_candidates
from zkteco_biometric.frappe_hr.device_user_facts import control_rules
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS, job_id
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE, enqueue_control
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import AT_HOME, ControlTestCase, control_jobs
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs
from zkteco_biometric.tests.leaks import leaks
from zkteco_biometric.tests.support import elsewhere, lately, statements
from zkteco_biometric.user_control import control_device_users, sweep

CROWD = tuple(str(number) for number in range(1, 101))


class TestTheSweep(ControlTestCase):
	def test_controlled_devices_and_those_that_hold_somebody_get_a_job(self) -> None:
		self.make_controlled("ZKTeco Test A")
		self.make_device("ZKTeco Test B")
		self.make_controlled("ZKTeco Test C", enable=0)
		held = self.make_controlled("ZKTeco Test D")
		self.out(held)
		frappe.db.set_value(SETTINGS, held.name, "enable", 0)
		forget_jobs()
		self.assertEqual(sweep(), ["ZKTeco Test A", "ZKTeco Test D"])
		self.assertEqual(control_jobs(), ["ZKTeco Test A", "ZKTeco Test D"])

	def test_a_job_that_waits_is_enough(self) -> None:
		device = self.make_controlled()
		for _ in range(3):
			sweep()
			frappe.db.commit()
		(job,) = waiting_jobs(CONTROL_QUEUE)
		self.assertEqual(job.id, f"{frappe.local.site}::{job_id('control', device.name)}")

	def test_beside_one_that_runs_one_more_waits(self) -> None:
		device = self.make_controlled()
		self.assertTrue(enqueue_control(device.name))
		frappe.db.commit()
		get_job(job_id("control", device.name)).set_status(JobStatus.STARTED)
		self.assertTrue(enqueue_control(device.name))
		frappe.db.commit()
		self.assertFalse(enqueue_control(device.name))
		frappe.db.commit()
		ids = [job.id.partition("::")[2] for job in waiting_jobs(CONTROL_QUEUE)]
		self.assertEqual(set(ids), {job_id("control", device.name), job_id("control_next", device.name)})

	def test_a_pass_goes_ahead_of_other_jobs_and_waits_for_no_long_one(self) -> None:
		device = self.make_controlled()
		frappe.enqueue("frappe.ping", queue=CONTROL_QUEUE)
		frappe.enqueue("frappe.ping", queue="long")
		enqueue_control(device.name)
		frappe.db.commit()
		(pass_, other) = [job.kwargs["method"] for job in waiting_jobs(CONTROL_QUEUE)]
		self.assertIn("control_device_users", str(pass_))
		self.assertEqual(str(other), "frappe.ping")
		self.assertEqual(len(waiting_jobs("long")), 1)

	def test_one_pass_of_a_device_at_a_time(self) -> None:
		device = self.make_controlled()
		self.check_in("1", lately(0.5), "OUT")
		with control_lock(device.name) as ours:
			self.assertTrue(ours)
			others = []
			site = frappe.local.site
			thread = Thread(target=lambda: others.append(elsewhere(site, control_device_users, device.name)))
			thread.start()
			thread.join()
		self.assertEqual((others, self.sim.log.entries), ([None], []))

	def test_a_sync_goes_on_beside_a_pass(self) -> None:
		device = self.make_controlled()
		self.punch("1", lately(0.5), "1")
		with control_lock(device.name):
			site = frappe.local.site
			created = []
			thread = Thread(target=lambda: created.append(elsewhere(site, _sync, device.name)))
			thread.start()
			thread.join()
		self.assertEqual(created, [1])


class TestWhatItCosts(ControlTestCase):
	CODES = CROWD
	CROWD = True

	def check_in_all(self, codes: tuple[str, ...], hours: float, log_type: str = "OUT") -> None:
		for code in codes:
			self.check_in(code, lately(hours), log_type)

	def cost_of(self, do: Callable[[], object]) -> int:
		frappe.db.commit()
		with statements() as sent:
			do()
		return len(sent)

	def candidates(self, device) -> int:
		clocks, rules, now = wall_clocks(None), control_rules(), utc_now()
		return len(find_candidates(device, clocks, rules, now).candidates)

	def test_finding_candidates_costs_the_same_for_one_and_for_a_hundred(self) -> None:
		device = self.make_controlled()
		costs = []
		for codes in (CROWD[:1], CROWD):
			frappe.db.delete(CHECK_IN, {"employee": ("in", list(self.employees.values()))})
			self.check_in_all(codes, 0.5)
			costs.append(self.cost_of(lambda: self.candidates(device)))
			self.assertEqual(self.candidates(device), len(codes))
		self.assertEqual(costs[0], costs[1])
		self.assertLessEqual(costs[0], 16)

	def test_a_hundred_are_disabled_by_few_requests_and_nothing_to_do_costs_little(self) -> None:
		device = self.make_controlled()
		self.check_in_all(CROWD, 0.5)
		most = self.requests_at_once(lambda: self.control(device))
		self.assertEqual(frappe.db.count(DEVICE_USER, {"status": "Disabled", "outcome": "Confirmed"}), 100)
		self.assertEqual(self.moves(), 100)
		self.assertLessEqual(most, 4)
		self.assertGreater(most, 1)
		self.assertLessEqual(len(self.sim.log.entries), 4 * 100 + 10)
		self.sim.log.clear()
		costs = [self.cost_of(lambda: control_device_users(device.name)) for _ in range(2)]
		self.assertEqual(self.sim.log.entries, [], "nobody's time has come")
		self.assertEqual(costs[0], costs[1])
		self.assertLessEqual(costs[0], 40)
		self.check_in_all(CROWD, 0.25, "IN")
		self.control(device)
		self.assertEqual({tuple(self.areas(code)) for code in CROWD}, {tuple(AT_HOME)})

	def test_the_sweep_itself_costs_few_statements(self) -> None:
		self.make_controlled()
		self.assertLessEqual(self.cost_of(sweep), 7)

	def requests_at_once(self, do: Callable[[], object]) -> int:
		"""The most that the server had to answer at the same time."""
		lock, counts = Lock(), {"now": 0, "most": 0}
		short = faults.delay(0.002)

		def count(request, answer):
			with lock:
				counts["now"] += 1
				counts["most"] = max(counts["most"], counts["now"])
			try:
				return short(request, answer)
			finally:
				with lock:
					counts["now"] -= 1

		self.sim.faults.add(count, path="/personnel/", times=None)
		do()
		self.sim.faults.clear()
		return counts["most"]


class TestTransactionsAndSecrets(ControlTestCase):
	CODES = ("1", "2", "3", "4", "5", "6")

	def test_no_transaction_is_open_during_http(self) -> None:
		device = self.make_controlled()
		for step in ("OUT", "IN"):
			for code in self.CODES:
				self.check_in(code, lately(0.5 if step == "OUT" else 0.25), step)
			with watched_connection() as fresh:
				control_device_users(device.name)
			self.assertEqual(set(fresh), {True}, step)
			self.assertGreaterEqual(len(fresh), 4 * len(self.CODES), "looked, moved, looked again, told")
		self.assert_at_home(*self.CODES)

	def test_nobody_waits_for_a_row_of_a_pass_that_waits_for_the_server(self) -> None:
		device = self.make_controlled()
		site, changed = frappe.local.site, []

		def save(request, answer):
			changed.append(elsewhere(site, _save_device_and_employee, device.name, self.employees["1"]))
			return answer(request)

		self.sim.faults.add(save, path="adjust_area")
		self.out(device)
		self.assertEqual(changed, [True])

	def test_neither_passwords_of_devices_nor_of_people_nor_tokens_are_anywhere(self) -> None:
		secret = f"Device-{frappe.generate_hash(length=20)}"
		for code in self.CODES:
			self.sim.store.change_person(self.sim.store.person_by_code(code).id, device_password=secret)
		device = self.make_controlled()
		for code in self.CODES:
			self.check_in(code, lately(0.5), "OUT")
		self.control(device)
		self.assert_disabled(*self.CODES)
		token = get_decrypted_password(SETTINGS, device.name, "token")
		for fault in (
			faults.status(500, body=frappe.as_json({"token": token, "device_password": secret})),
			faults.wrong_shape({"device_password": secret, "token": token}),
			faults.status(400, body=frappe.as_json({"detail": f"JWT {token}"})),
		):
			self.sim.faults.clear()
			self.sim.faults.add(fault, path="/personnel/", times=None)
			self.check_in("1", lately(0.4), "IN")
			self.control(device)
			frappe.db.delete(CHECK_IN, {"employee": self.employees["1"], "log_type": "IN"})
			self.let_hours_pass(0.1)
		with patch("zkteco_biometric.device_users.run.conclude", side_effect=KeyError("power cut")):
			self.sim.faults.clear()
			self.check_in("2", lately(0.1), "IN")
			self.control(device)
		self.assertEqual(leaks({secret, token}), [])


class watched_connection:
	"""For each request, in whichever thread: whether the connection of this one has no snapshot then."""

	def __enter__(self) -> list[bool]:
		self._found: list[bool] = []
		self._lock, self._site = Lock(), frappe.local.site
		self._connection = frappe.local.db._conn
		original, look = requests.Session.request, self._look

		def request(session, *args, **kwargs):
			look()
			return original(session, *args, **kwargs)

		self._patch = patch.object(requests.Session, "request", request)
		self._patch.start()
		return self._found

	def __exit__(self, *_error: object) -> None:
		self._patch.stop()

	def _look(self) -> None:
		"""It sees what another connection has committed just now."""
		with self._lock:
			value = frappe.generate_hash()
			other = Thread(target=lambda: elsewhere(self._site, _set_global, value))
			other.start()
			other.join()
			with self._connection.cursor() as cursor:
				cursor.execute("select defvalue from tabDefaultValue where defkey = 'zkteco_test'")
				self._found.append(cursor.fetchall()[0][0] == value)
			self._connection.rollback()


def _set_global(value: str) -> None:
	frappe.db.set_global("zkteco_test", value)
	frappe.db.commit()


def _sync(device: str) -> int:
	from zkteco_biometric.sync import sync_device

	return sync_device(device).counters.created


def _save_device_and_employee(device: str, employee: str) -> bool:
	"""As somebody with the forms open does."""
	frappe.db.sql("set innodb_lock_wait_timeout = 1")
	settings = frappe.get_doc(SETTINGS, device)
	settings.look_back += 1
	settings.save()
	frappe.db.set_value("Employee", employee, "bio", "x")
	frappe.db.commit()
	return True
