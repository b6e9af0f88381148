"""What a person enters about device users: on a device, and for the whole site."""

import frappe

from zkteco_biometric.frappe_hr.device_user_facts import control_rules
from zkteco_biometric.frappe_hr.names import SETTINGS, SITE_SETTINGS
from zkteco_biometric.tests.control import ControlTestCase, control_jobs
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.zkteco_biometric.doctype.zkteco_site_settings.zkteco_site_settings import (
	on_doctype_update,
)

FIELD = {
	"control_method": "Employee Field",
	"control_field": "acc_flag",
	"enabled_value": "1",
	"disabled_value": "0",
}


class TestTheFormOfADevice(ControlTestCase):
	def refused(self, **values) -> str:
		with self.assertRaises(frappe.ValidationError, msg=values) as caught:
			self.make_device(
				f"ZKTeco Test {frappe.generate_hash(length=6)}", **{"control_users": 1, **values}
			)
		frappe.db.rollback()
		return str(caught.exception)

	def test_a_new_device_controls_nobody_and_parks_where_no_terminal_is(self) -> None:
		device = self.make_device()
		self.assertEqual(
			(device.control_users, device.control_dry_run, device.control_method, device.parking_area),
			(0, 0, "Area", "Not Authorized"),
		)

	def test_an_area_is_needed_only_where_people_are_moved(self) -> None:
		self.assertIn("no terminal", self.refused(parking_area=" "))
		self.assertTrue(self.make_device("ZKTeco Test Off", control_users=0, parking_area="").name)
		device = self.make_device("ZKTeco Test Field", control_users=1, parking_area="", **FIELD)
		self.assertEqual(device.control_field, "acc_flag")

	def test_a_field_is_a_name_and_two_values_that_differ(self) -> None:
		for values in (
			{"control_field": ""},
			{"control_field": "acc flag"},
			{"control_field": "a.b"},
			{"enabled_value": ""},
			{"disabled_value": " "},
			{"enabled_value": "1", "disabled_value": "true"},
			{"enabled_value": "No", "disabled_value": "no"},
		):
			self.assertTrue(self.refused(**{**FIELD, **values}))

	def test_what_must_never_be_changed_is_refused(self) -> None:
		for field in (
			"dev_privilege",
			"device_password",
			"Self_Password",
			"card_no",
			"fingerprint",
			"face",
			"id",
			"emp_code",
			"area",
			"department",
		):
			self.assertIn(field, self.refused(**{**FIELD, "control_field": field}))

	def test_a_field_that_keeps_nobody_out_is_warned_of_once_and_stored(self) -> None:
		for field in ("enable_att", "app_status"):
			frappe.clear_messages()
			device = self.make_device(
				f"ZKTeco Test {field}", control_users=1, **{**FIELD, "control_field": field}
			)
			(message,) = frappe.get_message_log()
			self.assertIn(
				f"{field} decides about the calculation of attendance or the mobile app", message["message"]
			)
			frappe.clear_messages()
			device.look_back = 30
			device.save()
			self.assertEqual(frappe.get_message_log(), [], "nothing new")
			self.assertEqual(device.control_field, field)
		self.make_device("ZKTeco Test Flag", control_users=1, **FIELD)
		self.assertEqual(frappe.get_message_log(), [])

	def test_what_is_entered_is_trimmed(self) -> None:
		device = self.make_device(
			control_users=1,
			**{**FIELD, "control_field": " acc_flag ", "enabled_value": " on ", "disabled_value": "off "},
		)
		self.assertEqual(
			(device.control_field, device.enabled_value, device.disabled_value), ("acc_flag", "on", "off")
		)

	def test_a_form_that_was_opened_before_a_pass_does_not_undo_what_it_remembers(self) -> None:
		device = self.make_controlled()
		stale = frappe.get_doc(SETTINGS, device.name)
		self.out(device)
		watermark = frappe.db.get_value(SETTINGS, device.name, "control_watermark")
		stale.look_back = 30
		stale.save()
		frappe.db.commit()
		stale.reload()
		self.assertEqual(stale.control_watermark, watermark)
		self.control(stale)
		self.assert_disabled("1")

	def test_what_was_wrong_with_the_settings_goes_when_they_change(self) -> None:
		device = self.make_controlled(parking_area="Nowhere")
		self.out(device)
		self.assertIn("no area Nowhere", device.control_error)
		self.control(device)
		self.assertIn("no area Nowhere", device.control_error, "not before")
		device.parking_area = "Not Authorized"
		device.save()
		frappe.db.commit()
		self.control(device)
		self.assertEqual((device.control_error, device.control_remedy), (None, None))
		self.out(device, hours=0.1)
		self.assert_disabled("1")

	def test_a_pass_never_makes_a_form_conflict(self) -> None:
		device = self.make_controlled()
		form = frappe.get_doc(SETTINGS, device.name)
		self.sim.stop()
		self.out(device)
		self.assertTrue(device.control_error)
		form.look_back = 31
		form.save()

	def test_a_copy_of_a_device_remembers_nothing(self) -> None:
		device = self.make_controlled()
		self.out(device)
		copied = frappe.copy_doc(device, ignore_no_copy=False)
		copied.update({"device_name": "ZKTeco Test Copy", "password": "simulator-password"})
		copied.insert()
		self.assertFalse(copied.control_error or copied.control_reported or copied.control_way)
		self.assertNotEqual(copied.control_watermark, device.control_watermark)


