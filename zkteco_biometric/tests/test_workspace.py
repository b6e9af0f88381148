"""The workspace: who is shown it, and whether its cards and charts say what is so."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import frappe
from frappe.apps import get_apps
from frappe.desk.desktop import get_desktop_page, get_workspace_sidebar_items
from frappe.desk.doctype.dashboard_chart_source.dashboard_chart_source import get_config
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.permissions import add_user_permission, clear_user_permissions_for_doctype
from frappe.utils import get_system_timezone

from zkteco_biometric import workspace_api
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, DEVICE_USER, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.workspace_figures import DAYS, MOST_DEVICES
from zkteco_biometric.install import DEVICE_INDEX, after_migrate
from zkteco_biometric.tests.people import acting_as, refuses, request
from zkteco_biometric.tests.permissions import READERS, PermissionsTestCase, make_device_user
from zkteco_biometric.tests.support import days_ago, statements

NAME = "ZKTeco Biometric"
METHOD = "/api/method/zkteco_biometric.workspace_api."
METHODS = ("devices_connected", "last_sync", "check_ins_today", "check_ins_per_hour", "check_ins_per_day")
OFFICE, STORE = "ZKTeco Test Office", "ZKTeco Test Store"


class WorkspaceTestCase(PermissionsTestCase):
	CODES = ("1", "2")

	def check_in(self, when: datetime, device: str | None = OFFICE, code: str = "1") -> None:
		doc = {"doctype": CHECK_IN, "employee": self.employees[code], "time": when, DEVICE_FIELD: device}
		frappe.get_doc(doc).insert()

	def list_behind(self, card: dict) -> list:
		filters = {**card["route_options"], "employee": ("in", list(self.employees.values()))}
		return frappe.get_list(CHECK_IN, filters=filters)

	def by_day(self) -> dict[str, list[int]]:
		return {one["name"]: one["values"] for one in workspace_api.check_ins_per_day()["datasets"]}


class TestWhoIsShownIt(WorkspaceTestCase):
	CODES = ()

	def shown(self, user: str) -> dict[str, list[str]]:
		"""What stands on the page, by kind; nothing where it cannot be opened."""
		page = frappe.as_json({"name": NAME, "title": NAME, "public": 1})
		with acting_as(user):
			if refuses(get_desktop_page, page):
				return {}
			found = get_desktop_page(page)
		kinds = ("number_cards", "charts", "shortcuts", "cards")
		return {kind: [one.get("label") for one in found[kind]["items"]] for kind in kinds}

	def test_everything_on_it_is_shown_to_who_may_read_devices_and_nothing_of_it_to_anybody_else(self):
		doc = frappe.get_doc("Workspace", NAME)
		every = {
			"number_cards": [row.label for row in doc.number_cards],
			"charts": [row.label for row in doc.charts],
			"shortcuts": [row.label for row in doc.shortcuts],
			"cards": [row.label for row in doc.links if row.type == "Card Break"],
		}
		self.assertEqual([len(rows) for rows in every.values()], [6, 2, 8, 4])
		for role in ("HR Manager", "HR User"):
			self.assertEqual(self.shown(self.users[role]), every, role)
		for role in ("Employee", "ZKTeco Test Stranger"):
			self.assertFalse(any(self.shown(self.users[role]).values()), role)

	def test_it_stands_in_the_side_bar_of_who_may_read_devices(self):
		for role, user in self.users.items():
			if role == "Guest":
				continue
			with acting_as(user):
				names = [page["name"] for page in get_workspace_sidebar_items()["pages"]]
			self.assertEqual(NAME in names, role in READERS, role)

	def test_the_app_s_tile_is_shown_to_who_may_read_devices_and_leads_to_the_workspace(self):
		for role, user in self.users.items():
			if role == "Guest":
				continue
			with acting_as(user):
				tiles = [app for app in get_apps() if app["name"] == "zkteco_biometric"]
			self.assertEqual([tile["title"] for tile in tiles], [NAME] if role in READERS else [], role)
			for tile in tiles:
				answer = request(user, "GET", tile["route"])
				self.assertTrue(answer.headers["Location"].endswith("/zkteco-biometric"), role)

	def test_the_tile_s_picture_is_delivered(self):
		(tile,) = frappe.get_hooks("add_to_apps_screen", app_name="zkteco_biometric")
		_, _, app, *rest = tile["logo"].split("/")
		self.assertTrue(Path(frappe.get_app_path(app, "public", *rest)).is_file())

	def test_each_card_and_chart_answers_who_may_read_devices_and_refuses_anybody_else(self):
		self.make_device()
		for method in METHODS:
			for verb in ("GET", "POST"):
				for role, user in self.users.items():
					answer = request(user, verb, METHOD + method, filters="[]", chart_name="x")
					self.assertEqual(
						answer.status_code, 200 if role in READERS else 403, f"{role} {verb} {method}"
					)

	def test_the_scripts_of_both_charts_are_delivered(self):
		for chart in frappe.get_all("Dashboard Chart", {"module": NAME}, ["name", "source"], order_by="name"):
			self.assertIn(f'chart_sources["{chart.source}"]', get_config(chart.source))

	def test_the_numbers_of_doctypes_are_read_with_the_user_s_permission(self):
		cards = [frappe.get_doc("Number Card", name) for name in _cards("Document Type")]
		self.assertEqual(len(cards), 3)
		for card in cards:
			for role in ("HR Manager", "HR User"):
				with acting_as(self.users[role]):
					self.assertGreaterEqual(get_result(card.as_dict(), card.filters_json), 0)
			if card.document_type != "Employee":  # an employee may count themselves
				with acting_as(self.users["Employee"]):
					self.assertTrue(refuses(get_result, card.as_dict(), card.filters_json), card.name)
			with acting_as(self.users["ZKTeco Test Stranger"]):
				self.assertTrue(refuses(get_result, card.as_dict(), card.filters_json), card.name)


class TestCards(WorkspaceTestCase):
	def number(self, name: str) -> float:
		card = frappe.get_doc("Number Card", name)
		return get_result(card.as_dict(), card.filters_json)

	def test_devices_that_answered_of_those_that_are_enabled(self):
		self.assertEqual(workspace_api.devices_connected(), "0 of 0")
		office = self.make_device(OFFICE)
		self.make_device(STORE, password="wrong")
		self.make_device("ZKTeco Test Attic", enable=0)
		self.assertEqual(workspace_api.devices_connected(), "0 of 2")
		self.sync(office)
		self.sync(frappe.get_doc(SETTINGS, STORE))
		self.assertEqual(workspace_api.devices_connected(), "1 of 2")

	def test_the_last_sync_is_that_of_the_device_furthest_behind(self):
		self.assertEqual(workspace_api.last_sync(), "No Device")
		office = self.make_device(OFFICE)
		self.make_device("ZKTeco Test Attic", enable=0)
		self.assertEqual(workspace_api.last_sync(), "Never")
		self.sync(office)
		self.assertIn(workspace_api.last_sync(), ("just now", "now", "0 seconds ago", "1 second ago"))
		store = self.make_device(STORE)
		self.assertEqual(workspace_api.last_sync(), "Never")
		self.sync(store)
		long_ago = frappe.utils.now_datetime() - timedelta(hours=5, minutes=1)
		frappe.db.set_value(SETTINGS, STORE, "last_sync_timestamp", long_ago, update_modified=False)
		self.assertEqual(workspace_api.last_sync(), "5 hours ago")

	def test_today_is_the_site_s_day_to_the_second_and_a_device_brought_it(self):
		self.make_device()
		for when in (days_ago(0, 0), days_ago(0, 23, 59, 59), days_ago(1, 23, 59, 59), days_ago(-1, 0)):
			self.check_in(when)
		self.check_in(days_ago(0, 12), device=None)
		card = workspace_api.check_ins_today()
		self.assertEqual(card["value"], 2)
		self.assertEqual(len(self.list_behind(card)), 2)

	def test_a_device_that_is_deleted_takes_its_check_ins_from_the_card_and_from_the_list_behind_it(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		self.check_in(days_ago(0, 1), OFFICE)
		self.check_in(days_ago(0, 2), STORE)
		frappe.delete_doc(SETTINGS, STORE)
		card = workspace_api.check_ins_today()
		self.assertEqual((card["value"], len(self.list_behind(card))), (1, 1))

	def test_a_name_with_a_comma_which_a_list_cannot_filter_by_leads_to_every_device(self):
		self.make_device(f"{OFFICE}, North")
		self.make_device(STORE)
		self.assertEqual(workspace_api.check_ins_today()["route_options"][DEVICE_FIELD], ["is", "set"])

	def test_what_waits_and_who_is_disabled_and_who_has_no_biometric_id(self):
		device = self.make_device()
		without = self.number("ZKTeco Employees without Biometric ID")
		self.sim.store.punch("XYZ", days_ago(1))
		self.sync(device)
		self.addCleanup(frappe.db.delete, DEVICE_USER)
		make_device_user(device.name, self.employees["1"], status="Disabled", disabled_on=days_ago(0))
		make_device_user(device.name, self.employees["2"], status="Disabled", outcome="Waiting")
		self.assertEqual(frappe.db.count(PENDING), 1)
		self.assertEqual(self.number("ZKTeco Waiting Punches"), 1)
		self.assertEqual(self.number("ZKTeco People Disabled Now"), 1)
		frappe.db.set_value("Employee", self.employees["1"], "attendance_device_id", None)
		self.assertEqual(self.number("ZKTeco Employees without Biometric ID"), without + 1)
		frappe.db.rollback()


class TestCharts(WorkspaceTestCase):
	def test_without_a_device_there_is_nothing_to_draw(self):
		self.assertEqual((workspace_api.check_ins_per_hour(), workspace_api.check_ins_per_day()), ({}, {}))
		self.assertEqual(workspace_api.check_ins_today()["value"], 0)

	def test_today_hour_by_hour(self):
		self.make_device()
		for hour, minute in ((0, 0), (7, 59), (7, 5), (23, 59)):
			self.check_in(days_ago(0, hour, minute))
		self.check_in(days_ago(1, 7))
		self.check_in(days_ago(0, 7, 30), device=None)
		chart = workspace_api.check_ins_per_hour()
		self.assertEqual(chart["labels"], [f"{hour:02}" for hour in range(24)])
		(hours,) = chart["datasets"]
		self.assertEqual(
			{hour: count for hour, count in enumerate(hours["values"]) if count}, {0: 1, 7: 2, 23: 1}
		)

	def test_fourteen_days_device_by_device_the_busiest_first(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		for days in (DAYS, DAYS - 1, 1, 0):
			self.check_in(days_ago(days, 9), OFFICE)
		for minute in range(5):
			self.check_in(days_ago(1, 9, minute), STORE, code="2")
		chart = workspace_api.check_ins_per_day()
		self.assertEqual([len(chart["labels"]), chart["labels"][-1]], [DAYS, str(days_ago(0).day)])
		self.assertEqual(list(self.by_day()), [STORE, OFFICE])
		self.assertEqual(self.by_day()[OFFICE], [1, *[0] * (DAYS - 3), 1, 1])
		self.assertEqual(self.by_day()[STORE], [*[0] * (DAYS - 2), 5, 0])

	def test_devices_without_a_colour_of_their_own_are_added_up(self):
		for number in range(MOST_DEVICES + 2):
			name = f"{OFFICE} {number}"
			self.make_device(name)
			for minute in range(MOST_DEVICES + 2 - number):
				self.check_in(days_ago(0, number, minute), name)
		self.assertEqual(
			list(self.by_day()), [f"{OFFICE} {number}" for number in range(MOST_DEVICES)] + ["Other Devices"]
		)
		self.assertEqual(self.by_day()["Other Devices"][-1], 1 + 2)

	def test_a_day_is_the_site_s_whatever_the_terminal_s_clock_shows(self):
		east = ZoneInfo("Pacific/Kiritimati")
		device = self.make_device(time_zone=east.key)
		late = days_ago(2, 23, 30)
		shown = late.replace(tzinfo=ZoneInfo(get_system_timezone())).astimezone(east)
		self.assertNotEqual(shown.date(), late.date(), "this site's own zone is as far in the east")
		self.sim.store.punch("1", shown.replace(tzinfo=None))
		self.sync(device)
		self.assertEqual(self.by_day()[device.name], [*[0] * (DAYS - 3), 1, 0, 0])

	def test_a_user_who_may_see_one_device_sees_the_numbers_of_that_one(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		self.check_in(days_ago(0, 1), OFFICE)
		self.check_in(days_ago(0, 2), STORE)
		user = self.users["HR User"]
		add_user_permission(SETTINGS, STORE, user)
		self.addCleanup(frappe.db.commit)
		self.addCleanup(clear_user_permissions_for_doctype, SETTINGS, user)
		with acting_as(user):
			card = workspace_api.check_ins_today()
			self.assertEqual(card["value"], 1)
			self.assertEqual(len(self.list_behind(card)), 1)
			self.assertEqual(list(self.by_day()), [STORE])
			self.assertEqual(workspace_api.devices_connected(), "0 of 1")


class TestCost(WorkspaceTestCase):
	def test_check_ins_are_counted_in_the_index_alone(self):
		self.make_device()
		for minute in range(50):
			self.check_in(days_ago(minute % 20, 1, minute))
		for method in ("check_ins_today", "check_ins_per_hour", "check_ins_per_day"):
			getattr(workspace_api, method)()
			query = str(frappe.db.last_query)
			self.assertIn(CHECK_IN, query)
			(plan,) = frappe.db.sql(f"explain {query}", as_dict=True)
			self.assertEqual(plan.key, DEVICE_INDEX, method)
			self.assertIn("Using index", plan.Extra, method)

	def test_a_chart_costs_two_queries_however_much_there_is(self):
		self.make_device()
		workspace_api.check_ins_per_day()  # what Frappe caches is cached
		counts = []
		for minutes in (1, 30):
			for minute in range(minutes):
				self.check_in(days_ago(1, 3 + minutes % 5, minute))
			with statements() as sent:
				workspace_api.check_ins_per_day()
			counts.append(len([one for one in sent if one.lstrip().lower().startswith("select")]))
		self.assertEqual(counts[0], counts[1])

	def test_migrating_brings_the_index_once(self):
		for _ in range(2):
			after_migrate()
		rows = frappe.db.sql(
			f"show index from `tab{CHECK_IN}` where Key_name = %s", DEVICE_INDEX, as_dict=True
		)
		self.assertEqual([row.Column_name for row in rows], [DEVICE_FIELD, "time"])


def _cards(kind: str) -> list[str]:
	return frappe.get_all("Number Card", {"module": NAME, "type": kind}, pluck="name", order_by="name")
