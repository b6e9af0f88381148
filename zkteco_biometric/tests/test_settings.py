"""The settings document: what a person may enter, and what only the sync writes."""

from datetime import timedelta

import frappe
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.sync import fetch_token
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, days_ago


class TestSettings(DeviceTestCase):
	def test_a_new_device_has_the_mission_s_punch_states(self):
		device = self.make_device()
		states = {row.punch_state: row.log_type for row in device.punch_states}
		self.assertEqual(states, {"0": "IN", "1": "OUT"})
		self.assertEqual(device.default_log_type, "IN")
		self.assertEqual(device.status, "Not Synced")

	def test_the_url_is_normalised(self):
		device = self.make_device(url="  HTTP://192.0.2.10:8081// ")
		self.assertEqual(device.url, "http://192.0.2.10:8081")

	def test_what_is_no_web_address_is_refused_with_the_remedy(self):
		for url in ("192.0.2.10:8081", "ftp://192.0.2.10", "http://", "http://admin:secret@192.0.2.10", "x"):
			with self.assertRaises(frappe.ValidationError, msg=url) as caught:
				self.make_device(name=f"Refused {url}", url=url)
			self.assertIn("URL", str(caught.exception))

	def test_saving_never_needs_the_device(self):
		self.sim.stop()
		device = self.make_device(url="http://127.0.0.1:9")
		device.page_size = 100
		device.save()
		self.assertEqual(device.page_size, 100)

	def test_several_devices_may_share_user_name_and_password(self):
		self.make_device("ZKTeco Test North")
		self.make_device("ZKTeco Test South")
		self.assertEqual(frappe.db.count(SETTINGS, {"username": "admin"}), 2)

	def test_a_cron_expression_is_checked_when_it_is_used(self):
		for cron in ("", "every hour", "61 * * * *", "* * * *", "* * * * * *"):
			with self.assertRaises(frappe.ValidationError, msg=cron):
				self.make_device(f"Cron {cron}", fetch_frequency="Custom Cron", cron_expression=cron)
		device = self.make_device(fetch_frequency="Custom Cron", cron_expression=" */15  6-20 * * 1-6 ")
		self.assertEqual(device.cron_expression, "*/15 6-20 * * 1-6")

	def test_a_time_zone_is_checked(self):
		for zone in ("Nairobi", "Africa/Nowhere", "../../etc/passwd", "/etc/localtime"):
			with self.assertRaises(frappe.ValidationError, msg=zone):
				self.make_device(f"Zone {len(zone)}", time_zone=zone)
		self.assertEqual(self.make_device(time_zone="Asia/Kolkata").time_zone, "Asia/Kolkata")

	def test_windows_that_ended_before_the_last_sync_go_on_in_another_zone_too(self):
		device = self.make_device(time_zone="Asia/Kolkata")
		ended, last_sync = days_ago(2), days_ago(1)
		until = wall_clocks(None).instant_on_site(ended)
		values = {
			"last_sync_timestamp": last_sync,
			"arrivals": Arrivals(count=3, windows_until=until).as_json(),
		}
		frappe.db.set_value(SETTINGS, device.name, values)
		device.reload()
		device.time_zone = "Asia/Dhaka"  # half an hour further
		device.save()
		device.reload()
		half_an_hour = timedelta(minutes=30)
		self.assertEqual(device.last_sync_timestamp, last_sync - half_an_hour)
		self.assertEqual(
			Arrivals.from_json(device.arrivals), Arrivals(count=3, windows_until=until - half_an_hour)
		)

	def test_numbers_out_of_range_are_refused_and_empty_ones_get_their_default(self):
		for values in ({"page_size": 5001}, {"page_size": -1}, {"read_timeout": 601}, {"look_back": 50_000}):
			with self.assertRaises(frappe.ValidationError, msg=values):
				self.make_device(f"Number {values}", **values)
		device = self.make_device(page_size=0, connect_timeout=0, read_timeout=0, look_back=0)
		numbers = (device.page_size, device.connect_timeout, device.read_timeout, device.look_back)
		self.assertEqual(numbers, (500, 10, 60, 0))

	def test_a_punch_state_is_a_number_and_stands_once(self):
		for states in (["0", "0"], ["in"], [" "], ["0", " 00 "]):
			rows = [{"punch_state": state, "log_type": "IN"} for state in states]
			with self.assertRaises(frappe.ValidationError, msg=states):
				self.make_device(f"States {states}", punch_states=rows)

	def test_changed_credentials_drop_the_token_and_the_rejection(self):
		for field, value in {"url": "http://192.0.2.99", "username": "other", "password": "another"}.items():
			device = self.make_device(f"ZKTeco Test {field}")
			fetch_token(device.name)
			frappe.db.set_value(SETTINGS, device.name, {"login_rejected": 1, "status": "Log-in Rejected"})
			device.reload()
			self.assertTrue(device.token)
			device.set(field, value)
			device.save()
			device.reload()
			self.assertFalse(device.token, field)
			self.assertIsNone(
				get_decrypted_password(SETTINGS, device.name, "token", raise_exception=False), field
			)
			self.assertEqual((device.login_rejected, device.status), (0, "Not Synced"), field)

	def test_other_changes_keep_the_token(self):
		device = self.make_device()
		fetch_token(device.name)
		token = get_decrypted_password(SETTINGS, device.name, "token")
		device.reload()
		device.look_back = 30
		device.save()
		self.assertEqual(get_decrypted_password(SETTINGS, device.name, "token"), token)
		self.assertEqual(device.get_password("password"), PASSWORD)

	def test_a_form_opened_before_a_sync_does_not_undo_it(self):
		device = self.make_device()
		stale = frappe.get_doc(SETTINGS, device.name)
		self.sync(device)
		stale.look_back = 30
		stale.save()
		stale.reload()
		self.assertEqual(stale.look_back, 30)
		self.assertEqual(stale.last_sync_timestamp, device.last_sync_timestamp)
		self.assertEqual(stale.status, "Success")
		self.assertTrue(get_decrypted_password(SETTINGS, device.name, "token"))

	def test_changing_sync_from_begins_there_again(self):
		device = self.make_device()
		self.sync(device)
		device.sync_from = days_ago(3)
		device.save()
		self.assertIsNone(device.last_sync_timestamp)

	def test_saving_without_a_change_keeps_the_last_sync(self):
		device = self.make_device(sync_from=days_ago(3))
		self.sync(device)
		form = frappe.get_doc(frappe.parse_json(device.as_json()))
		form.save()
		form.reload()
		self.assertEqual(form.last_sync_timestamp, device.last_sync_timestamp)
		self.assertTrue(form.token)

	def test_renaming_a_device_renames_it_on_its_check_ins(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		frappe.rename_doc(SETTINGS, device.name, "ZKTeco Test Moved")
		self.assertEqual(
			[row.zkteco_device for row in self.check_ins("zkteco_device")], ["ZKTeco Test Moved"]
		)
		self.assertEqual(get_decrypted_password(SETTINGS, "ZKTeco Test Moved", "password"), PASSWORD)

	def test_a_device_with_check_ins_can_be_deleted(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		frappe.delete_doc(SETTINGS, device.name)
		self.assertEqual(len(self.check_ins()), 1)

	def test_a_copy_of_a_device_has_no_token_and_no_history(self):
		device = self.make_device()
		self.sync(device)
		copied = frappe.copy_doc(device, ignore_no_copy=False)
		copied.device_name = "ZKTeco Test Copy"
		copied.password = PASSWORD
		copied.insert()
		self.assertFalse(copied.token)
		self.assertEqual(copied.status, "Not Synced")
		self.assertIsNone(copied.last_sync_timestamp)

	def test_a_failed_log_in_after_saving_stands_on_the_form(self):
		device = self.make_device(password="wrong")
		fetch_token(device.name)
		device.reload()
		self.assertEqual(device.status, "Log-in Rejected")
		self.assertIn("Unable to log in", device.last_error)
		self.assertIn("password", device.last_remedy)
		self.assertEqual(len(self.error_logs("ZKTeco Auth")), 1)
