"""Test Connection where people are controlled: which of the ways the server supports, without changing anybody."""

from zkteco_biometric.api import test_connection as ask
from zkteco_biometric.simulator import Variant, faults
from zkteco_biometric.tests.control import AT_HOME, ControlTestCase

FIELD = {
	"control_method": "Employee Field",
	"control_field": "acc_flag",
	"enabled_value": "1",
	"disabled_value": "0",
}


class TestWhatTheServerSupports(ControlTestCase):
	def asked(self, **values) -> dict:
		"""The answer, and nobody was changed by it."""
		before = self.sim.store.people
		device = self.make_controlled(**values)
		self.sim.log.clear()
		answer = ask(device.name)
		self.assertEqual(self.sim.store.people, before)
		writes = [write for write in self.writes() if "adjust_area" not in write]
		self.assertEqual(writes, [])
		for entry in self.sim.log.matching("adjust_area/"):
			self.assertEqual(entry.body, {"employees": [], "areas": []})
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME] * len(self.CODES))
		return answer

	def lines(self, answer: dict, ok: bool = True) -> list[str]:
		return [
			line["text"] for line in answer["lines"] if line["ok"] == ok and "Device users" in line["text"]
		]

	def test_a_device_that_is_not_controlled_is_asked_nothing_of_it(self) -> None:
		answer = self.asked(control_users=0)
		self.assertEqual((self.lines(answer), answer["ok"]), ([], True))
		self.assertEqual([entry for entry in self.sim.log.entries if "/personnel/" in entry.path], [])

	def test_an_area_that_is_there_and_adjust_area(self) -> None:
		answer = self.asked()
		self.assertTrue(answer["ok"], answer)
		area, way, people = self.lines(answer)
		self.assertIn("there is the area Not Authorized, and no terminal belongs to it", area)
		self.assertIn("(adjust_area)", way)
		self.assertIn("personnel records can be read", people)

	def test_an_area_is_known_by_its_code_too(self) -> None:
		self.assertTrue(self.asked(parking_area=" 1 ")["ok"])

	def test_an_area_that_is_missing(self) -> None:
		answer = self.asked(parking_area="Nowhere")
		self.assertFalse(answer["ok"])
		self.assertIn("no area Nowhere", answer["lines"][-1]["text"])
		self.assertIn("Create an area without terminals", answer["remedy"])

	def test_an_area_with_terminals(self) -> None:
		answer = self.asked(parking_area="Office")
		self.assertFalse(answer["ok"])
		self.assertIn("Terminals belong to the area Office: Office.", answer["lines"][-1]["text"])
		self.assertIn("no terminal belongs to", answer["remedy"])

	def test_a_server_without_adjust_area(self) -> None:
		for missing in ("error500", "missing_json", "missing_html"):
			self.start_over()
			self.sim.variant = Variant(adjust_area=missing)
			answer = self.asked()
			self.assertTrue(answer["ok"], answer)
			self.assertIn("does not offer adjust_area", self.lines(answer)[1])

	def test_a_field_that_is_there(self) -> None:
		for code in self.CODES:
			self.sim.store.change_person(self.sim.store.person_by_code(code).id, extra={"acc_flag": "1"})
		answer = self.asked(**FIELD)
		self.assertTrue(answer["ok"], answer)
		people, field, area = self.lines(answer)
		self.assertIn("personnel records can be read", people)
		self.assertIn("have the field acc_flag; that of", field)
		self.assertIn('says "1"', field)
		self.assertIn("the method Area would work, too: there is the area Not Authorized", area)

	def test_where_people_are_moved_it_names_the_fields_that_the_other_method_could_work_by(self) -> None:
		flags = {
			"acc_flag": "1",
			"blocked": False,
			"card_no": "1",
			"app_status": 1,
			"enable_att": 1,
			"nick": "x",
		}
		for code in self.CODES:
			self.sim.store.change_person(self.sim.store.person_by_code(code).id, extra=flags)
		answer = self.asked()
		self.assertTrue(answer["ok"], answer)
		told = self.lines(answer)[-1]
		self.assertIn(
			"by the method Employee Field, these fields could be such a flag: acc_flag, blocked.", told
		)

	def test_where_a_field_is_written_it_says_why_people_could_not_be_moved(self) -> None:
		for values, variant, word in (
			(
				{"parking_area": "Nowhere"},
				Variant(),
				"would not work as things are. The device has no area Nowhere",
			),
			({"parking_area": "Office"}, Variant(), "would not work as things are. Terminals belong to"),
			({}, Variant(adjust_area="error500"), "adjust_area is not offered"),
		):
			self.start_over()
			self.sim.variant = variant
			for code in self.CODES:
				self.sim.store.change_person(self.sim.store.person_by_code(code).id, extra={"acc_flag": "1"})
			answer = self.asked(**{**FIELD, **values})
			self.assertTrue(answer["ok"], f"the chosen method works: {answer}")
			self.assertIn(word, self.lines(answer)[-1])

	def test_where_a_field_is_written_the_areas_need_not_be_readable(self) -> None:
		for code in self.CODES:
			self.sim.store.change_person(self.sim.store.person_by_code(code).id, extra={"acc_flag": "1"})
		self.sim.faults.add(faults.licence_missing(), path="/personnel/api/areas/", times=None)
		answer = self.asked(**FIELD)
		self.assertTrue(answer["ok"], f"the chosen method works: {answer}")

	def test_a_field_that_is_not_there(self) -> None:
		answer = self.asked(**FIELD)
		self.assertFalse(answer["ok"])
		self.assertIn("no field acc_flag", self.lines(answer, ok=False)[0])
		self.assertIn("Area", answer["remedy"])

	def test_nobody_whom_the_site_knows(self) -> None:
		for person in self.sim.store.people:
			self.sim.store.delete_person(person.id)
		answer = self.asked_without_people()
		self.assertFalse(answer["ok"])
		self.assertIn("none of these Biometric IDs", answer["lines"][-1]["text"])
		self.assertIn("Biometric IDs", answer["remedy"])

	def asked_without_people(self) -> dict:
		return ask(self.make_controlled().name)

	def test_a_user_who_may_not_see_personnel(self) -> None:
		self.sim.faults.add(faults.licence_missing(), path="/personnel/", times=None)
		answer = self.asked()
		self.assertFalse(answer["ok"])
		self.assertIn("refuses", answer["lines"][-1]["text"])
		self.assertIn("personnel", answer["remedy"])
