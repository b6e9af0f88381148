"""A site as the app *ZKTeco Biometric Integration* leaves it: its columns in our table, its rows, its history."""

import json
from datetime import datetime

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.tests.support import DeviceTestCase, lately

_COLUMNS = {
	"issued_at": "datetime(6)",
	"expiry": "datetime(6)",
	"last_fetched_time": "datetime(6)",
	"is_fetch_enabled": "int(1) not null default 0",
	"enable_mandatory_checkin": "int(1) not null default 0",
}
GLOBAL = "ZKTeco Global"


class FormerAppTestCase(DeviceTestCase):
	"""With the other app's columns, for as long as this class runs. Secrets are new for every test."""

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		there = {row[0] for row in frappe.db.sql(f"show columns from `tab{SETTINGS}`")}
		for column in sorted(_COLUMNS.keys() - there):
			frappe.db.sql_ddl(f"alter table `tab{SETTINGS}` add column `{column}` {_COLUMNS[column]}")
			cls.addClassCleanup(frappe.db.sql_ddl, f"alter table `tab{SETTINGS}` drop column `{column}`")

	def setUp(self) -> None:
		super().setUp()
		self.password = f"Pw-{frappe.generate_hash(length=20)}"
		self.token = f"ey.{frappe.generate_hash(length=20)}"
		self.sim.change_password(self.password)
		self.fetched = lately(2)
		self.addCleanup(_forget)
		_forget()

	def former_device(self, name: str = "admin", **values: object) -> str:
		"""A row as that app wrote it: named by its user, without anything that is ours."""
		row = {
			"name": name,
			"creation": lately(24 * 30),
			"modified": lately(24 * 30),
			"owner": "Administrator",
			"username": "admin",
			"password": self.password,
			"token": self.token,
			"url": f"{self.sim.url}/",
			"is_fetch_enabled": 1,
			"last_fetched_time": self.fetched.replace(microsecond=21532),
			**values,
		}
		columns = ", ".join(f"`{column}`" for column in row)
		places = ", ".join(["%s"] * len(row))
		frappe.db.sql(f"insert into `tab{SETTINGS}` ({columns}) values ({places})", list(row.values()))
		frappe.db.commit()
		return name

	def history_of(self, name: str, url: str = "a") -> None:
		"""What Frappe and that app have written down: a change of both secrets and of the URL, a deleted device, a request."""
		changed = [["password", "old", self.password], ["token", self.token, "new"], ["url", url, "b"]]
		_insert("Version", ref_doctype=SETTINGS, docname=name, data=json.dumps({"changed": changed}))
		_insert(
			"Version",
			ref_doctype=SETTINGS,
			docname=name,
			data=json.dumps({"changed": [["token", None, self.token]]}),
		)
		_insert(
			"Deleted Document",
			deleted_doctype=SETTINGS,
			deleted_name="zkteco test gone",
			data=json.dumps({"username": "gone", "password": self.password, "token": self.token, "url": url}),
		)
		_insert(
			"Integration Request",
			integration_request_service="ZKTeco Biometric Integration",
			reference_doctype=SETTINGS,
			reference_docname=name,
			url=url,
			request_headers=frappe.as_json({"Authorization": f"JWT {self.token}", "Accept": "*/*"}),
		)
		frappe.db.commit()

	def schedule_of_all(self, frequency: str, cron: str = "") -> None:
		for field, value in (("fetch_frequency", frequency), ("cron_expression", cron)):
			frappe.db.sql(
				"insert into `tabSingles` (doctype, field, value) values (%s, %s, %s)", (GLOBAL, field, value)
			)
		frappe.db.commit()

	def row(self, name: str) -> dict:
		"""Every column, whatever Frappe knows of it."""
		return frappe.db.sql(f"select * from `tab{SETTINGS}` where name = %s", name, as_dict=True)[0]


def former_check_in(employee: str, time: datetime, log_type: str | None = "IN", **values: object) -> None:
	"""As another tool may have stored it: straight into the table, with nothing of ours."""
	doc = frappe.get_doc(
		{"doctype": "Employee Checkin", "employee": employee, "time": time, "log_type": log_type, **values}
	)
	doc.set_new_name()
	doc.db_insert()
	frappe.db.commit()


def _insert(doctype: str, **values: object) -> None:
	frappe.get_doc({"doctype": doctype, **values}).insert()


def _forget() -> None:
	frappe.db.delete("Singles", {"doctype": GLOBAL})
	frappe.db.delete("Version", {"ref_doctype": SETTINGS})
	frappe.db.delete("Deleted Document", {"deleted_doctype": SETTINGS})
	frappe.db.delete("Integration Request", {"reference_doctype": SETTINGS})
	frappe.db.delete("Notification Log", {"document_type": SETTINGS})
	frappe.db.delete("Comment", {"reference_doctype": SETTINGS})
	frappe.db.commit()
