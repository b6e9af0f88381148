"""What the site tests share: artificial employees, a simulator, devices, and leaving the site as it was.

A cycle commits, so that no rollback cleans up after it: every test case deletes what it made.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

import frappe
import requests
from frappe.desk.page.setup_wizard.setup_wizard import setup_complete
from frappe.tests.utils import FrappeTestCase
from frappe.utils import getdate

from zkteco_biometric.biotime.errand import handed_over
from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import SCHEDULER
from zkteco_biometric.simulator import Entry, Simulator
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.jobs import forget_jobs, own_queue

COMPANY = "ZKTeco Test Company"
PASSWORD = "simulator-password"
_PREFIX = "ZKTeco Test"
_LOG_TITLES = ("ZKTeco Sync", "ZKTeco Auth", "Employee Not Found")


class DeviceTestCase(FrappeTestCase):
	"""A simulator for each test, and a site that has this class's employees and nothing of this app's besides."""

	CODES: tuple[str, ...] = ("1", "2", "007")
	CROWD = False
	"""Whether the employees go straight into their table: inserting 500 of them by their rules takes minutes."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		frappe.set_user("Administrator")
		stack = ExitStack()
		stack.enter_context(own_queue())
		cls.addClassCleanup(stack.close)
		_clean()
		cls.employees = {code: make_employee(code, crowd=cls.CROWD) for code in cls.CODES}
		frappe.db.commit()
		cls.addClassCleanup(_clean)

	def setUp(self) -> None:
		frappe.set_user("Administrator")
		_delete_work()
		forget_jobs()
		self.sim = Simulator(password=PASSWORD)
		self.sim.start()
		self.addCleanup(self.sim.stop)
		self.addCleanup(frappe.set_user, "Administrator")

	def make_device(self, name: str = "ZKTeco Test Office", **values):
		"""A saved device that reads this test's simulator; the commit lets jobs and other connections see it."""
		doc = frappe.get_doc(
			{
				"doctype": SETTINGS,
				"device_name": name,
				"url": self.sim.url,
				"username": "admin",
				"password": PASSWORD,
				**values,
			}
		)
		doc.insert()
		frappe.db.commit()
		return doc

	def sync(self, device, trigger: str = SCHEDULER):
		"""One cycle in this process; the device is loaded anew. By schedule a glance may be all; a person gets all of it read."""
		result = sync_device(device.name, trigger)
		device.reload()
		return result

	def asked_by_time(self) -> list[Entry]:
		"""The requests for windows of punch time since the log was cleared; those by arrival have no end."""
		return [
			entry for entry in self.sim.log.matching("/iclock/api/transactions/") if "end_time" in entry.query
		]

	def pending_punches(self, *fields: str) -> list:
		return frappe.get_all(
			PENDING,
			fields=list(fields) or ["emp_code", "reason", "status"],
			order_by="punch_time, emp_code, transaction_id",
		)

	def check_ins(self, *fields: str) -> list:
		return frappe.get_all(
			CHECK_IN,
			filters={"employee": ("in", list(self.employees.values()))},
			fields=list(fields) or ["employee", "time", "log_type"],
			order_by="time, employee",
		)

	def error_logs(self, title: str) -> list[str]:
		return frappe.get_all("Error Log", filters={"method": title}, pluck="error", order_by="creation")


def days_ago(days: float, hour: int = 8, minute: int = 0, second: int = 0) -> datetime:
	"""A naive time of the site, whole seconds, so many days before today."""
	today = frappe.utils.now_datetime().replace(hour=hour, minute=minute, second=second, microsecond=0)
	return today - timedelta(days=days)


def lately(hours: float) -> datetime:
	"""A naive time of the site, whole seconds, so long ago. What began less than a day ago is read in one window."""
	return frappe.utils.now_datetime().replace(microsecond=0) - timedelta(hours=hours)


def make_employee(code: str, crowd: bool = False, **values) -> str:
	"""An active employee with this Biometric ID; returns its name."""
	name = f"{_PREFIX} {code}"
	doc = frappe.get_doc(
		{
			"doctype": "Employee",
			"first_name": name,
			"employee_name": name,
			"company": ensure_company(),
			"gender": _any("Gender"),
			"date_of_birth": getdate("1990-01-01"),
			"date_of_joining": getdate("2020-01-01"),
			"status": "Active",
			"attendance_device_id": code,
			**values,
		}
	)
	if crowd:
		doc.set_new_name()
		doc.db_insert()
		return doc.name
	return doc.insert().name


