"""Installing beside, or after, the app *ZKTeco Biometric Integration*: its devices become ours."""

from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import frappe
from frappe.utils import get_system_timezone
from frappe.utils.password import get_decrypted_password, set_encrypted_password

from zkteco_biometric.frappe_hr.names import HIDDEN_PASSWORD, SETTINGS
from zkteco_biometric.install import after_migrate
from zkteco_biometric.takeover import take_over as module
from zkteco_biometric.takeover.other_app import OTHER_APP, keep_the_doctype, refuse_the_other_app
from zkteco_biometric.takeover.take_over import take_over
from zkteco_biometric.tests.former_app import FormerAppTestCase, former_check_in
from zkteco_biometric.tests.leaks import leaks
from zkteco_biometric.tests.support import days_ago, lately
from zkteco_biometric.tests.test_wording import InOtherLanguages

HOST = "127.0.0.1"


class TestTakeover(InOtherLanguages, FormerAppTestCase):
	CODES = ("1", "2")

	def take_over(self) -> str:
		"""What it prints."""
		with redirect_stdout(StringIO()) as told:
			take_over()
		return told.getvalue()

	def device(self, name: str = HOST):
		return frappe.get_doc(SETTINGS, name)

	def test_a_device_goes_on_under_a_name_that_says_where_it_is(self):
		self.former_device()
		self.take_over()
		device = self.device()
		self.assertEqual((device.device_name, device.url, device.username), (HOST, self.sim.url, "admin"))
		self.assertEqual((device.enable, device.status), (1, "Not Synced"))
		self.assertEqual(device.last_sync_timestamp, self.fetched)
		self.assertEqual(device.last_sync_zone, get_system_timezone())
		self.assertFalse(frappe.db.exists(SETTINGS, "admin"))

	def test_what_that_app_did_not_have_is_as_on_a_new_device(self):
		self.former_device()
		self.take_over()
		device, new = self.device(), frappe.get_doc(self.make_device("ZKTeco Test New").as_dict())
		for fieldname in ("page_size", "look_back", "daily_look_back", "verify_tls", "default_log_type"):
			self.assertEqual(device.get(fieldname), new.get(fieldname), fieldname)
		self.assertEqual(
			[(row.punch_state, row.log_type) for row in device.punch_states], [("0", "IN"), ("1", "OUT")]
		)
		self.assertEqual(device.control_users, 0)

	def test_the_form_can_be_saved_and_a_sync_logs_in_with_the_password(self):
		self.former_device()
		self.take_over()
		device = self.device()
		device.look_back = 30
		device.save()
		frappe.db.commit()
		self.assertEqual(self.device().last_sync_timestamp, self.fetched)
		self.sim.store.punch("1", lately(0.5))
		self.assertEqual(self.sync(device).counters.created, 1)

	def test_no_secret_stays_readable_anywhere(self):
		self.history_of(self.former_device())
		self.assertTrue(leaks({self.password, self.token}))
		frappe.get_cached_doc(SETTINGS, "admin")
		told = self.take_over()
		self.assertEqual(leaks({self.password, self.token}), [])
		self.assertNotIn(self.password, told)
		self.assertEqual(get_decrypted_password(SETTINGS, HOST, "password"), self.password)
		self.assertEqual(self.row(HOST)["password"], HIDDEN_PASSWORD)

	def test_the_rest_of_the_history_stays(self):
		self.history_of(self.former_device())
		self.take_over()
		versions = frappe.get_all("Version", {"ref_doctype": SETTINGS, "docname": HOST}, pluck="data")
		self.assertEqual([frappe.parse_json(data)["changed"] for data in versions], [[["url", "a", "b"]]])
		deleted = frappe.db.get_value("Deleted Document", {"deleted_doctype": SETTINGS}, "data")
		self.assertEqual(frappe.parse_json(deleted)["username"], "gone")
		request = frappe.db.get_value(
			"Integration Request", {"reference_doctype": SETTINGS}, "request_headers"
		)
		self.assertEqual(frappe.parse_json(request), {"Authorization": "JWT ********", "Accept": "*/*"})

	def test_a_password_that_frappe_had_encrypted_stays(self):
		set_encrypted_password(SETTINGS, self.former_device(password="*" * 12), self.password, "password")
		frappe.db.commit()
		self.take_over()
		self.assertEqual(get_decrypted_password(SETTINGS, HOST, "password"), self.password)
		self.assertEqual((self.row(HOST)["password"], self.row(HOST)["enable"]), (HIDDEN_PASSWORD, 1))

	def test_devices_of_one_host_and_hashes_get_names_of_their_own(self):
		self.make_device("zkteco.example")
		self.former_device("admin", username="admin", url="http://ZKTeco.example:8081")
		self.former_device("f0a1b2c3d4", username="other", url="http://zkteco.example:8081")
		self.former_device("Head Office", username="third", url="http://zkteco.example:8081")
		self.take_over()
		self.assertEqual(
			frappe.get_all(SETTINGS, pluck="name", order_by="name"),
			["Head Office", "zkteco.example", "zkteco.example:8081", "zkteco.example:8081 2"],
		)

	def test_one_frequency_for_all_comes_before_that_of_a_row(self):
		self.former_device(fetch_frequency="Daily Long")
		self.schedule_of_all("Cron", "*/20 * * * *")
		self.take_over()
		device = self.device()
		self.assertEqual((device.fetch_frequency, device.cron_expression), ("Custom Cron", "*/20 * * * *"))

	def test_the_frequency_of_a_row_counts_where_there_is_none_for_all(self):
		self.former_device(fetch_frequency="Daily Long")
		self.take_over()
		self.assertEqual(self.device().fetch_frequency, "Daily")

	def test_a_url_that_cannot_be_used_is_kept_until_a_person_corrects_it(self):
		self.former_device(url="biotime.example:8081")
		told = self.take_over()
		device = self.device("biotime.example")
		self.assertEqual((device.url, device.enable), ("biotime.example:8081", 0))
		self.assertIn("cannot be used", device.last_error)
		self.assertIn("tick Enabled", device.last_remedy)
		self.assertIn("cannot be used", told)
		device.update({"url": self.sim.url, "enable": 1})
		device.save()
		frappe.db.commit()
		self.assertIsNone(self.device("biotime.example").last_error)
		self.assertIsNone(self.sync(device).failure)

	def test_a_device_that_was_not_fetched_stays_disabled(self):
		self.former_device(is_fetch_enabled=0)
		self.take_over()
		self.assertEqual((self.device().enable, self.device().last_error), (0, None))

	def test_that_app_finds_nothing_to_fetch_any_more(self):
		self.former_device()
		self.take_over()
		self.assertEqual(self.row(HOST)["is_fetch_enabled"], 0)

	def test_a_second_time_and_a_migration_change_nothing(self):
		self.history_of(self.former_device())
		self.take_over()
		before = (self.row(HOST), frappe.db.count("Comment"), frappe.db.count("Version"))
		self.assertEqual(self.take_over(), "")
		with redirect_stdout(StringIO()):
			after_migrate()
		self.assertEqual((self.row(HOST), frappe.db.count("Comment"), frappe.db.count("Version")), before)

	def test_our_own_devices_are_left_alone(self):
		own = self.make_device()
		before = self.row(own.name)
		self.former_device()
		self.take_over()
		self.assertEqual(self.row(own.name), before)

	def test_a_crash_in_the_middle_leaves_everything_as_it_was_and_the_next_time_succeeds(self):
		for name in ("first", "second"):
			self.history_of(self.former_device(name, username=name))
		before = [self.row("first"), self.row("second")]
		written = module._write

		def die_at_the_second(former, device):
			if former.name == "second":
				raise ZeroDivisionError
			written(former, device)

		with patch.object(module, "_write", die_at_the_second), self.assertRaises(ZeroDivisionError):
			self.take_over()
		frappe.db.rollback()  # as whoever installs or migrates does
		self.assertEqual([self.row("first"), self.row("second")], before)
		self.assertEqual(frappe.db.sql("select count(*) from `__Auth` where doctype = %s", SETTINGS), ((0,),))
		self.take_over()
		self.assertEqual(leaks({self.password, self.token}), [])
		for name in frappe.get_all(SETTINGS, pluck="name", order_by="name"):
			self.assertEqual(get_decrypted_password(SETTINGS, name, "password"), self.password)

	def test_control_stays_off_and_people_whose_log_in_is_blocked_are_named(self):
		user = _blocked_user(self.employees["1"])
		self.addCleanup(_delete_user, user, self.employees["1"])
		self.former_device(enable_mandatory_checkin=1)
		told = self.take_over()
		self.assertEqual(self.device().control_users, 0)
		self.assertEqual(frappe.db.get_value("User", user, "enabled"), 0)
		comment = frappe.db.get_value(
			"Comment", {"reference_name": HOST, "comment_type": "Comment"}, "content"
		)
		for text in (told, comment):
			self.assertIn(user, text)
			self.assertIn("Control Device Users", text)

	def test_whoever_manages_the_site_is_notified(self):
		self.former_device()
		self.take_over()
		logs = frappe.get_all(
			"Notification Log",
			{"document_type": SETTINGS},
			["document_name", "email_content"],
			order_by="name",
		)
		self.assertEqual({log.document_name for log in logs}, {HOST})
		self.assertIn("change it on the BioTime server", logs[0].email_content)

	def test_each_manager_is_notified_once_of_all_devices(self):
		for name in ("North", "South", "West"):
			self.former_device(name, username=name.lower())
		self.take_over()
		logs = frappe.get_all(
			"Notification Log",
			{"document_type": SETTINGS},
			["for_user", "subject", "email_content"],
			order_by="name",
		)
		self.assertEqual(len({log.for_user for log in logs}), len(logs))
		for log in logs:
			self.assertIn("North, South, West", log.subject)
			for name in ("North", "South", "West"):
				self.assertEqual(log.email_content.count(f"{name}: The password stood readable"), 1)

	def test_no_password_in_a_url_stays_readable_anywhere(self):
		name = self.former_device(url=f"http://admin:pa/{self.password}@192.0.2.7:80")
		self.history_of(name, url=f"http://admin:{self.password}@192.0.2.7/iclock")
		self.assertTrue(leaks({self.password}))
		told = self.take_over()
		self.assertEqual(leaks({self.password}), [])
		device = self.device("192.0.2.7")
		self.assertEqual((device.url, device.enable), ("http://192.0.2.7:80", 0))
		self.assertIn("left out now", device.last_error)
		self.assertIn("left out now", told)

	def test_documents_speak_the_sites_language_and_whoever_installs_theirs(self):
		seen = "No user name was there to take over."
		self.addCleanup(self.site_speaks, "en")
		self.addCleanup(self.reader_speaks, frappe.local.lang)
		self.translate("fr", seen, "Aucun nom d'utilisateur.")
		self.translate("es", seen, "No había usuario.")
		frappe.db.commit()
		self.site_speaks("fr")
		self.reader_speaks("es")
		self.former_device("North", username="")
		told = self.take_over()
		self.assertEqual(self.device("North").last_error, "Aucun nom d'utilisateur.")
		self.assertIn("No había usuario.", told)
		comment = frappe.db.get_value("Comment", {"reference_name": "North"}, "content")
		self.assertIn("Aucun nom", comment)
		self.assertNotIn("No había", comment)


