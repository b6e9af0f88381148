"""Password and token are nowhere in plain text, whatever happens; see leaks.py for where this looks."""

from unittest.mock import patch

import frappe
import requests
from frappe.utils.background_jobs import execute_job, get_redis_conn
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.api import test_connection as ask
from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS
from zkteco_biometric.simulator import Simulator, Variant, faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.leaks import leaks
from zkteco_biometric.tests.people import WithUsers, request
from zkteco_biometric.tests.support import DeviceTestCase, days_ago, document_hook

TEST_CONNECTION = "/api/method/zkteco_biometric.api.test_connection"


class TestSecrets(WithUsers, DeviceTestCase):
	"""The secrets are new for every test, so that one which is found was leaked by it."""

	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.sim.stop()
		self.password = f"Pw-{frappe.generate_hash(length=20)}"
		self.sim = Simulator(password=self.password)
		self.sim.start()
		self.addCleanup(self.sim.stop)
		self.addCleanup(self.forget)
		self.secrets = {self.password}

	def forget(self) -> None:
		"""What was made on purpose in the search for a leak."""
		frappe.db.delete("Version", {"ref_doctype": SETTINGS})
		frappe.db.commit()

	def make_device(self, name: str = "ZKTeco Test Office", **values):
		return super().make_device(name, **{"password": self.password, **values})

	def remember(self, device: str) -> None:
		"""The token of now is a secret from here on."""
		token = get_decrypted_password(SETTINGS, device, "token", raise_exception=False)
		self.secrets |= {token} if token else set()

	def assert_no_leak(self) -> None:
		self.assertEqual(leaks(self.secrets), [])

	def test_the_search_would_find_a_leak(self):
		note = frappe.get_doc({"doctype": "ToDo", "description": f"It is {self.password}!"}).insert()
		self.addCleanup(frappe.db.delete, "ToDo", {"name": note.name})
		frappe.db.commit()
		frappe.enqueue("frappe.ping", queue="long", secret={"deep": self.password})
		found = leaks(self.secrets)
		self.assertIn("table tabToDo, column description", found)
		self.assertTrue([place for place in found if "redis key b'rq:job:" in place], found)

	def test_saving_and_the_token_that_is_fetched_then(self):
		device = self.make_device()
		self.assert_no_leak()
		said = work_off()
		self.remember(device.name)
		self.assertEqual(len(self.secrets), 2)
		self.assert_no_leak()
		self.assertFalse([secret for secret in self.secrets if secret in said])

	def test_a_good_sync_and_a_good_test(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.assertEqual(self.sync(device).counters.created, 1)
		self.remember(device.name)
		self.assertTrue(ask(device.name)["ok"])
		self.remember(device.name)
		self.assert_no_leak()

	def test_a_general_token(self):
		self.sim.variant = Variant(jwt=False)
		device = self.make_device()
		self.sync(device)
		self.remember(device.name)
		self.assert_no_leak()

	def test_a_rejected_log_in(self):
		wrong = f"Wrong-{frappe.generate_hash(length=20)}"
		device = self.make_device(password=wrong)
		self.secrets.add(wrong)
		work_off()
		sync_device(device.name)
		self.assertFalse(ask(device.name)["ok"])
		self.assert_no_leak()

	def test_a_server_that_repeats_what_it_was_sent(self):
		device = self.make_device()
		echo = {"non_field_errors": [f"admin/{self.password} is wrong"], "password": self.password}
		for code in (400, 401, 403, 500, 200):
			self.sim.faults.add(faults.status(code, body=frappe.as_json(echo)), path="token-auth", times=None)
			sync_device(device.name)
			answer = ask(device.name)
			self.sim.faults.clear()
			self.assertNotIn(self.password, frappe.as_json(answer), code)
		frappe.db.commit()
		self.assert_no_leak()

	def test_a_crash_within_a_sync(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sim.store.punch("2", days_ago(1))
		with document_hook("validate", f"{__name__}.break_down"):
			self.assertIsNone(sync_device(device.name))
		self.remember(device.name)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		self.assert_no_leak()

	def test_a_crash_while_the_token_is_fetched(self):
		device = self.make_device()
		method = "zkteco_biometric.sync.fetch_token"
		with _broken_network():
			execute_job(frappe.local.site, method, None, method, {"device": device.name}, is_async=False)
		frappe.db.commit()
		self.assert_no_leak()
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		device.reload()
		self.assertEqual(device.status, "Failed")

	def test_a_crash_while_the_connection_is_tested(self):
		device = self.make_device()
		with _broken_network():
			answer = request(self.users["HR Manager"], "POST", TEST_CONNECTION, device=device.name)
		_insert_deferred_error_logs()
		self.assert_no_leak()
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		self.assertIn("Error Log", answer.json["message"]["remedy"])

	def test_changes_that_are_written_down_as_versions(self):
		device = self.make_device()
		self.sync(device)
		self.remember(device.name)
		second = f"Second-{frappe.generate_hash(length=20)}"
		self.secrets.add(second)
		self.sim.change_password(second)
		for values in (
			{"look_back": 30},
			{"password": second},
			{"username": "other"},
			{"url": f"{self.sim.url}/x"},
		):
			device.reload()
			device.update(values)
			device.save(ignore_version=False)
			self.sync(device)
			self.remember(device.name)
		self.assertGreater(frappe.db.count("Version", {"ref_doctype": SETTINGS, "docname": device.name}), 2)
		frappe.db.commit()
		self.assert_no_leak()

	def test_renaming_copying_commenting_and_deleting(self):
		device = self.make_device()
		self.sync(device)
		self.remember(device.name)
		frappe.rename_doc(SETTINGS, device.name, "ZKTeco Test Moved")
		device = frappe.get_doc(SETTINGS, "ZKTeco Test Moved")
		device.add_comment("Comment", "Hello")
		copied = frappe.copy_doc(device)
		copied.update({"device_name": "ZKTeco Test Copy", "password": self.password})
		copied.insert()
		frappe.delete_doc(SETTINGS, copied.name)
		frappe.delete_doc(SETTINGS, device.name)
		self.addCleanup(frappe.db.delete, "Deleted Document", {"deleted_doctype": SETTINGS})
		frappe.db.commit()
		self.assert_no_leak()

	def test_a_deleted_device_leaves_not_even_an_encrypted_secret(self):
		device = self.make_device()
		self.sync(device)
		frappe.delete_doc(SETTINGS, device.name)
		for fieldname in ("password", "token"):
			self.assertIsNone(
				get_decrypted_password(SETTINGS, device.name, fieldname, raise_exception=False), fieldname
			)

	def test_a_url_with_a_password_in_it_is_refused_without_repeating_it(self):
		with self.assertRaises(frappe.ValidationError) as caught:
			self.make_device(url=f"http://admin:{self.password}@192.0.2.10")
		self.assertNotIn(self.password, str(caught.exception))
		self.assertNotIn(self.password, frappe.as_json(frappe.get_message_log()))
		frappe.clear_messages()
		self.assert_no_leak()

	def test_what_is_published_to_browsers(self):
		listener = get_redis_conn().pubsub()
		listener.subscribe("events")
		self.addCleanup(listener.close)
		device = self.make_device()
		self.sync(device)
		self.remember(device.name)
		device.save()
		frappe.db.commit()
		heard = []
		while message := listener.get_message(timeout=0.2):
			heard.append(str(message["data"]))
		self.assertGreater(len(heard), 1)
		self.assertFalse([text for text in heard if any(secret in text for secret in self.secrets)])


class _BrokenPipe(Exception):
	"""No error that anybody expects."""


def _broken_network():
	def request(_session, *_args, **_kwargs):
		raise _BrokenPipe("BrokenPipe of the test")

	return patch.object(requests.Session, "request", request)


def _insert_deferred_error_logs() -> None:
	"""What a failed request leaves in Redis, a scheduled job writes to the database."""
	from frappe.deferred_insert import save_to_db

	save_to_db()
	frappe.db.commit()


def break_down(doc, _method=None) -> None:
	raise ZeroDivisionError(doc.doctype == CHECK_IN)
