"""What people read is in their language: documents in the site's, answers in the reader's, the Error Log in English."""

import ast
import io
import json
from pathlib import Path

import frappe
from babel.messages.extract import DEFAULT_KEYWORDS
from frappe.gettext.extractors.python import extract

import zkteco_biometric
from zkteco_biometric.api import test_connection as ask
from zkteco_biometric.frappe_hr.names import PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.wording import stored, translated
from zkteco_biometric.import_api import preview
from zkteco_biometric.pending_api import retry
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import fetch_token
from zkteco_biometric.tests.commands import CommandTestCase
from zkteco_biometric.tests.control import ControlTestCase
from zkteco_biometric.tests.support import DeviceTestCase, lately
from zkteco_biometric.wording import _ as _lt

PACKAGE = Path(zkteco_biometric.__file__).parent
UNREACHABLE = "{0} cannot be reached: {1}"
SWITCHED_ON = "Check that the BioTime server is switched on, that URL and port are right, and that a firewall lets this site through."
FAILED = "The server failed with status {0}: {1}."
NO_AREA = "The device has no area {0}."
NOBODY = "no Employee has the Biometric ID {0}"
NO_SCHEME = "The URL must begin with http:// or https://, {0}. You entered {1}."
EXAMPLE = "such as http://192.0.2.10:8081"
REJECTED = "The server refused the log-in ({0}): {1}"
FRENCH = {
	UNREACHABLE: "{0} est injoignable : {1}",
	SWITCHED_ON: "Vérifiez que le serveur est allumé.",
	FAILED: "Le serveur a échoué ({0}) : {1}.",
	NO_AREA: "L'appareil n'a pas de zone {0}.",
	NOBODY: "aucun employé n'a l'identifiant {0}",
	REJECTED: "Le serveur a refusé la connexion ({0}) : {1}",
}
SPANISH = {
	REJECTED: "El servidor rechazó el acceso ({0}): {1}",
	UNREACHABLE: "No se puede acceder a {0}: {1}",
	NO_SCHEME: "La URL debe empezar por http:// o https://, {0}. Ha escrito {1}.",
	EXAMPLE: "como http://192.0.2.10:8081",
	NOBODY: "ningún empleado tiene el ID {0}",
}


class InOtherLanguages:
	"""For test cases: a site, and people, whose language is not English."""

	def speak(self) -> None:
		self.addCleanup(self.site_speaks, "en")
		self.addCleanup(self.reader_speaks, frappe.local.lang)
		for language, texts in (("fr", FRENCH), ("es", SPANISH)):
			for source, text in texts.items():
				self.translate(language, source, text)
		frappe.db.commit()

	def translate(self, language: str, source: str, text: str) -> None:
		doc = frappe.get_doc(
			{
				"doctype": "Translation",
				"language": language,
				"source_text": source,
				"translated_text": text,
			}
		).insert()
		self.addCleanup(self.forget, doc.name)

	def forget(self, name: str) -> None:
		frappe.db.rollback()
		frappe.delete_doc("Translation", name, force=True)
		frappe.db.commit()

	def site_speaks(self, language: str) -> None:
		frappe.db.rollback()
		frappe.db.set_single_value("System Settings", "language", language)
		frappe.db.commit()

	def reader_speaks(self, language: str) -> None:
		frappe.local.lang = language