def ensure_company() -> str:
	"""Any company of the site; on a new site one of our own, by the setup wizard, which brings what else it needs."""
	if not _any("Company"):
		_finish_setup_wizard()
	return _any("Company")


def _finish_setup_wizard() -> None:
	year = getdate().year
	setup_complete(
		{
			"language": "english",
			"country": "United States",
			"timezone": "America/New_York",
			"currency": "USD",
			"full_name": "ZKTeco Test",
			"email": "zkteco-test@example.com",
			"password": PASSWORD,
			"company_name": COMPANY,
			"company_abbr": "ZTC",
			"company_tagline": "Tests",
			"industry": "Manufacturing",
			"chart_of_accounts": "Standard",
			"fy_start_date": f"{year}-01-01",
			"fy_end_date": f"{year}-12-31",
		}
	)
	frappe.clear_cache()  # the wizard has set the site's time zone
	frappe.db.commit()


def _any(doctype: str) -> str | None:
	return frappe.db.get_value(doctype, {}, "name", order_by="creation")


def _delete_work() -> None:
	"""Devices, check-ins of the tests' employees, and our entries in the Error Log."""
	employees = frappe.get_all(
		"Employee", filters={"first_name": ("like", f"{_PREFIX}%")}, pluck="name", order_by="name"
	)
	if employees:
		frappe.db.delete(CHECK_IN, {"employee": ("in", employees)})
	for doctype in (PENDING, SYNC_LOG):
		frappe.db.delete(doctype)
	for device in frappe.get_all(SETTINGS, pluck="name", order_by="name"):
		frappe.delete_doc(SETTINGS, device, force=True)
	frappe.db.delete("Error Log", {"method": ("in", _LOG_TITLES)})
	frappe.db.commit()


def _clean() -> None:
	frappe.set_user("Administrator")
	_delete_work()
	# Straight from the table: delete_doc looks for links in every doctype, for each of 500 people.
	frappe.db.delete("Employee", {"first_name": ("like", f"{_PREFIX}%")})
	# What delete_doc writes down about everything else that was ours; the underscores stand for space and hyphen.
	frappe.db.delete("Comment", {"comment_type": "Deleted", "subject": ("like", "%zkteco_test%")})
	frappe.db.delete("Deleted Document", {"deleted_name": ("like", "%zkteco_test%")})
	frappe.db.commit()


@contextmanager
def statements() -> Iterator[list[str]]:
	"""Every SQL statement of this connection, as it is sent."""
	sent: list[str] = []
	original = frappe.db.sql

	def sql(query, *args, **kwargs):
		sent.append(str(query))
		return original(query, *args, **kwargs)

	frappe.db.sql = sql
	try:
		yield sent
	finally:
		frappe.db.sql = original


@contextmanager
def before_each_request(look: Callable[[], object]) -> Iterator[list[object]]:
	"""What `look` finds in this thread whenever a request is about to be sent; where a helper sends it, while this thread
	waits for the answer.
	"""
	found: list[object] = []
	original = requests.Session.request

	def request(session, *args, **kwargs):
		handed_over(lambda: found.append(look()))
		return original(session, *args, **kwargs)

	with patch.object(requests.Session, "request", request):
		yield found


@contextmanager
def document_hook(event: str, method: str, doctype: str = CHECK_IN) -> Iterator[None]:
	"""Another app listens to that doctype. Frappe keeps the hooks of documents in this cache."""
	hooks = frappe.get_doc_hooks()
	others = hooks.get(doctype, {})
	frappe.local.doc_events_hooks = {**hooks, doctype: {**others, event: [*others.get(event, []), method]}}
	try:
		yield
	finally:
		frappe.local.doc_events_hooks = hooks


def elsewhere(site: str, function: Callable, *args: object):
	"""Calls it as another process would: in this thread, with a connection of its own."""
	frappe.init(site=site)
	frappe.connect()
	try:
		return function(*args)
	finally:
		frappe.destroy()
