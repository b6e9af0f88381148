"""What people are told of a takeover: on the device, in the terminal, and by a notification where something is to be done."""

from collections.abc import Sequence
from html import unescape

import click
import frappe
from frappe import _
from frappe.utils import escape_html, strip_html
from frappe.utils.user import get_users_with_role

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.takeover.blocked import blocked_log_ins, employees_without_biometric_id
from zkteco_biometric.takeover.mapping import KEEPS_IT_DISABLED, Former, TakenOver, Trouble

_ROLES = ("HR Manager", "System Manager")
_MOST_NAMES = 50


def headline(device: TakenOver) -> tuple[str | None, str | None]:
	"""What the form shows as the last error and what to do; nothing where the device goes on as it was."""
	if not device.troubles:
		return None, None
	words = [_trouble(trouble) for trouble in device.troubles]
	remedies = [remedy for _seen, remedy in words]
	if KEEPS_IT_DISABLED & set(device.troubles):
		remedies.append(_("Then tick Enabled, save, and press Test Connection."))
	return "\n".join(seen for seen, _remedy in words), "\n".join(remedies)


def notes(former: Former, device: TakenOver) -> list[str]:
	"""HTML lines for the comment on the device: where it goes on, and what a person has to look at."""
	return [_where_it_goes_on(device), *_about_the_device(former, device), *_about_people([former])]


def tell(taken_over: Sequence[tuple[Former, TakenOver]]) -> None:
	"""After the commit: whoever runs the installation, and, where something is to be done, whoever manages the site."""
	people = _about_people([former for former, _device in taken_over]) if taken_over else []
	for former, device in taken_over:
		lines = _about_the_device(former, device)
		click.secho(_headline(former, device), fg="green")
		_print(lines)
		if lines or people:
			_notify(device.name, [*lines, *people])
	_print(people)


def _headline(former: Former, device: TakenOver) -> str:
	return _("Taken over from ZKTeco Biometric Integration: {0}, now called {1}.").format(
		former.name, device.name
	)


def _print(lines: Sequence[str]) -> None:
	for line in lines:
		click.secho(f"  {unescape(strip_html(line))}", fg="yellow")


def _about_the_device(former: Former, device: TakenOver) -> list[str]:
	error, remedy = headline(device)
	lines = [escape_html(f"{error} {remedy}".replace("\n", " "))] if error else []
	return lines + _about_the_password(former)


def _about_people(formers: Sequence[Former]) -> list[str]:
	return _about_log_ins(any(former.blocks_log_ins for former in formers)) + _about_biometric_ids()


def _trouble(trouble: Trouble) -> tuple[str, str]:
	return {
		Trouble.URL: (
			_("The URL that was taken over cannot be used."),
			_("Enter the server's address, such as http://192.0.2.10:8081."),
		),
		Trouble.CREDENTIALS_IN_URL: (
			_("The URL that was taken over held a user name or a password, which is left out now."),
			_("Look at the URL, and enter user name and password in their own fields."),
		),
		Trouble.NO_USER_NAME: (_("No user name was there to take over."), _("Enter the BioTime user name.")),
		Trouble.NO_PASSWORD: (_("No password was there to take over."), _("Enter the BioTime password.")),
		Trouble.SCHEDULE: (
			_("The frequency that was taken over cannot be read: the device is read at every tick."),
			_("Choose the Fetch Frequency anew."),
		),
	}[trouble]


def _where_it_goes_on(device: TakenOver) -> str:
	if device.last_sync is None:
		return _(
			"Taken over from the app ZKTeco Biometric Integration. Punches since {0} are read; check-ins that exist are not created again."
		).format(device.sync_from)
	return _(
		"Taken over from the app ZKTeco Biometric Integration, which had read this device up to {0}. Syncs go on there; what that app has missed since {1} (Sync From) is found too, and check-ins that exist are not created again."
	).format(device.last_sync, device.sync_from)


def _about_the_password(former: Former) -> list[str]:
	if not former.password:
		return []
	return [
		_(
			"The password stood readable in the database until now, and still does in backups from before: change it on the BioTime server, and enter the new one here."
		)
	]


def _about_log_ins(were_blocked: bool) -> list[str]:
	"""The other app switched off people's users of this site, not their access to a terminal."""
	lines = []
	if were_blocked:
		lines.append(
			_(
				"Enable Mandatory Check-in was on: that app disabled people's log-in to this site after an OUT punch, and enabled it after the next IN. This app does not. Control Device Users is something else, which keeps people from terminals, and stays off."
			)
		)
	return lines + _blocked(were_blocked)


def _blocked(were_blocked: bool) -> list[str]:
	blocked = blocked_log_ins()
	if not blocked:
		return [_("No active employee's log-in is disabled.")] if were_blocked else []
	names = ", ".join(escape_html(f"{name} ({user})") for name, user in blocked[:_MOST_NAMES])
	return [
		_(
			"Active employees who cannot log in to this site, since their user is disabled, perhaps by that app: {0}. Nobody else will enable them: look at each in the list of users. {1}"
		).format(len(blocked), names)
	]


def _about_biometric_ids() -> list[str]:
	missing = employees_without_biometric_id()
	if not missing:
		return []
	return [
		_(
			"Active employees without a Biometric ID (Attendance Device ID): {0}. That app took a punch's code for the employee's ID; this one goes by the Biometric ID. Enter it on each employee: until then their punches wait as pending punches, and none is lost."
		).format(missing)
	]


def _notify(device: str, lines: list[str]) -> None:
	"""Written at once: Frappe queues no notification while an app is installed."""
	subject = escape_html(_("{0} was taken over: something is left for you to do").format(device))
	for user in _managers():
		frappe.get_doc(
			{
				"doctype": "Notification Log",
				"for_user": user,
				"from_user": "Administrator",
				"type": "Alert",
				"document_type": SETTINGS,
				"document_name": device,
				"subject": subject,
				"email_content": "<br>".join(lines),
			}
		).insert(ignore_permissions=True)  # whoever migrates tells others
	frappe.db.commit()  # after the takeover, which no notification may undo


def _managers() -> list[str]:
	users = {user for role in _ROLES for user in get_users_with_role(role)} or {"Administrator"}
	return frappe.get_all(
		"User", {"name": ("in", sorted(users)), "enabled": 1}, pluck="name", order_by="name"
	)
