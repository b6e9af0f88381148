"""Each device: its settings, what its last syncs have left, and what it answers now."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import frappe
from frappe.utils import now_datetime
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.frappe_hr.connection_test import test_unless_rejected
from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding, Level, named
from zkteco_biometric.frappe_hr.doctor.site import is_a_zone
from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.overview import Overview, overviews
from zkteco_biometric.frappe_hr.passing import has_lasted, may_pass
from zkteco_biometric.frappe_hr.schedule import FIELDS, plan_of
from zkteco_biometric.frappe_hr.shift_warnings import about_log_types
from zkteco_biometric.notices.incidents import SILENCE, Kind

_DEVICES = Area("Devices")
_SILENT_AFTER = timedelta(days=3)


def check(device: str | None, ask: bool) -> Iterator[Finding]:
	"""All enabled devices, or the named one."""
	enabled = [one for one in overviews([device] if device else None) if one.enabled or device]
	if not enabled:
		yield _DEVICES.warning(
			"No device is set up and enabled: nothing is synced.",
			"Open ZKTeco Biometric Settings in Desk, add a device or tick Enabled.",
		)
	yield from about_same_servers({one.device: one.url for one in enabled})
	for one in enabled:
		yield from _check_device(one, Area(f"Device {one.device}"), ask)


def about_same_servers(urls: dict[str, str]) -> Iterator[Finding]:
	"""By device. It may be meant, as with several users who see different areas."""
	for url, times in Counter(urls.values()).items():
		if times > 1:
			same = [device for device, of_device in urls.items() if of_device == url]
			yield _DEVICES.warning(
				f"The same server is read by several devices: {named(same)}.",
				"Keep one of them enabled, unless their BioTime users see different punches.",
			)


def _check_device(one: Overview, area: Area, ask: bool) -> Iterator[Finding]:
	if not one.enabled:
		yield area.warning(
			"It is disabled.", "Tick Enabled on the device's page and save, when it is to be read."
		)
	settings = frappe.get_doc(SETTINGS, one.device)
	has_password = _password_can_be_read(one.device)
	if not has_password:
		yield area.failure(
			"Its password is missing, or cannot be decrypted by the site's encryption_key.",
			"Enter the password anew on the device's page; after a restore put back the encryption_key of the old site_config.json.",
		)
	yield from _settings(settings, area)
	answers = list(_answers(one.device, area)) if ask and has_password else []
	yield from _past(one, area, answers_now=_all_good(answers))
	yield from _control(one, area)
	yield from answers


def _all_good(answers: list[Finding]) -> bool:
	return bool(answers) and all(one.level is Level.OK for one in answers)


def _password_can_be_read(device: str) -> bool:
	try:
		return bool(get_decrypted_password(SETTINGS, device, "password", raise_exception=False))
	except frappe.ValidationError:
		frappe.clear_messages()
		return False


def _settings(settings, area: Area) -> Iterator[Finding]:
	if settings.time_zone and not is_a_zone(settings.time_zone):
		yield area.failure(
			f"Its time zone {settings.time_zone} is not known to this machine.",
			"Choose the Time Zone of the Punches anew on the device's page.",
		)
	if settings.url and settings.url.startswith("https:") and not settings.verify_tls:
		yield area.warning(
			"Nobody checks who answers for the server: whoever is in between can read the password.",
			"Attach the server's CA file on the device's page, and tick Verify TLS Certificate.",
		)
	if _schedule_is_unreadable(settings):
		yield area.failure(
			"Its schedule cannot be read: it is never synced by itself.",
			"Choose the Fetch Frequency anew on the device's page, and save.",
		)
	for text in about_log_types(settings):
		yield area.warning(text, "As said there: change the punch states of the device, or the Shift Types.")


def _schedule_is_unreadable(settings) -> bool:
	try:
		plan_of(frappe._dict({field: settings.get(field) for field in FIELDS})).next_sync()
	except ValueError:
		return True
	return False


def _past(one: Overview, area: Area, answers_now: bool) -> Iterator[Finding]:
	if one.error and answers_now:
		yield area.warning(
			f"Its last sync failed, and it answers now: {one.error}",
			"Nothing, where the scheduler runs; zkteco-sync reads it at once.",
		)
	elif one.error:
		yield _failing(one, area)
	if one.overdue_since:
		yield _overdue(one, area)
	for clock in one.wrong_clocks:
		yield area.failure(clock, "Set the clock on the terminal, best by a time server (NTP).")
	incidents = _incidents(one)
	yield from (_told_of(incident, area) for incident in incidents)
	if one.enabled and one.last_sync and not one.error:
		is_silent = any(Kind(incident.kind) in SILENCE for incident in incidents)
		yield from [] if is_silent else _news(one, area)
		yield from [] if one.overdue_since else [area.good(f"Its last sync went well, at {one.last_sync}.")]


def _failing(one: Overview, area: Area) -> Finding:
	now = now_datetime()
	times = f" ({one.failures} times in a row)" if one.failures > 1 else ""
	since = f"; last good sync {one.last_sync}" if one.last_sync else "; it has never been synced"
	lasts = f"; failing since {one.failing_since}" if has_lasted(one.failing_since, now) else ""
	kind = area.passing if may_pass(one.error_code, one.failing_since, now) else area.failure
	return kind(f"Its last sync failed{times}{since}{lasts}: {one.error}", one.remedy)


def _overdue(one: Overview, area: Area) -> Finding:
	return area.failure(
		f"It was due at {one.overdue_since}, and nobody has read it since.",
		"Mend what is said above of the scheduler, the workers and its schedule; where nothing is, restart the bench's "
		"workers. zkteco-sync reads it at once.",
	)


def _news(one: Overview, area: Area) -> Iterator[Finding]:
	"""What it brought last; logs are kept for three months."""
	news = frappe.get_all(
		SYNC_LOG,
		filters={"device": one.device},
		or_filters={"created": (">", 0), "pending": (">", 0)},
		pluck="began",
		order_by="began desc",
		limit=1,
	)
	if news and news[0] < now_datetime() - _SILENT_AFTER:
		yield area.warning(
			f"It has brought no new punch since {news[0]}.",
			"If people have punched since: look on the BioTime server whether its terminals are connected and upload.",
		)


def _incidents(one: Overview) -> list:
	"""What the notices have noticed, by the hours and numbers that the site has chosen, and nothing else here tells."""
	told = {
		Kind.LOG_IN: one.error,
		Kind.FAILING: one.error,
		Kind.CLOCK: one.wrong_clocks,
		Kind.PEOPLE: one.late,
		Kind.NOT_READ: one.overdue_since,
	}
	wanted = [kind.value for kind in Kind if not told.get(kind)]
	return frappe.get_all(
		INCIDENT,
		filters={"device": one.device, "status": "Open", "kind": ("in", wanted)},
		fields=["kind", "title", "message", "remedy"],
		order_by="opened, name",
	)


def _told_of(incident, area: Area) -> Finding:
	text = " ".join((incident.message or incident.title).split())
	return area.warning(text, incident.remedy or "Look at the ZKTeco Incident in Desk.")


def _control(one: Overview, area: Area) -> Iterator[Finding]:
	if one.control_error:
		kind = area.passing if may_pass(one.control_error_code, None, now_datetime()) else area.failure
		yield kind(f"Device users: {one.control_error}", one.control_remedy)
	if one.late:
		yield area.failure(
			f"{one.late} people could not be enabled in time.",
			"Look at ZKTeco Device User for what is in the way, or run zkteco-enable-everyone; let them in by hand until then.",
		)


def _answers(device: str, area: Area) -> Iterator[Finding]:
	found = test_unless_rejected(device)
	kind = area.passing if found["may_pass"] else area.failure
	for line in found["lines"]:
		if line["ok"]:
			yield area.good(line["text"])
		else:
			yield kind(line["text"], line["remedy"])
