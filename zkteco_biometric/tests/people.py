"""Users with one role each, as themselves in this process and over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from threading import Thread

import frappe
from frappe.utils import get_test_client
from werkzeug.test import TestResponse

STRANGER = "ZKTeco Test Stranger"
"""A role that opens Desk and nothing of ours."""

ROLES = ("System Manager", "HR Manager", "HR User", "Employee", STRANGER)


def make_users() -> dict[str, str]:
	"""A user for each role, by role; Guest among them, who exists already."""
	delete_users()
	frappe.get_doc({"doctype": "Role", "role_name": STRANGER, "desk_access": 1}).insert()
	users = {role: _make_user(role) for role in ROLES}
	frappe.db.commit()
	return {**users, "Guest": "Guest"}


class WithUsers:
	"""Beside a test case: `users` is one for each role, for the whole class."""

	users: dict[str, str]

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.users = make_users()
		cls.addClassCleanup(delete_users)


def delete_users() -> None:
	for name in frappe.get_all("User", {"name": ("like", "zkteco-test-%")}, pluck="name", order_by="name"):
		for contact in frappe.get_all("Contact", {"user": name}, pluck="name", order_by="name"):
			frappe.delete_doc("Contact", contact, force=True)
		frappe.delete_doc("User", name, force=True)
	frappe.delete_doc("Role", STRANGER, force=True, ignore_missing=True)
	frappe.db.commit()


@contextmanager
def acting_as(user: str) -> Iterator[None]:
	before = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(before)


def refuses(function: Callable, *args: object, **kwargs: object) -> bool:
	"""Whether it ends with a PermissionError; what else goes wrong is a failure of the test."""
	try:
		function(*args, **kwargs)
	except frappe.PermissionError:
		return True
	finally:
		frappe.clear_messages()
	return False


def request(user: str, method: str, path: str, **values: object) -> TestResponse:
	"""Through Frappe's whole request path, in a thread of its own as a web worker would; commits what it changes."""
	headers = {"X-Frappe-Site-Name": frappe.local.site, **_authorization(user)}
	answers: list[TestResponse] = []

	def ask() -> None:
		answers.append(
			get_test_client().open(path, method=method, headers=headers, **_as_sent(method, values))
		)

	frappe.db.commit()
	thread = Thread(target=ask)
	with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # Frappe prints what it refuses
		thread.start()
		thread.join()
	frappe.db.rollback()  # this connection sees what the request has committed
	return answers[0]


def _as_sent(method: str, values: dict[str, object]) -> dict[str, object]:
	return {"query_string": values} if method == "GET" else {"json": values}


def _authorization(user: str) -> dict[str, str]:
	if user == "Guest":
		return {}
	doc = frappe.get_doc("User", user)
	return {"Authorization": f"token {doc.api_key}:{doc.get_password('api_secret')}"}


def _make_user(role: str) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"zkteco-test-{frappe.scrub(role).replace('_', '-')}@example.com",
			"first_name": f"ZKTeco Test {role}",
			"send_welcome_email": 0,
			"user_type": "System User",
			"roles": [{"role": role}],
			"api_key": frappe.generate_hash(length=15),
			"api_secret": frappe.generate_hash(length=15),
		}
	)
	return doc.insert().name
