"""What people are told of a takeover: on the device in the site's language, in the terminal and by a notification in theirs."""

from collections.abc import Iterator, Sequence

import click
import frappe
from frappe.utils import escape_html
from frappe.utils.user import get_users_with_role

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.wording import site_language, translated
from zkteco_biometric.takeover import words
from zkteco_biometric.takeover.blocked import blocked_log_ins, employees_without_biometric_id
from zkteco_biometric.takeover.mapping import Former, TakenOver
from zkteco_biometric.wording import Wording, joined

_ROLES = ("HR Manager", "System Manager")

Pairs = Sequence[tuple[Former, TakenOver]]


def comment(former: Former, device: TakenOver) -> str:
	"""HTML for the device's form: where it goes on, and what a person has to look at."""
	lines = [words.where_it_goes_on(device), *words.left_to_do(former, device), *_about_people([former])]
	return _html(lines, site_language())


def tell(taken_over: Pairs) -> None:
	"""After the commit: whoever runs the installation, and, where something is to be done, whoever manages the site."""
	people = _about_people([former for former, _device in taken_over]) if taken_over else []
	for former, device in taken_over:
		click.secho(translated(words.was_taken_over(former, device)), fg="green")
		_print(words.left_to_do(former, device))
	_print(people)
	_notify(taken_over, people)


def _about_people(formers: Sequence[Former]) -> list[Wording]:
	were_blocked = any(former.blocks_log_ins for former in formers)
	return [
		*words.about_log_ins(were_blocked, blocked_log_ins()),
		*words.about_biometric_ids(employees_without_biometric_id()),
	]


def _print(lines: Sequence[str]) -> None:
	for line in lines:
		click.secho(f"  {translated(line)}", fg="yellow")


def _notify(taken_over: Pairs, people: list[Wording]) -> None:
	"""One notification for each manager, whatever the number of devices; none where nothing is left to do."""
	lines = [*_of_each_device(taken_over), *people]
	if not lines:
		return
	devices = [device.name for _former, device in taken_over]
	for manager in _managers():
		_ring(manager.name, devices, lines, manager.language or site_language())
	frappe.db.commit()  # after the takeover, which no notification may undo


def _of_each_device(taken_over: Pairs) -> Iterator[Wording]:
	for former, device in taken_over:
		lines = words.left_to_do(former, device)
		yield from (joined(f"{device.name}:", line) if len(taken_over) > 1 else line for line in lines)


def _ring(user: str, devices: Sequence[str], lines: Sequence[str], language: str) -> None:
	"""Written at once: Frappe queues no notification while an app is installed."""
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"for_user": user,
			"from_user": "Administrator",
			"type": "Alert",
			"document_type": SETTINGS,
			"document_name": devices[0],
			"subject": escape_html(translated(words.something_is_left(devices), language)),
			"email_content": _html(lines, language),
		}
	).insert(ignore_permissions=True)  # whoever migrates tells others


def _html(lines: Sequence[str], language: str) -> str:
	return "<br>".join(escape_html(translated(line, language)) for line in lines)


def _managers() -> list:
	users = {user for role in _ROLES for user in get_users_with_role(role)} or {"Administrator"}
	return frappe.get_all(
		"User",
		filters={"name": ("in", sorted(users)), "enabled": 1},
		fields=["name", "language"],
		order_by="name",
	)