class TestTheFirstSync(FormerAppTestCase):
	CODES = ("1", "2")

	def test_what_was_imported_is_a_duplicate_what_was_missed_comes_and_older_history_does_not(self):
		imported, missed, late, new = self.fetched - timedelta(minutes=3), days_ago(3), days_ago(6), lately(1)
		former_check_in(self.employees["1"], imported)
		former_check_in(self.employees["2"], late, "OUT")
		for code, time in (("1", imported), ("2", missed), ("2", late), ("1", days_ago(20)), ("1", new)):
			self.sim.store.punch(code, time)
		self.former_device()
		with redirect_stdout(StringIO()):
			take_over()
		device = frappe.get_doc(SETTINGS, HOST)
		result = self.sync(device)
		self.assertIsNone(result.failure)
		one, two = self.employees["1"], self.employees["2"]
		expected = [(two, late), (two, missed), (one, imported), (one, new)]
		self.assertEqual([(row.employee, row.time) for row in self.check_ins()], expected)
		self.assertEqual(result.counters.created, 2)
		self.assertEqual(self.sync(device).counters.created, 0)
		self.assertEqual(len(self.check_ins()), 4)

	def test_the_first_window_begins_where_the_other_app_ended_less_the_look_back(self):
		self.former_device()
		with redirect_stdout(StringIO()):
			take_over()
		self.sync(frappe.get_doc(SETTINGS, HOST))
		self.assertEqual(self.asked_by_time()[0].query["start_time"], str(self.fetched - timedelta(hours=1)))


