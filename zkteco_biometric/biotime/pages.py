"""One page of `/iclock/api/transactions/`: what to ask, and how to read the envelope. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.envelope import check_past_the_end, count_in, next_query_in, rows_in
from zkteco_biometric.biotime.errors import UnexpectedShape
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, parse_row
from zkteco_biometric.biotime.tokens import server_time
from zkteco_biometric.wording import _

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class PageQuery:
	"""What to ask for: page `number`, 1-based, and naive wall-clock bounds; `extra` comes from the server's `next`.

	`ordering` and `emp_code` may be ignored, or taken loosely, by the server: whoever asks looks at the rows.
	"""

	number: int
	size: int
	start: datetime | None = None
	end: datetime | None = None
	ordering: str = ""
	emp_code: str = ""
	extra: tuple[tuple[str, str], ...] = ()

	def parameters(self) -> dict[str, str]:
		"""`limit` beside `page_size`: the manuals of 8.0 to 9.0 know only the former (contract, section 2)."""
		asked = {"page": str(self.number), "page_size": str(self.size), "limit": str(self.size)}
		if self.start:
			asked["start_time"] = self.start.strftime(TIME_FORMAT)
		if self.end:
			asked["end_time"] = self.end.strftime(TIME_FORMAT)
		if self.ordering:
			asked["ordering"] = self.ordering
		if self.emp_code:
			asked["emp_code"] = self.emp_code
		return dict(self.extra) | asked


def read_page(answer: Json, query: PageQuery) -> Page:
	"""The page, whichever of the known envelopes it comes in. Raises where it is no page."""
	if answer.status == 404:
		return _past_the_end(answer, query)
	if answer.status != 200 or not isinstance(answer.data, Mapping):
		raise UnexpectedShape(
			_("The server refused the request for punches: {0}").format(detail(answer.data))
		)
	rows = rows_in(answer.data, _("punches"))
	parsed = [parse_row(row) for row in rows]
	return Page(
		number=query.number,
		punches=tuple(row for row in parsed if isinstance(row, Punch)),
		rejected=tuple(row for row in parsed if isinstance(row, RejectedRow)),
		count=count_in(answer.data),
		next_query=next_query_in(answer.data, len(rows)),
		server_time=server_time(answer.headers.get("Date") or ""),
		asked=query.size,
	)


def _past_the_end(answer: Json, query: PageQuery) -> Page:
	check_past_the_end(answer, query.number, _("punches"))
	return Page(
		query.number,
		(),
		(),
		None,
		None,
		server_time(answer.headers.get("Date") or ""),
		past_end=True,
		asked=query.size,
	)
