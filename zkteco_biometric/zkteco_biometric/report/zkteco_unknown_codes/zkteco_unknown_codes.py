"""The codes of waiting punches that no employee has, with employees whose they may be; see `frappe_hr/unknown_codes.py`."""

from typing import Any

from frappe import _

from zkteco_biometric.frappe_hr.unknown_codes import UnknownCode, unknown_codes
from zkteco_biometric.frappe_hr.wording import harmless


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	device = (filters or {}).get("device")
	return _columns(), [_row(one) for one in unknown_codes(device)]


def _columns() -> list[dict]:
	return [
		_column("emp_code", _("Biometric ID"), "Data", 110),
		_column("person_name", _("Name on the Device"), "Data", 170),
		_column("devices", _("Devices"), "Data", 150),
		_column("punches", _("Punches"), "Int", 95),
		_column("first", _("First"), "Date", 125),
		_column("last", _("Last"), "Date", 125),
		_column("suggestions", _("May Be"), "Data", 320),
		_column("link", _("Link…"), "Data", 85),
	]


def _column(fieldname: str, label: str, fieldtype: str, width: int) -> dict:
	"""Text begins on the left, also where it is a code of digits, or nothing at all."""
	align = "right" if fieldtype == "Int" else "left"
	return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, "align": align}


def _row(one: UnknownCode) -> dict[str, Any]:
	"""`code` and `suggested` are for the script; what is shown may become HTML, also in an e-mail."""
	return {
		"emp_code": harmless(one.code),
		"person_name": harmless(one.person_name),
		"devices": harmless(", ".join(one.devices)),
		"punches": one.punches,
		"first": one.first and one.first.date(),
		"last": one.last and one.last.date(),
		"suggestions": harmless(", ".join(f"{name} ({employee})" for employee, name in one.suggestions)),
		"link": "",
		"code": one.code,
		"known_as": one.person_name,
		"suggested": one.suggestions,
	}
