"""A notice on its way: Frappe's bell, and its e-mail. Frappe itself sends no e-mail for an Alert, so none comes twice."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.utils import escape_html

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.notice_recipients import Recipient, audiences
from zkteco_biometric.frappe_hr.notice_rules import NoticeSettings
from zkteco_biometric.frappe_hr.notice_state import NOTICES
from zkteco_biometric.frappe_hr.notice_texts import Text, say, speaking
from zkteco_biometric.notices.grouping import Notice, gather_notices
from zkteco_biometric.notices.incidents import Reading


def send(told: Mapping[str, Reading], settings: NoticeSettings, is_over: bool) -> set[str]:
	"""Of incidents, by their names; to everybody what they may see, in their own language. Returns the names of those of which
	there is anybody to tell. Within the caller's transaction.

	The bell shows one line, and leads to the incident, which says what to do; the e-mail says it, and leads to where it is done.
	"""
	if not told:
		return set()
	reached: set[str] = set()
	for audience in audiences(settings.roles, {name: one.key.device for name, one in told.items()}):
		theirs = {told[name].key: name for name in told if name in audience.incidents}
		with speaking(audience.language):
			for notice in gather_notices([told[name] for name in theirs.values()], is_over):
				text = say(notice, [theirs[reading.key] for reading in notice.readings])
				_send(notice, text, audience.people, settings.send_email)
		reached |= audience.incidents
	return reached


def _send(notice: Notice, text: Text, readers: Sequence[Recipient], by_email: bool) -> None:
	for reader in readers:
		_ring(reader.user, notice, text)
	addresses = [reader.email for reader in readers if reader.email]
	if by_email and addresses and EmailAccount.find_outgoing():
		_mail(addresses, notice, text)


def _ring(user: str, notice: Notice, text: Text) -> None:
	frappe.get_doc(
		{
			"doctype": "Notification Log",
			"type": "Alert",
			"for_user": user,
			"from_user": "Administrator",
			"document_type": SETTINGS,
			"document_name": notice.devices[0],
			"subject": escape_html(text.subject),
			"email_content": "<br>".join(_escaped([*text.lines, text.remedy])),
			"link": _within_the_site(text.incident),
		}
	).insert(ignore_permissions=True)  # nobody may write somebody else's notifications


def _within_the_site(link: str) -> str:
	"""Under whatever host name a person has Desk open."""
	return urlunsplit(("", "", *urlsplit(link)[2:]))


def _mail(addresses: list[str], notice: Notice, text: Text) -> None:
	"""What cannot be sent must keep nobody from hearing the bell: it is noted in the Error Log."""
	frappe.db.savepoint("zkteco_mail")
	try:
		frappe.sendmail(
			recipients=addresses,
			subject=text.subject,
			message=_html(text),
			header=[escape_html(text.subject), "green" if notice.is_over else "red"],
			reference_doctype=SETTINGS,
			reference_name=notice.devices[0],
		)
	except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
		raise  # the whole transaction is gone; the next sweep does it again
	except Exception:  # noqa: BLE001 whatever an Email Account, a template or a hook does
		frappe.db.rollback(save_point="zkteco_mail")
		frappe.log_error(title=NOTICES, message=frappe.get_traceback())
		frappe.clear_messages()


def _html(text: Text) -> str:
	lines = "".join(f"<li>{line}</li>" for line in _escaped(text.lines))
	to_do, see = _("What to do"), _("Open in Desk")
	remedy = f"<p><b>{to_do}</b>: {escape_html(text.remedy)}</p>" if text.remedy else ""
	link = f'<p><a href="{escape_html(text.link)}">{see}</a></p>'
	return f"<ul>{lines}</ul>{remedy}{link}" if lines else f"{remedy}{link}"


def _escaped(lines: Iterable[str]) -> list[str]:
	return [escape_html(line) for line in lines if line]
