"""Test Connection: what a person reads, and that asking changes nothing."""

from datetime import timedelta

import frappe

from zkteco_biometric.api import test_connection as ask
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS
from zkteco_biometric.frappe_hr.schedule import due_devices
from zkteco_biometric.simulator import Simulator, Variant, faults
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, days_ago

MAY_CHANGE = {
	"token",
	"token_kind",
	"token_expires",
	"status",
	"last_error",
	"last_remedy",
	"failures",
	"login_rejected",
}


class TestConnection(DeviceTestCase):
	CODES = ("1",)

	def simulate(self, **habits) -> None:
		"""Another server at the same place in the test."""
		self.sim.stop()
		self.sim = Simulator(password=PASSWORD, **habits)
		self.sim.start()
		self.addCleanup(self.sim.stop)

	def test_a_good_device_is_told_in_plain_words(self):
		device = self.make_device()
		for minute in range(1234):
			self.sim.store.punch("1", days_ago(1) + timedelta(minutes=minute))
		answer = ask(device.name)
		self.assertEqual(
			[line["text"] for line in answer["lines"]],
			[
				f"{self.sim.url} can be reached.",
				"The log-in works (JWT).",
				"The licence includes the API.",
				"The server's clock agrees with this site's.",
				"The server holds 1,234 punches.",
			],
		)
		self.assertTrue(all(line["ok"] for line in answer["lines"]))
		self.assertEqual((answer["ok"], answer["remedy"]), (True, ""))

	def test_it_asks_for_no_more_than_one_punch(self):
		device = self.make_device()
		ask(device.name)
		asked = [(entry.method, entry.path) for entry in self.sim.log.entries]
		self.assertEqual(asked, [("POST", "/jwt-api-token-auth/"), ("GET", "/iclock/api/transactions/")])
		self.assertEqual(self.sim.log.entries[1].query["page_size"], "1")

	def test_nothing_stored_changes_but_the_token_and_the_state(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		frappe.db.set_value(SETTINGS, device.name, "checkpoint", None)
		before = _stored(device)
		ask(device.name)
		after = _stored(device)
		self.assertEqual({name for name in after if after[name] != before[name]} - MAY_CHANGE, set())
		self.assertEqual(after["token"], "********")
		self.assertEqual(frappe.db.count(CHECK_IN, {"employee": self.employees["1"]}), 0)

	def test_the_token_of_a_test_serves_the_next_sync(self):
		device = self.make_device()
		ask(device.name)
		self.sync(device)
		self.assertEqual(self.sim.log.count("/jwt-api-token-auth/"), 1)

	def test_a_wrong_password_is_tried_once_and_keeps_the_scheduler_away(self):
		device = self.make_device(password="wrong")
		self.sim.lock_after = 2
		answer = ask(device.name)
		self.assertFalse(answer["ok"])
		(line,) = answer["lines"]
		self.assertFalse(line["ok"])
		self.assertIn("The log-in was rejected.", line["text"])
		self.assertIn("Unable to log in with provided credentials.", line["text"])
		self.assertIn("password", answer["remedy"])
		self.assertEqual(len(self.sim.log.entries), 1, "the vendor locks accounts")
		device.reload()
		self.assertEqual((device.status, device.login_rejected), ("Log-in Rejected", 1))
		self.assertEqual(due_devices(frappe.utils.now_datetime() + timedelta(days=400)), [])

	def test_a_good_test_clears_an_earlier_rejection(self):
		device = self.make_device(password="another")
		ask(device.name)
		self.sim.change_password("another")
		self.assertTrue(ask(device.name)["ok"])
		device.reload()
		self.assertEqual((device.status, device.login_rejected, device.failures), ("Not Synced", 0, 0))
		self.assertIsNone(device.last_error)
		self.assertEqual(due_devices(frappe.utils.now_datetime()), [device.name])

	def test_a_good_test_after_a_good_sync_leaves_its_outcome_on_the_form(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		ask(device.name)
		device.reload()
		self.assertEqual((device.status, device.last_created), ("Success", 1))

	def test_a_server_with_the_general_token_only_is_understood(self):
		for missing_as in ("json404", "html"):
			self.simulate(variant=Variant(jwt=False, jwt_missing_as=missing_as))
			device = self.make_device(f"ZKTeco Test {missing_as}")
			answer = ask(device.name)
			self.assertTrue(answer["ok"], answer)
			self.assertEqual(answer["lines"][1]["text"], "The log-in works (general token).")

	def test_a_licence_without_the_api_is_named(self):
		self.simulate(variant=Variant(licence=False))
		device = self.make_device()
		answer = ask(device.name)
		self.assertEqual([line["ok"] for line in answer["lines"]], [True, True, False])
		self.assertIn("The server refuses the API.", answer["lines"][2]["text"])
		self.assertIn("licence", answer["remedy"])
		device.reload()
		self.assertEqual(device.login_rejected, 0, "the log-in did work")

	def test_a_clock_that_is_off_is_told_with_its_minutes(self):
		for minutes, told in ((15, "15 minutes ahead of"), (-15, "15 minutes behind")):
			self.simulate(clock=lambda minutes=minutes: utc_now() + timedelta(minutes=minutes))
			answer = ask(self.make_device(f"ZKTeco Test {minutes}").name)
			self.assertFalse(answer["ok"])
			(line,) = [line for line in answer["lines"] if not line["ok"]]
			self.assertEqual(line["text"], f"The server's clock is {told} this site's.")
			self.assertIn("NTP", answer["remedy"])
			self.assertIn("punches", answer["lines"][-1]["text"], "the other answers stand beside it")

	def test_a_server_that_is_off_cannot_be_reached(self):
		device = self.make_device()
		self.sim.stop()
		answer = ask(device.name)
		self.assertEqual([line["ok"] for line in answer["lines"]], [False])
		self.assertTrue(answer["lines"][0]["text"].startswith("The server cannot be reached."), answer)
		self.assertIn("firewall", answer["remedy"])

	def test_what_is_no_biotime_server_is_told(self):
		device = self.make_device()
		for fault, word in (
			(faults.login_page(), "URL"),
			(faults.html_not_found(), "URL"),
			(faults.redirect("http://192.0.2.1/elsewhere"), "redirects"),
			(faults.not_json(), None),
			(faults.html_error(), "BioTime"),
			(faults.status(502), "BioTime"),
			(faults.reset(), None),
			(faults.truncate(), None),
		):
			self.sim.faults.clear()
			self.sim.faults.add(fault, times=None)
			answer = ask(device.name)
			self.assertFalse(answer["ok"], word)
			self.assertTrue(answer["lines"][-1]["text"])
			self.assertIn(word or "", answer["remedy"])
			self.assertTrue(answer["remedy"].endswith("."), answer)
			device.reload()
			self.assertEqual(device.login_rejected, 0, answer)

	def test_a_redirect_never_gets_the_password(self):
		other = Simulator()
		other.start()
		self.addCleanup(other.stop)
		device = self.make_device()
		self.sim.faults.add(faults.redirect(f"{other.url}/jwt-api-token-auth/"), times=None)
		self.assertFalse(ask(device.name)["ok"])
		self.assertEqual(other.log.entries, [])

	def test_a_ca_file_that_is_gone_is_told(self):
		device = self.make_device(url="https://127.0.0.1:9")
		frappe.db.set_value(SETTINGS, device.name, "ca_file", "/private/files/gone.pem")
		answer = ask(device.name)
		self.assertFalse(answer["ok"])
		self.assertIn("/private/files/gone.pem", answer["lines"][0]["text"])
		self.assertIn("Attach the CA file again", answer["remedy"])

	def test_an_unreadable_punch_does_not_disturb(self):
		device = self.make_device()
		self.sim.faults.add(faults.rows(lambda rows: [1, *rows]), path="transactions")
		self.assertTrue(ask(device.name)["ok"], "an unreadable row is the sync's to tell")

	def test_a_disabled_device_can_be_tested(self):
		self.assertTrue(ask(self.make_device(enable=0).name)["ok"])


def _stored(device) -> dict:
	(row,) = frappe.db.sql(f"select * from `tab{SETTINGS}` where name = %s", device.name, as_dict=True)
	return row
