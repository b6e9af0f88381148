"""What the vendor's API tells us, as frozen values, parsed tolerantly: unknown fields never matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from zkteco_biometric.wording import _

NO_KEY_PRESSED = "255"
"""The punch state of a punch without a key; blank and null mean the same (contract, section 2)."""

_SHOWN = 100
_PUNCH_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.ASCII)
_WHOLE_SECONDS = len("YYYY-MM-DD HH:MM:SS")
_WHOLE = re.compile(r"0*([0-9]+)(?:\.0*)?")


class TokenKind(Enum):
	"""How a token was obtained; the value is the scheme in the Authorization header."""

	JWT = "JWT"
	GENERAL = "Token"


@dataclass(frozen=True)
class Token:
	"""A token, its kind, and when it ends: aware, by our clock; None where the server does not say."""

	value: str = field(repr=False)
	kind: TokenKind
	expires_at: datetime | None = None

	def is_expired(self, now: datetime) -> bool:
		return self.expires_at is not None and now >= self.expires_at

	@property
	def authorization(self) -> str:
		return f"{self.kind.value} {self.value}"


@dataclass(frozen=True)
class Credentials:
	username: str
	password: str = field(repr=False)


@dataclass(frozen=True)
class Punch:
	"""One row of `/iclock/api/transactions/`.

	`emp_code` keeps its leading zeros. `time` is naive, whole seconds, the terminal's wall clock; `upload_time` is naive,
	the server's wall clock, None where it is missing or unreadable. `state` is the text of the number, `255` where no key
	was pressed. `id` ascends with arrival until a restored database starts it again; None where it is missing.
	`person_name` is the name as the server knows it, empty where it knows none; `row` is all as received.
	"""

	id: int | None
	emp_code: str
	time: datetime
	state: str
	terminal_sn: str = ""
	terminal_alias: str = ""
	upload_time: datetime | None = None
	person_name: str = field(default="", compare=False, repr=False)
	row: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class RejectedRow:
	"""A row that cannot be read: what it was and why, so that a person can find it on the device."""

	reason: str
	transaction_id: str
	row: Any = field(repr=False)


@dataclass(frozen=True)
class Page:
	"""One answer of the transactions endpoint.

	`number` is 1-based, `count` the server's total for the window (None where it gives none), `next_query` the query
	of the following page (None on the last), `server_time` the Date header, aware UTC. `past_end`: there is no such page.
	`asked`: how many rows were asked for.
	"""

	number: int
	punches: tuple[Punch, ...]
	rejected: tuple[RejectedRow, ...]
	count: int | None
	next_query: str | None
	server_time: datetime | None = None
	past_end: bool = False
	asked: int = 0

	@property
	def has_next(self) -> bool:
		return self.next_query is not None

	@property
	def fetched(self) -> int:
		return len(self.punches) + len(self.rejected)


def parse_row(row: Any) -> Punch | RejectedRow:
	"""A punch, or the reason why the row is none. Never raises."""
	if not isinstance(row, Mapping):
		return RejectedRow(_("the row is not an object"), "", row)
	try:
		return _punch(row)
	except ValueError as error:
		return RejectedRow(str(error), as_text(row.get("id"))[:_SHOWN], row)


def _punch(row: Mapping[str, Any]) -> Punch:
	return Punch(
		id=whole_number(row.get("id")),
		emp_code=_emp_code(row.get("emp_code")),
		time=_punch_time(row.get("punch_time")),
		state=_state(row.get("punch_state")),
		terminal_sn=as_text(row.get("terminal_sn")),
		terminal_alias=as_text(row.get("terminal_alias")),
		upload_time=optional_time(row.get("upload_time")),
		person_name=" ".join(filter(None, (as_text(row.get(part)) for part in ("first_name", "last_name")))),
		row=row,
	)


def parse_time(value: str) -> datetime:
	"""Naive wall clock, whole seconds, from `YYYY-MM-DD HH:MM:SS`; ValueError says what is wrong with it."""
	text, shown = value.strip(), repr(value[:_SHOWN])
	if not _PUNCH_TIME.fullmatch(text):
		raise ValueError(_("{0} is no time of the form YYYY-MM-DD HH:MM:SS").format(shown))
	try:
		return datetime.fromisoformat(text[:_WHOLE_SECONDS])
	except ValueError as error:
		raise ValueError(_("{0} is no possible time: {1}").format(shown, error)) from error


def _emp_code(value: Any) -> str:
	code = as_text(value)
	if not code:
		raise ValueError(_("emp_code is missing"))
	return code


def _punch_time(value: Any) -> datetime:
	if not isinstance(value, str) or not value.strip():
		raise ValueError(_("punch_time is missing"))
	return parse_time(value)


def optional_time(value: Any) -> datetime | None:
	try:
		return parse_time(value) if isinstance(value, str) else None
	except ValueError:
		return None


def _state(value: Any) -> str:
	"""A number in its shortest form, however it is written: 1, "1", "01" and 1.0 are one state."""
	if isinstance(value, float) and value.is_integer():
		value = int(value)
	if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
		raise ValueError(_("punch_state is unreadable"))
	text = as_text(value)
	number = _WHOLE.fullmatch(text)
	return number[1] if number else text or NO_KEY_PRESSED


def whole_number(value: Any) -> int | None:
	text = as_text(value)
	return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def as_text(value: Any) -> str:
	"""Text and whole numbers as text, stripped, storable as UTF-8; anything else counts as missing."""
	if isinstance(value, str):
		return value.encode("utf-8", "replace").decode().strip()
	if isinstance(value, int) and not isinstance(value, bool):
		return str(value)
	return ""