class TestTheSiteSettings(ControlTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.settings = frappe.get_doc(SITE_SETTINGS)

	def test_numbers_out_of_range_are_refused_and_empty_ones_get_their_default(self) -> None:
		for field, value in (
			("way_back_margin", 1441),
			("way_back_hours", 169),
			("oldest_disabling_punch", 169),
		):
			self.settings.reload()
			self.settings.set(field, value)
			with self.assertRaises(frappe.ValidationError, msg=field):
				self.settings.save()
			frappe.db.rollback()
		self.settings.reload()
		self.settings.update({"way_back_margin": 0, "way_back_hours": 0, "oldest_disabling_punch": None})
		self.settings.save()
		rules = control_rules()
		self.assertEqual(
			[rules.margin.seconds, rules.hours.seconds, rules.oldest.seconds], [0, 8 * 3600, 12 * 3600]
		)

	def test_a_negative_number_is_refused(self) -> None:
		for field in ("way_back_margin", "way_back_hours"):
			self.settings.reload()
			self.settings.set(field, -1)
			with self.assertRaises(frappe.ValidationError, msg=field):
				self.settings.save()
			frappe.db.rollback()

	def test_a_site_that_never_saved_them_has_the_defaults(self) -> None:
		frappe.db.delete("Singles", {"doctype": SITE_SETTINGS})
		rules = control_rules()
		self.assertEqual(
			(
				rules.margin.seconds,
				rules.hours.seconds,
				rules.oldest.seconds,
				rules.during_shift,
				rules.keep_left,
			),
			(3600, 8 * 3600, 12 * 3600, False, False),
		)
		frappe.db.rollback()

	def test_a_site_with_settings_of_before_gets_what_it_lacks_and_keeps_what_it_has(self) -> None:
		frappe.db.delete(
			"Singles", {"doctype": SITE_SETTINGS, "field": ("in", ("way_back_margin", "way_back_hours"))}
		)
		frappe.db.set_single_value(SITE_SETTINGS, "oldest_disabling_punch", 3)
		on_doctype_update()
		stored = frappe.db.get_singles_dict(SITE_SETTINGS)
		found = [
			int(stored[field]) for field in ("way_back_margin", "way_back_hours", "oldest_disabling_punch")
		]
		self.assertEqual(found, [60, 8, 3])
		frappe.db.rollback()

	def test_an_exemption_is_named_once_and_rows_without_a_name_go(self) -> None:
		self.settings.extend(
			"exemptions",
			[
				{"exempt_type": "Employee", "exempt": self.employees["1"]},
				{"exempt_type": "Employee", "exempt": self.employees["2"]},
				{"exempt_type": "Employee", "exempt": self.employees["1"]},
			],
		)
		self.settings.save()
		self.settings.reload()
		self.assertEqual(
			[row.exempt for row in self.settings.exemptions], [self.employees["1"], self.employees["2"]]
		)

	def test_an_exemption_of_nobody_is_refused(self) -> None:
		self.settings.append("exemptions", {"exempt_type": "Employee", "exempt": "Nobody"})
		with self.assertRaises(frappe.LinkValidationError):
			self.settings.save()
		frappe.db.rollback()

	def test_a_change_lets_every_controlled_device_look_at_once(self) -> None:
		self.settings.save()
		device = self.make_controlled()
		self.make_device("ZKTeco Test Plain")
		forget_jobs()
		self.settings.reload()
		self.settings.save()
		self.assertEqual(control_jobs(), [], "nothing has changed")
		self.settings.way_back_hours = 4
		self.settings.save()
		self.assertEqual(control_jobs(), [device.name])
