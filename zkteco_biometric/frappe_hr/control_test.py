"""Test Connection, where people are to be controlled: which of the ways the server supports. Changes nobody."""

import frappe
from frappe import _

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.personnel import Person
from zkteco_biometric.device_users.method import (
	ABOUT_SOMETHING_ELSE,
	ControlUnsupported,
	check_control_field,
	find_parking,
)
from zkteco_biometric.device_users.states import Kind
from zkteco_biometric.frappe_hr.findings import Findings
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID
from zkteco_biometric.frappe_hr.wording import translated
from zkteco_biometric.wording import _ as _lt
from zkteco_biometric.wording import joined

_MOST_TRIED = 5
_OF_PEOPLE = _lt("(personnel records)")


def find_ways(client: BioTimeClient, settings, findings: Findings) -> None:
	"""Raises `BioTimeError` where the device cannot be asked."""
	if settings.control_method == Kind.FIELD.value:
		_find_field(client, settings, findings)
		_tell_of_areas(client, settings, findings)
	else:
		_find_areas(client, settings, findings)


def _find_areas(client: BioTimeClient, settings, findings: Findings) -> None:
	try:
		method = find_parking(client, (settings.parking_area or "").strip())
	except ControlUnsupported as error:
		findings.bad(error.message, error.remedy)
		return
	findings.good(
		_("Device users: there is the area {0}, and no terminal belongs to it.").format(method.parking.name)
	)
	if client.offers_adjust_area():
		findings.good(_("Device users: the server can move people to other areas (adjust_area)."))
	else:
		findings.good(
			_(
				"Device users: the server does not offer adjust_area. People are moved by their personnel record instead; whether that works shows when the first is moved, and is told in ZKTeco Device User."
			)
		)
	person = _find_somebody(client, findings)
	if person:
		_tell_of_fields(person, findings)


def _tell_of_fields(person: Person, findings: Findings) -> None:
	"""What the other method could work by."""
	flags = [name for name, value in sorted(person.fields.items()) if _could_be_a_flag(name, value)]
	if flags:
		findings.good(
			_("Device users: by the method Employee Field, these fields could be such a flag: {0}.").format(
				", ".join(flags[:_MOST_TRIED])
			)
		)


def _could_be_a_flag(name: str, value: object) -> bool:
	try:
		check_control_field(name, "1", "0")
	except ValueError:
		return False
	return name not in ABOUT_SOMETHING_ELSE and value in (True, False, 0, 1, "0", "1")


def _tell_of_areas(client: BioTimeClient, settings, findings: Findings) -> None:
	"""Whether the other method would work."""
	wanted = (settings.parking_area or "").strip()
	if not wanted:
		return
	try:
		area = find_parking(client, wanted).parking.name
	except BioTimeError as error:
		findings.good(
			_("Device users: the method Area would not work as things are. {0}").format(
				translated(error.message)
			)
		)
		return
	findings.good(
		_("Device users: the method Area would work, too: there is the area {0}, without terminals.").format(
			area
		)
		if client.offers_adjust_area()
		else _("Device users: for the method Area there is the area {0}; adjust_area is not offered.").format(
			area
		)
	)


def _find_field(client: BioTimeClient, settings, findings: Findings) -> None:
	person = _find_somebody(client, findings)
	if person is None:
		return
	if settings.control_field in person.fields:
		findings.good(
			_("Device users: personnel records have the field {0}; that of {1} says {2}.").format(
				settings.control_field, person.emp_code, frappe.as_json(person.fields[settings.control_field])
			)
		)
	else:
		findings.bad(
			_("Device users: personnel records have no field {0}.").format(settings.control_field),
			_("Enter the field's name as the BioTime server's API shows it, or choose the method Area."),
		)


def _find_somebody(client: BioTimeClient, findings: Findings) -> Person | None:
	"""Somebody who is both an Employee here and a person there."""
	codes = frappe.get_all(
		"Employee",
		filters={BIOMETRIC_ID: ("is", "set"), "status": "Active"},
		pluck=BIOMETRIC_ID,
		order_by="modified desc",
		limit=_MOST_TRIED,
	)
	frappe.db.commit()  # no transaction is open during HTTP
	for code in codes:
		person = _read(client, code.strip())
		if person:
			findings.good(_("Device users: personnel records can be read."))
			return person
	findings.bad(
		_("Device users: none of these Biometric IDs is a person on the server: {0}.").format(
			", ".join(codes) or _("no employee has one")
		),
		_("Check that the Biometric IDs of the Employees are the codes of the people on the BioTime server."),
	)
	return None


def _read(client: BioTimeClient, code: str) -> Person | None:
	try:
		return client.person_with_code(code)
	except BioTimeError as error:
		error.message = joined(error.message, _OF_PEOPLE)
		raise
