"""Which devices a command is about."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.tables import printable

_SET_UP = "Open ZKTeco Biometric Settings in Desk, and add one."


def chosen_devices(device: str | None) -> list[str]:
	"""The named one, or all, by name. Raises `Problem` for a name that there is not, and where there is none at all."""
	names = frappe.get_all(SETTINGS, pluck="name", order_by="name")
	if device:
		return [existing(device, names)]
	if not names:
		raise Problem("There is no device yet.", _SET_UP)
	return names


def chosen_enabled(device: str | None) -> list[str]:
	"""The named one, or all that are enabled. Raises `Problem`, also for a named one that is disabled."""
	chosen = chosen_devices(device)
	enabled = frappe.get_all(
		SETTINGS, filters={"enable": 1, "name": ("in", chosen)}, pluck="name", order_by="name"
	)
	if not enabled:
		which = f"{printable(device)} is disabled" if device else "No device is enabled"
		raise Problem(f"{which}.", "Tick Enabled on the device's page and save.")
	return enabled


def existing(device: str, names: list[str]) -> str:
	if device in names:
		return device
	told = ", ".join(map(printable, names)) or "none yet"
	wrong = f"There is no device '{printable(device)}'." if device else "It is not said which device."
	raise Problem(wrong, f"Name one with --device: {told}.")