class TestTheOtherApp(FormerAppTestCase):
	CODES = ()

	def test_it_is_refused_beside_ours(self):
		with self.assertRaisesRegex(frappe.ValidationError, "same name"):
			refuse_the_other_app(OTHER_APP)
		frappe.clear_messages()
		refuse_the_other_app("another_app")

	def test_a_doctype_that_its_files_have_taken_is_ours_again(self):
		frappe.db.set_value("DocType", SETTINGS, "module", "Core", update_modified=False)
		self.addCleanup(keep_the_doctype)
		keep_the_doctype()
		self.assertEqual(frappe.db.get_value("DocType", SETTINGS, "module"), "ZKTeco Biometric")
		self.assertTrue(frappe.get_meta(SETTINGS).has_field("device_name"))


def _blocked_user(employee: str) -> str:
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": "zkteco-test-blocked@example.com",
			"first_name": "ZKTeco Test Blocked",
			"send_welcome_email": 0,
		}
	).insert()
	frappe.db.set_value("Employee", employee, "user_id", user.name)
	frappe.db.set_value("User", user.name, "enabled", 0)
	frappe.db.commit()
	return user.name


def _delete_user(user: str, employee: str) -> None:
	frappe.db.set_value("Employee", employee, "user_id", None)
	for contact in frappe.get_all("Contact", {"user": user}, pluck="name", order_by="name"):
		frappe.delete_doc("Contact", contact, force=True)
	frappe.delete_doc("User", user, force=True)
	frappe.db.commit()
