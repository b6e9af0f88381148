"""Which devices a command is about."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.tables import printable

NO_DEVICE = "There is no device yet: open ZKTeco Biometric Settings in Desk, and add one."
NONE_ENABLED = (
	"No device is enabled: there is nothing to ask. Tick Enabled on a device's page in Desk, and save."
)
"""Of a site that has nothing to do, which is no failure: on a bench, monitoring asks every site."""


def chosen_devices(device: str | None) -> list[str]:
	"""The named one, or all, by name. Raises `Problem` for a name that there is not."""
	names = frappe.get_all(SETTINGS, pluck="name", order_by="name")
	return names if device is None else [existing(device, names)]


def chosen_enabled(device: str | None) -> list[str]:
	"""The named one, or all that are enabled. Raises `Problem` for a name that there is not, or that is disabled."""
	chosen = set(chosen_devices(device))
	enabled = frappe.get_all(SETTINGS, filters={"enable": 1}, pluck="name", order_by="name")
	if device is not None and device not in enabled:
		raise Problem(f"{printable(device)} is disabled.", "Tick Enabled on the device's page and save.")
	return [name for name in enabled if name in chosen]


def existing(device: str, names: list[str]) -> str:
	if device in names:
		return device
	told = ", ".join(map(printable, names)) or "none yet"
	wrong = f"There is no device '{printable(device)}'." if device else "It is not said which device."
	raise Problem(wrong, f"Name one with --device: {told}.")
