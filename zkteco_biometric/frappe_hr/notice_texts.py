"""What a notice says, in the language of the moment. Plain texts: whoever shows them escapes them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import frappe
from frappe import _
from frappe.utils import format_datetime, get_url_to_form, get_url_to_list

from zkteco_biometric.frappe_hr.control_reports import LET_THEM_IN
from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT, PENDING, SETTINGS, TERMINAL
from zkteco_biometric.frappe_hr.wording import first_lines, harmless, site_language, translated
from zkteco_biometric.notices.grouping import Notice
from zkteco_biometric.notices.incidents import Kind, Reading

_LONGEST_TITLE = 140
_PEOPLE_AND_TERMINALS = (Kind.PEOPLE, Kind.SILENT_TERMINAL, Kind.CLOCK)
_PLACES: dict[Kind, tuple[str, dict[str, str]]] = {
	Kind.WAITING: (PENDING, {"status": "Waiting"}),
	Kind.SILENT_TERMINAL: (TERMINAL, {}),
	Kind.CLOCK: (TERMINAL, {}),
	Kind.PEOPLE: (DEVICE_USER, {}),
}
"""Where a kind is mended, if not on the form of the device."""


@dataclass(frozen=True)
class Text:
	"""Links are absolute. `link`: where it is mended; `incident`: where it is kept."""

	subject: str
	lines: tuple[str, ...]
	remedy: str
	link: str
	incident: str

	@property
	def whole(self) -> str:
		return "\n".join((self.subject, *self.lines))


def say(notice: Notice, incidents: Sequence[str] = ()) -> Text:
	return Text(
		subject=" ".join(_subject(notice).split()),
		lines=tuple(
			first_lines([line for line in map(_line_in(notice), notice.readings) if line], translated)
		),
		remedy="" if notice.is_over else _remedy(notice),
		link=_link(notice),
		incident=get_url_to_form(INCIDENT, incidents[0]) if len(incidents) == 1 else _incidents(notice),
	)


def _subject(notice: Notice) -> str:
	if not notice.device:
		told = _("Over: {0}, {1} devices") if notice.is_over else _("{0}: {1} devices")
		return told.format(_(notice.kind.value), len(notice.devices))
	if notice.kind not in _PEOPLE_AND_TERMINALS:
		return _of_device(notice).format(notice.device)
	if len(notice.readings) > 1:
		return _of_several(notice).format(len(notice.readings), notice.device)
	return _of_one(notice).format(_named(notice.readings[0]), notice.device)


def _of_device(notice: Notice) -> str:
	texts = {
		Kind.SILENT_DEVICE: (_("No punches come from {0}"), _("Punches come from {0} again")),
		Kind.NOT_READ: (_("{0} is not read"), _("{0} is read again")),
		Kind.LOG_IN: (_("{0} rejects the log-in"), _("{0} accepts the log-in again")),
		Kind.FAILING: (_("{0} cannot be read"), _("{0} can be read again")),
		Kind.WAITING: (_("Many punches of {0} wait"), _("Few punches of {0} wait, or none")),
	}
	return texts[notice.kind][notice.is_over]


def _of_one(notice: Notice) -> str:
	texts = {
		Kind.SILENT_TERMINAL: (
			_("No punches come from terminal {0} of {1}"),
			_("Punches come from terminal {0} of {1} again"),
		),
		Kind.CLOCK: (
			_("The clock of terminal {0} of {1} is wrong"),
			_("The clock of terminal {0} of {1} is right again"),
		),
		Kind.PEOPLE: (_("{0} could not be enabled in time on {1}"), _("{0} is enabled again on {1}")),
	}
	return texts[notice.kind][notice.is_over]


def _of_several(notice: Notice) -> str:
	texts = {
		Kind.SILENT_TERMINAL: (
			_("No punches come from {0} terminals of {1}"),
			_("Punches come from {0} terminals of {1} again"),
		),
		Kind.CLOCK: (
			_("The clocks of {0} terminals of {1} are wrong"),
			_("The clocks of {0} terminals of {1} are right again"),
		),
		Kind.PEOPLE: (
			_("{0} people could not be enabled in time on {1}"),
			_("{0} people are enabled again on {1}"),
		),
	}
	return texts[notice.kind][notice.is_over]


def _named(reading: Reading) -> str:
	return reading.name or reading.key.subject


def _line_in(notice: Notice) -> Callable[[Reading], str]:
	def line(reading: Reading) -> str:
		told = _line(reading, notice.is_over)
		return told if notice.device else f"{reading.key.device}: {told}".rstrip(": ")

	return line


def _line(reading: Reading, is_over: bool) -> str:
	kind = reading.key.kind
	if kind is Kind.WAITING and reading.details:
		return _("Waiting now: {0}").format(*reading.details)
	if kind in (Kind.SILENT_DEVICE, Kind.SILENT_TERMINAL) and reading.since:
		told = _("Last punch: {0}").format(format_datetime(reading.since))
		return f"{_named(reading)}: {told}" if kind is Kind.SILENT_TERMINAL else told
	if kind is Kind.NOT_READ and reading.since:
		told = _("It should have been read by {0}, and nobody has tried.")
		return told.format(format_datetime(reading.since))
	if is_over:
		return _named(reading) if reading.key.subject else ""
	return " ".join(map(translated, reading.details))


def _remedy(notice: Notice) -> str:
	of_device = {reading.remedy for reading in notice.readings if reading.remedy}
	if len(of_device) == 1:
		return of_device.pop()
	return _remedies()[notice.kind]


def _remedies() -> dict[Kind, str]:
	return {
		Kind.SILENT_DEVICE: _(
			"Look whether the terminals have power and network, and whether the BioTime server shows today's punches. If nobody was expected, set Working Hours and Holiday List in ZKTeco Site Settings."
		),
		Kind.SILENT_TERMINAL: _(
			"Look whether the terminal has power and network, and whether the BioTime server shows it online. If it is seldom used, untick Watch for Silence on it."
		),
		Kind.NOT_READ: _(
			"Ask your administrator to run zkteco-doctor on the bench: it says whether the scheduler and the workers run. No punch is lost: they are fetched when the device is read again."
		),
		Kind.LOG_IN: _(
			"Enter the user name and the password on the device anew, and press Test Connection. Until then nothing is fetched from it."
		),
		Kind.FAILING: _(
			"Open the device, press Test Connection and follow what it says. No punch is lost: they are fetched when the device can be read again."
		),
		Kind.WAITING: _(
			"Open the waiting punches: each says what it waits for, such as an employee with its Biometric ID. Attendance may be missing until then."
		),
		Kind.CLOCK: _(
			"Set the terminal's clock and time zone, best by a time server. Check the check-ins that were made meanwhile."
		),
		Kind.PEOPLE: translated(LET_THEM_IN),
	}


def _link(notice: Notice) -> str:
	if not notice.device:
		return _incidents(notice)
	if notice.kind in _PLACES:
		doctype, filters = _PLACES[notice.kind]
		return _list_of(doctype, device=notice.device, **filters)
	return get_url_to_form(SETTINGS, notice.device)


def _incidents(notice: Notice) -> str:
	device = {"device": notice.device} if notice.device else {}
	state = "Over" if notice.is_over else "Open"
	return _list_of(INCIDENT, kind=notice.kind.value, status=state, **device)


def _list_of(doctype: str, **filters: str) -> str:
	return f"{get_url_to_list(doctype)}?{urlencode(filters, quote_via=quote)}"


def describe(reading: Reading) -> dict[str, str]:
	"""For the row of an incident: in the site's language, and harmless, since it is shown as HTML."""
	with speaking(site_language()):
		text = say(Notice(reading.key.kind, False, (reading,)))
	return {
		"title": harmless(text.subject)[:_LONGEST_TITLE],
		"message": harmless(text.whole),
		"remedy": harmless(text.remedy),
	}


@contextmanager
def speaking(language: str) -> Iterator[None]:
	"""What is said meanwhile is in that language, also by Frappe."""
	before = frappe.local.lang
	frappe.local.lang = language
	try:
		yield
	finally:
		frappe.local.lang = before
