"""The log-in after a save, through a real worker in its own process: saving itself never needs the device."""

import frappe
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.frappe_hr.names import SETTINGS, job_id
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.sync import fetch_token, sync_device
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs, work_off
from zkteco_biometric.tests.people import WithUsers, acting_as
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, elsewhere


class TestLogInAfterSaving(WithUsers, DeviceTestCase):
	CODES = ()

	def test_a_save_by_an_hr_manager_brings_the_token(self):
		with acting_as(self.users["HR Manager"]):
			device = self.make_device()
		(job,) = waiting_jobs("short")
		self.assertEqual(job.kwargs["kwargs"], {"device": device.name})
		self.assertEqual(job.id, f"{frappe.local.site}::{job_id('token', device.name)}")
		work_off()
		device.reload()
		self.assertEqual((device.token, device.token_kind, device.status), ("********", "JWT", "Not Synced"))
		token = get_decrypted_password(SETTINGS, device.name, "token")
		self.assertEqual(len(token.split(".")), 3)
		self.assertEqual(device.failures, 0)

	def test_a_failed_log_in_stands_on_the_form(self):
		device = self.make_device(password="wrong")
		work_off()
		device.reload()
		self.assertEqual((device.status, device.token), ("Log-in Rejected", None))
		self.assertIn("Unable to log in", device.last_error)
		self.assertIn("password", device.last_remedy)
		self.assertEqual(self.sim.rejected_logins, 1)
		self.assertEqual(len(self.error_logs("ZKTeco Auth")), 1)

	def test_a_disabled_device_is_not_logged_in_to(self):
		self.make_device(enable=0)
		self.assertEqual(waiting_jobs("short"), [])

	def test_a_save_without_new_credentials_does_not_log_in(self):
		device = self.make_device()
		forget_jobs()
		device.look_back = 30
		device.save()
		frappe.db.commit()
		self.assertEqual(waiting_jobs("short"), [])

	def test_a_device_that_is_gone_by_then_leaves_no_error(self):
		device = self.make_device()
		before = frappe.db.count("Error Log")
		frappe.delete_doc(SETTINGS, device.name)
		work_off()
		self.assertEqual(frappe.db.count("Error Log"), before)
		fetch_token(device.name)

	def test_a_password_that_is_corrected_during_the_log_in_counts(self):
		device = self.make_device(password="wrong")
		self.change_during_log_in(device, {"password": PASSWORD})
		work_off()
		device.reload()
		self.assertEqual((device.status, device.login_rejected), ("Not Synced", 0))
		self.assertTrue(device.token)

	def test_a_url_that_is_changed_during_a_sync_never_gets_the_old_server_s_token(self):
		other = Simulator(password=PASSWORD)
		other.start()
		self.addCleanup(other.stop)
		device = self.make_device()
		forget_jobs()
		self.change_during_log_in(device, {"url": other.url})
		sync_device(device.name)
		sync_device(device.name)
		sent, received = (
			{entry.headers.get("Authorization") for entry in sim.log.entries} - {None}
			for sim in (self.sim, other)
		)
		self.assertEqual(sent & received, set())

	def change_during_log_in(self, device, values: dict) -> None:
		"""While the server thinks about the log-in, somebody saves the device with other values."""
		site = frappe.local.site

		def meanwhile(request, answer):
			elsewhere(site, _change, device.name, values)
			return answer(request)

		self.sim.faults.add(meanwhile, path="/jwt-api-token-auth/")


def _change(device: str, values: dict) -> None:
	doc = frappe.get_doc(SETTINGS, device)
	doc.update(values)
	doc.save()
	frappe.db.commit()
