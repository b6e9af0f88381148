"""Whether people are told of what goes wrong."""

from collections.abc import Iterator

from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding
from zkteco_biometric.frappe_hr.notice_state import NOTICES
from zkteco_biometric.frappe_hr.notices import notices_trouble

_NOTICES = Area("Notices")


def check_notices() -> Iterator[Finding]:
	trouble = notices_trouble()
	if trouble:
		yield _NOTICES.failure(
			f"Nobody is told of silent or failing devices: the look for them stops by an error ({trouble}).",
			f"Look at the Error Log, title {NOTICES}; run bench migrate; if it lasts, report it to the app's makers.",
		)


CHECKS = (check_notices,)
