"""bench --site SITE zkteco-doctor, as a person or a script runs it."""

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.heartbeat import OUR_TICK
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.commands import CommandTestCase
from zkteco_biometric.tests.jobs import running_worker
from zkteco_biometric.tests.support import lately

_NO_REDIS = "redis://127.0.0.1:1"
_ALL_QUEUES = "long,default,short"


class TestDoctorCommand(CommandTestCase):
	COMMAND = "zkteco-doctor"
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		before = frappe.db.get_single_value("System Settings", "enable_scheduler")
		self.addCleanup(self.switch_scheduler, before)
		self.switch_scheduler(1)
		frappe.db.set_value("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", now_datetime())

	def switch_scheduler(self, on: int) -> None:
		frappe.db.set_single_value("System Settings", "enable_scheduler", on)
		frappe.db.commit()

	def failures(self, told: dict) -> list[str]:
		return [one["text"] for one in told["findings"] if one["level"] in ("failure", "passing")]

	def test_a_site_on_which_everything_is_well_ends_with_0(self) -> None:
		device = self.make_device()
		self.sim.store.punch("1", lately(1))
		self.sync(device)
		with running_worker(_ALL_QUEUES):
			done = self.bench()
			told = self.json()
		self.assertEqual(done.returncode, 0, done.stdout)
		self.assertEqual((told["ok"], self.failures(told)), (True, []))
		for area in (
			"Scheduler",
			"Queue and workers",
			"Site",
			"Permissions",
			f"Device {device.name}",
			"Employees",
		):
			self.assertIn(f"{area}\n", done.stdout)
		self.assertIn("✓ The licence includes the API.", done.stdout)
		self.assertRegex(done.stdout, r"\d+ fine, \d+ warnings?, 0 problems\.")
		for one in told["findings"]:
			self.assertEqual(bool(one["remedy"]), one["level"] != "ok", one)
			self.assertTrue(one["text"] and one["area"], one)

	def test_a_queue_that_is_down_is_told_and_everything_else_is_checked(self) -> None:
		self.make_device()
		told = self.json(ends_with=2, FRAPPE_REDIS_QUEUE=_NO_REDIS)
		self.assertEqual(
			self.failures(told),
			["The queue (Redis) cannot be reached: nothing is synced by itself, nor by Sync Now."],
		)
		self.assertIn("The licence includes the API.", [one["text"] for one in told["findings"]])

	def test_a_cache_that_is_down_is_a_warning(self) -> None:
		self.make_device()
		with running_worker(_ALL_QUEUES):
			told = self.json("--no-device", FRAPPE_REDIS_CACHE=_NO_REDIS)
		self.assertIn("Redis for the cache cannot be reached.", [one["text"] for one in told["findings"]])

	def test_without_workers_and_scheduler_it_says_how_to_start_them(self) -> None:
		self.make_device()
		self.switch_scheduler(0)
		done = self.bench("--no-device")
		self.assertEqual(done.returncode, 2)
		self.assertIn("✗ No worker takes jobs of the queue long (syncs and imports).", done.stdout)
		self.assertIn(f"What to do: bench --site {frappe.local.site} enable-scheduler", done.stdout)

	def test_no_device_is_asked_where_that_is_not_wanted(self) -> None:
		device = self.make_device()
		asked = len(self.sim.log.entries)
		self.bench("--no-device")
		self.assertEqual(len(self.sim.log.entries), asked)
		self.bench("--device", device.name)
		self.assertGreater(len(self.sim.log.entries), asked)

	def test_a_device_that_is_off_ends_with_3_and_one_without_licence_with_2(self) -> None:
		device = self.make_device()
		with running_worker(_ALL_QUEUES):
			self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
			told = self.json(ends_with=2)
			self.assertTrue(self.failures(told)[0].startswith("The server refuses the API."))
			self.sim.stop()
			self.sync(device)
			told = self.json(ends_with=3)
		self.assertEqual(
			{one["level"] for one in told["findings"] if one["level"] != "warning"}, {"ok", "passing"}
		)
		self.assertIn("Its last sync failed; it has never been synced", self.failures(told)[0])

	def test_a_rejected_log_in_is_told_without_trying_again(self) -> None:
		device = self.make_device(password="not-it")
		self.sync(device)
		done = self.bench()
		self.assertEqual((done.returncode, self.sim.rejected_logins), (2, 1))
		self.assertIn("It is not asked again", done.stdout)

	def test_a_password_that_cannot_be_decrypted(self) -> None:
		device = self.make_device()
		auth = frappe.qb.Table("__Auth")
		frappe.qb.update(auth).set(auth.password, "gAAAAABother").where(
			(auth.doctype == SETTINGS) & (auth.name == device.name) & (auth.fieldname == "password")
		).run()
		told = self.json(ends_with=2)
		self.assertIn(
			"Its password is missing, or cannot be decrypted by the site's encryption_key.",
			self.failures(told),
		)

	def test_no_device_and_an_unknown_one(self) -> None:
		told = self.json("--no-device", ends_with=2)
		self.assertIn(
			"No device is set up and enabled: nothing is synced.", [one["text"] for one in told["findings"]]
		)
		self.assertIn("There is no device 'Nowhere'", self.json("--device", "Nowhere", ends_with=2)["error"])
