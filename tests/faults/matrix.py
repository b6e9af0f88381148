"""What must come of every fault at every position, written down by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.device import POSITIONS
from zkteco_biometric.simulator import faults
from zkteco_biometric.simulator.faults import Fault


@dataclass(frozen=True)
class Left:
	"""What a cycle leaves behind, and where the next one begins.

	`stored`: which of the new rows are kept, as check-ins or waiting. `has_moved`: whether Last Sync has. `checkpoint`: the
	page at which the window is to go on. `next_pages`: those of windows that the next cycle asks for. `looks_back`: whether
	it compares the days before, which is done once a day.
	"""

	stored: str
	has_moved: bool
	checkpoint: int | None
	next_pages: tuple[int, ...]
	looks_back: bool = True


LEFT = {
	"log-in": Left("", False, None, (1, 2, 3)),
	"first page": Left("", False, None, (1, 2, 3)),
	"middle page": Left("AB", False, 2, (1, 2, 3, 1)),
	"last page": Left("ABCD", False, 3, (2, 3, 1)),
	"arrivals page": Left("ABCDEL", True, None, (1,), looks_back=False),
	"look-back count": Left("ABCDEL", True, None, (1,)),
}
"""By where it fails. An interrupted window goes on a page early; a new one follows it. Where only the look by arrival fails,
comparing days finds what came late."""

NO_HARM = Left("ABCDEL", True, None, (1,), looks_back=False)


@dataclass(frozen=True)
class Expected:
	"""How a cycle ends: the class of the error, a part of its message; empty where nothing is seen."""

	error: str = ""
	says: str = ""


NOTHING = Expected()


@dataclass(frozen=True)
class Row:
	"""A fault, and how cycles end that meet it: at the log-in, elsewhere, and at `special` positions.

	`slow`: the answer comes after the time-out. `untrusted`: the certificate is nobody's.
	"""

	name: str
	fault: Fault | None
	log_in: Expected
	pages: Expected | None
	once: bool = False
	slow: bool = False
	untrusted: bool = False
	special: Mapping[str, Expected] = field(default_factory=dict)

	def expected(self, position: str) -> Expected | None:
		"""None where it cannot happen."""
		usual = self.log_in if position == "log-in" else self.pages
		return self.special.get(position, usual)


def everywhere(name: str, fault: Fault, error: str, says: str) -> Row:
	return Row(name, fault, Expected(error, says), Expected(error, says))


def passing(name: str, fault: Fault, *, slow: bool = False) -> Row:
	"""Asked again, the server answers."""
	return Row(name, fault, NOTHING, NOTHING, once=True, slow=slow)


NO_LOG_IN = Expected("NotBioTime", "has neither of BioTime's log-in addresses")
WEB_PAGE = Expected("NotBioTime", "a web page where the API should be")
NO_PUNCHES = Expected("NotBioTime", "no punches at this address (404)")

MATRIX = [
	passing("HTML 500 page with 200, once", faults.html_error()),
	everywhere(
		"HTML 500 page with 200, for hours",
		faults.html_error(),
		"HtmlInsteadOfJson",
		"an error page instead of data",
	),
	Row("unknown path: HTML with 200", faults.html_not_found(), NO_LOG_IN, WEB_PAGE),
	Row(
		"JSON 404",
		faults.status(404, body='{"detail": "Not found."}'),
		NO_LOG_IN,
		NO_PUNCHES,
		special={
			"middle page": Expected("ServerError", "there are 5 punches but ended the list after 2"),
			"last page": Expected("ServerError", "there are 5 punches but ended the list after 4"),
		},
	),
	passing("500, once", faults.status(500)),
	everywhere("500, for hours", faults.status(500), "ServerError", "failed with status 500"),
	everywhere("502, for hours", faults.status(502), "ServerError", "failed with status 502"),
	everywhere("504, for hours", faults.status(504), "ServerError", "failed with status 504"),
	passing("slow first answer", faults.delay(5), slow=True),
	Row(
		"time-out, for hours",
		faults.delay(5),
		Expected("TimedOut", "did not answer in time"),
		Expected("TimedOut", "did not answer in time"),
		slow=True,
	),
	passing("connection reset, once", faults.reset()),
	everywhere("connection reset, for hours", faults.reset(), "Unreachable", "cannot be reached"),
	passing("truncated body, once", faults.truncate()),
	everywhere("truncated body, for hours", faults.truncate(), "TruncatedBody", "broke off"),
	passing("truncated JSON, once", faults.truncate_json()),
	everywhere("truncated JSON, for hours", faults.truncate_json(), "TruncatedBody", "broke off after"),
	Row(
		"error code in the envelope, once",
		faults.api_code(),
		Expected(
			"WrongCredentials", "refused the log-in: The server reports error code 1: The server is busy."
		),
		NOTHING,
		once=True,
	),
	Row(
		"error code in the envelope, for hours",
		faults.api_code(),
		Expected(
			"WrongCredentials", "refused the log-in: The server reports error code 1: The server is busy."
		),
		Expected("ErrorCode", "error code 1: The server is busy."),
	),
	everywhere(
		"redirect to the log-in page", faults.redirect_to_login(), "Redirected", "redirects to /login/"
	),
	Row("HTML log-in page with 200", faults.login_page(), NO_LOG_IN, WEB_PAGE),
	Row(
		"401 expired, once",
		faults.unauthorized(),
		Expected("WrongCredentials", "refused the log-in (401): Signature has expired."),
		NOTHING,
		once=True,
	),
	Row(
		"401 expired, for hours",
		faults.unauthorized(),
		Expected("WrongCredentials", "refused the log-in (401): Signature has expired."),
		Expected("AccessDenied", "refuses a fresh token: Signature has expired."),
	),
	Row(
		"401 garbled, for hours",
		faults.unauthorized("Error decoding signature."),
		Expected("WrongCredentials", "refused the log-in (401): Error decoding signature."),
		Expected("AccessDenied", "refuses a fresh token: Error decoding signature."),
	),
	Row(
		"403, licence without the API",
		faults.licence_missing(),
		Expected("WrongCredentials", "refused the log-in (403): You do not have permission"),
		Expected("LicenceWithoutApi", "refuses the API (403): You do not have permission"),
	),
	Row(
		"JSON of another shape",
		faults.wrong_shape([]),
		Expected("WrongCredentials", "sent no token"),
		Expected("UnexpectedShape", "refused the request for punches: []"),
	),
	everywhere("not JSON", faults.not_json(), "TruncatedBody", "broke off after 16 bytes"),
	Row("self-signed certificate", None, Expected("TlsFailed", "certificate"), None, untrusted=True),
]

CELLS = [
	(row, position, expected)
	for row in MATRIX
	for position in POSITIONS
	if (expected := row.expected(position)) is not None
]


@dataclass(frozen=True)
class Death:
	"""The site's process ends in the middle of what it writes: at a moment of page 2 or of the end of its window."""

	name: str
	page: int | None
	moment: str
	number: int
	left: Left


PAGE_2, PAGE_3, WINDOW = LEFT["middle page"], LEFT["last page"], Left("ABCDE", False, 4, (3, 1))

DEATHS = [
	Death("before the first row of a page", 2, "row", 1, PAGE_2),
	Death("between two rows of a page", 2, "row", 2, PAGE_2),
	Death("before the commit of a page", 2, "commit", 1, PAGE_2),
	Death("after the commit of a page", 2, "committed", 1, PAGE_3),
	Death("before the end of a window is written", None, "statement", 1, WINDOW),
	Death("while the end of a window is written", None, "statement", 4, WINDOW),
	Death("before the commit of the end of a window", None, "commit", 1, WINDOW),
	Death("after the commit of the end of a window", None, "committed", 1, Left("ABCDE", True, None, (1,))),
]
"""Where a process is killed within a commit, SQLite itself makes it one of before and after."""