class TestDocuments(InOtherLanguages, DeviceTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.speak()

	def test_a_failing_sync_is_told_in_the_sites_language_and_logged_in_english(self) -> None:
		self.site_speaks("fr")
		self.reader_speaks("es")
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		self.assertTrue(device.last_error.startswith(f"{self.sim.url} est injoignable : "), device.last_error)
		self.assertEqual(device.last_remedy, "Vérifiez que le serveur est allumé.")
		(log,) = frappe.get_all(SYNC_LOG, fields=["error", "remedy"], order_by="name")
		self.assertEqual((log.error, log.remedy), (device.last_error, device.last_remedy))
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn(f"{self.sim.url} cannot be reached: ", entry)
		self.assertIn(SWITCHED_ON, entry)
		self.assertIn("Kind: unreachable", entry)

	def test_a_site_whose_language_changes_is_not_told_anew_what_lasts(self) -> None:
		device = self.make_device()
		self.sim.stop()
		for language in ("en", "fr", "en"):
			self.site_speaks(language)
			self.sync(device)
			self.assertEqual("injoignable" in device.last_error, language == "fr")
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		self.assertEqual(json.loads(device.reported), {"failure": ["unreachable"]})

	def test_what_a_server_says_may_hold_braces(self) -> None:
		self.site_speaks("fr")
		device = self.make_device()
		self.sim.faults.add(faults.status(500, body='{"detail": "{0} {name} {"}'), path="/iclock/", times=20)
		self.sync(device)
		self.assertEqual(device.last_error, "Le serveur a échoué (500) : {0} {name} {.")

	def test_a_waiting_punch_says_why_in_the_sites_language(self) -> None:
		self.site_speaks("fr")
		device = self.make_device()
		self.sim.store.punch("77", lately(3))
		self.sync(device)
		(row,) = frappe.get_all(PENDING, fields=["name", "reason", "message"], order_by="name")
		self.assertEqual(
			(row.reason, row.message), ("Unknown Employee", "aucun employé n'a l'identifiant 77")
		)
		self.reader_speaks("es")
		(why,) = retry(row.name)["outcome"]["why"]
		self.assertEqual(why["message"], "ningún empleado tiene el ID 77")
		self.assertEqual(
			frappe.db.get_value(PENDING, row.name, "message"), "aucun employé n'a l'identifiant 77"
		)

	def test_a_translation_that_has_lost_its_places_is_not_used(self) -> None:
		wrong = _lt("The server has no {0} at this address (404): {1}").format("x", "y")
		self.translate("fr", "The server has no {0} at this address (404): {1}", "Le serveur n'a rien.")
		frappe.db.commit()  # changing the site's language begins a transaction anew
		self.site_speaks("fr")
		self.assertEqual(stored(wrong), "The server has no x at this address (404): y")


class TestAnswers(InOtherLanguages, DeviceTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.speak()
		self.site_speaks("fr")

	def test_test_connection_answers_in_the_readers_language(self) -> None:
		device = self.make_device(password="wrong")
		self.reader_speaks("es")
		answer = ask(device.name)
		self.assertIn("El servidor rechazó el acceso (400): ", answer["lines"][-1]["text"])
		device.reload()
		self.assertTrue(device.last_error.startswith("Le serveur a refusé la connexion (400) : "))

	def test_the_preview_of_an_import_answers_in_the_readers_language(self) -> None:
		device = self.make_device()
		self.sim.stop()
		self.reader_speaks("es")
		answer = preview(device.name, "2026-01-01", "2026-01-02")
		self.assertIn(f"No se puede acceder a {self.sim.url}: ", answer["lines"][-1]["text"])

	def test_a_form_that_cannot_be_saved_says_so_in_the_readers_language(self) -> None:
		self.reader_speaks("es")
		with self.assertRaises(frappe.ValidationError) as caught:
			self.make_device(url="ftp://192.0.2.1")
		self.assertIn(
			"La URL debe empezar por http:// o https://, como http://192.0.2.10:8081.", str(caught.exception)
		)

	def test_a_language_without_translations_is_english(self) -> None:
		told = _lt("The device has no area {0}.").format("<b>")
		self.assertEqual(translated(told, "sw"), "The device has no area <b>.")
		self.assertEqual(stored(told), "L'appareil n'a pas de zone ‹b›.")
		self.assertEqual(translated("As it is", "fr"), "As it is")


class TestDeviceUsers(InOtherLanguages, ControlTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.speak()

	def test_why_nobody_can_be_disabled_is_told_once_whatever_the_language(self) -> None:
		device = self.make_controlled(parking_area="Nowhere")
		in_french, in_english = "L'appareil n'a pas de zone Nowhere.", "The device has no area Nowhere."
		for hours, language, told in ((3, "en", in_english), (2, "fr", in_french), (1, "en", in_english)):
			self.site_speaks(language)
			self.out(device, hours=hours)
			self.assertEqual((device.control_error, self.row("1").error), (told, told))
		(entry,) = self.told()
		self.assertIn("The device has no area Nowhere.", entry)

	def test_a_row_keeps_the_code_of_its_error(self) -> None:
		self.site_speaks("fr")
		device = self.make_controlled()
		fetch_token(device.name)
		self.sim.stop()
		self.out(device)
		row = self.row("1")
		self.assertTrue(row.error.startswith(f"{self.sim.url} est injoignable : "))
		self.assertEqual((row.remedy, row.error_code), ("Vérifiez que le serveur est allumé.", "unreachable"))
		(entry,) = [one for one in self.told() if row.employee in one]
		self.assertIn("cannot be reached", entry)


class TestExitStatuses(InOtherLanguages, CommandTestCase, ControlTestCase):
	"""What was stored in one language means the same to a command that is run in another."""

	COMMAND = "zkteco-enable-everyone"
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.speak()

	def test_a_device_that_is_down_may_come_back(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.stop()
		for language in ("fr", "en"):
			self.site_speaks(language)
			self.assertEqual(self.bench().returncode, 3)
			self.assertEqual("injoignable" in self.row("1").error, language == "fr")

	def test_a_log_in_that_is_refused_needs_a_person(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.expire_tokens()
		self.sim.change_password("another-password")
		self.site_speaks("fr")
		self.assertEqual(self.bench().returncode, 2)


class TestExtraction(DeviceTestCase):
	CODES = ()

	def test_frappe_finds_every_sentence_of_the_heart(self) -> None:
		for part in ("biotime", "cycle", "device_users", "frappe_hr"):
			for path in sorted((PACKAGE / part).rglob("*.py")):
				self.assertEqual(found_by_frappe(path), marked_in(path), path.name)
		told = found_by_frappe(PACKAGE / "biotime" / "errors.py")
		self.assertIn(SWITCHED_ON, told)
		self.assertIn(UNREACHABLE, found_by_frappe(PACKAGE / "biotime" / "transport.py"))


def found_by_frappe(path: Path) -> set[str]:
	keywords = {**DEFAULT_KEYWORDS, "_lt": None}
	found = extract(io.BytesIO(path.read_bytes()), keywords, (), {})
	texts = [told if isinstance(told, tuple) else (told,) for _line, _function, told, _comments in found]
	return {text for told in texts for text in told if text}


def marked_in(path: Path) -> set[str]:
	calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
	marked = [call for call in calls if getattr(call.func, "id", "") in ("_", "_lt")]
	return {ast.literal_eval(call.args[0]) for call in marked if isinstance(call.args[0], ast.Constant)}
