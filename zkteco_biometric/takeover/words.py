"""The sentences about a takeover, for whoever is to read them in whatever language. Plain texts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from zkteco_biometric.takeover.mapping import KEEPS_IT_DISABLED, Former, TakenOver, Trouble
from zkteco_biometric.wording import Wording, _, joined

_MOST_NAMES = 50
_TROUBLES: dict[Trouble, tuple[Wording, Wording]] = {
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
}
"""What was seen, and what to do."""

_ENABLE = _("Then tick Enabled, save, and press Test Connection.")


def troubles(device: TakenOver, between: str = "\n") -> tuple[Wording, Wording]:
	"""What was seen, and what to do; empty where the device goes on as it was."""
	words = [_TROUBLES[trouble] for trouble in device.troubles]
	enable = [_ENABLE] if KEEPS_IT_DISABLED & set(device.troubles) else []
	return (
		joined(*(seen for seen, _remedy in words), between=between),
		joined(*(remedy for _seen, remedy in words), *enable, between=between),
	)


def was_taken_over(former: Former, device: TakenOver) -> Wording:
	return _("Taken over from ZKTeco Biometric Integration: {0}, now called {1}.").format(
		former.name, device.name
	)


def where_it_goes_on(device: TakenOver) -> Wording:
	if device.last_sync is None:
		return _(
			"Taken over from the app ZKTeco Biometric Integration. Punches since {0} are read; check-ins that exist are not created again."
		).format(device.sync_from)
	return _(
		"Taken over from the app ZKTeco Biometric Integration, which had read this device up to {0}. Syncs go on there; what that app has missed since {1} (Sync From) is found too, and check-ins that exist are not created again."
	).format(device.last_sync, device.sync_from)


def left_to_do(former: Former, device: TakenOver) -> list[Wording]:
	"""What a person has to look at of this device; nothing where there is nothing."""
	lines = [joined(*troubles(device, between=" "))] if device.troubles else []
	return [*lines, *_about_the_password(former)]


def _about_the_password(former: Former) -> list[Wording]:
	if not former.password:
		return []
	return [
		_(
			"The password stood readable in the database until now, and still does in backups from before: change it on the BioTime server, and enter the new one here."
		)
	]


def about_log_ins(were_blocked: bool, blocked: Sequence[tuple[str, str]]) -> list[Wording]:
	"""The other app switched off people's users of this site, not their access to a terminal. `blocked`: active employees
	whose user is disabled, by name and user.
	"""
	if not were_blocked:
		return _about_blocked(blocked)
	lines = [
		_(
			"Enable Mandatory Check-in was on: that app disabled people's log-in to this site after an OUT punch, and enabled it after the next IN. This app does not. Control Device Users is something else, which keeps people from terminals, and stays off."
		)
	]
	return lines + (_about_blocked(blocked) or [_("No active employee's log-in is disabled.")])


def _about_blocked(blocked: Sequence[tuple[str, str]]) -> list[Wording]:
	if not blocked:
		return []
	names = ", ".join(f"{name} ({user})" for name, user in blocked[:_MOST_NAMES])
	return [
		_(
			"Active employees who cannot log in to this site, since their user is disabled, perhaps by that app: {0}. Nobody else will enable them: look at each in the list of users. {1}"
		).format(len(blocked), names)
	]


def about_biometric_ids(missing: int) -> list[Wording]:
	"""`missing`: active employees who have none."""
	if not missing:
		return []
	return [
		_(
			"Active employees without a Biometric ID (Attendance Device ID): {0}. That app took a punch's code for the employee's ID; this one goes by the Biometric ID. Enter it on each employee: until then their punches wait as pending punches, and none is lost."
		).format(missing)
	]


def something_is_left(devices: Sequence[str]) -> Wording:
	"""The subject of the one notification about all of them."""
	return _("Taken over: {0}. Something is left for you to do.").format(", ".join(devices))
