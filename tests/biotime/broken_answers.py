"""Answers as the contract shows them, and what broken servers, foreign builds and bad lines make of them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from zkteco_biometric.simulator.answers import ERROR_PAGE, LOGIN_PAGE, NOT_FOUND_PAGE

Draw = Callable[[st.SearchStrategy[Any]], Any]
Change = Callable[[Draw, Any, Any], None]

ROW = {
	"id": 2,
	"emp": None,
	"emp_code": "007",
	"first_name": "Ana",
	"last_name": None,
	"punch_time": "2024-06-05 23:59:39",
	"punch_state": "0",
	"punch_state_display": "Check In",
	"verify_type": 4,
	"work_code": "0",
	"terminal_sn": "SIM0000000001",
	"temperature": 0.0,
	"terminal_alias": "gate",
	"upload_time": "2024-09-16 10:44:07",
}
MANUAL_ROW = ROW | {"id": "3", "emp_code": 12, "punch_state": 255, "terminal_sn": "", "longitude": 1.5}
LINK = "http://127.0.0.1:8081/iclock/api/transactions/?page=2"
PAGES: list[Any] = [
	{"count": 84, "next": LINK, "previous": None, "msg": "", "code": 0, "data": [ROW, MANUAL_ROW]},
	{"count": 1, "next": None, "previous": LINK, "results": [ROW]},
	{"count": "1", "next": "null", "previous": "null", "msg": "", "code": "0", "data": [MANUAL_ROW]},
	{"count": 0, "next": None, "previous": None, "msg": "", "code": 0, "data": []},
	{"count": 0, "next": None, "previous": None, "msg": "busy", "code": 1, "data": []},
	{"detail": "Invalid page."},
	{"detail": "Signature has expired."},
]
LOGINS: list[Any] = [
	{"token": "0123456789" * 4},
	{"non_field_errors": ["Unable to log in with provided credentials."]},
	{"username": ["This field is required."]},
	{"detail": "User account is disabled."},
	{"code": 1, "msg": "locked"},
]
JWT_PARTS: list[Any] = [
	[{"typ": "JWT", "alg": "HS256"}, {"user_id": 1, "username": "admin", "exp": 1717675200, "email": ""}],
	[{"typ": "JWT", "alg": "HS256"}, {"exp": 1717675200, "orig_iat": 1717588800}],
]
WEB_PAGES = [page.encode() for page in (ERROR_PAGE, NOT_FOUND_PAGE, LOGIN_PAGE, "<h1>502 Bad Gateway</h1>")]

NAMES = sorted({name for page in (ROW, *PAGES, *LOGINS) for name in page})
DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
STRANGE = [
	"\x00",
	"\x1c",
	"\n",
	"\x7f",
	"\x85",
	"\xa0",
	"\u200b",
	"\u2028",
	"\ud83d",
	"\ufeff",
	"²",
	"٣",
	"é",
	"😀",
]

# What JSON can say and no value of Python's encoder does: marks in a value, replaced in the text.
MARKS = {f"nested {depth}": "[" * depth + "]" * depth for depth in (20, *range(600, 1000, 4), 20_000)} | {
	"objects": '{"detail":' * 800 + "1" + "}" * 800,
	"digits": "9" * 5000,
	"exponent": "1e999",
	"fraction": "0." + "1" * 400,
	"minus zero": "-0",
}
# The least and the greatest number are drawn more often than the others.
SELDOM = st.integers(0, 9).map(lambda number: number == 5)
TIMES = st.one_of(
	st.datetimes().map(str),
	st.sampled_from(
		[
			"0000-00-00 00:00:00",
			"0001-01-01 00:00:00",
			"9999-12-31 23:59:59",
			"10000-01-01 00:00:00",
			"2023-02-29 10:00:00",
			"2024-06-05T23:59:39+03:00",
			"2024-06-05 23:59:60",
			"05/06/2024 23:59",
		]
	),
	st.tuples(*[st.integers(0, 99)] * 6).map(
		lambda parts: "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}".format(*parts)
	),
)
NUMBERS = st.one_of(
	st.integers(),
	st.floats(),
	st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**18, 10**19, 10**400, 1e300, 1e308, -0.0, 5e-324]),
)
LEAVES = st.one_of(
	st.none(),
	st.booleans(),
	NUMBERS,
	TIMES,
	NUMBERS.map(str),
	st.text(st.characters(), max_size=8),
	st.sampled_from(["", " ", "null", "none", "NaN", "0", "255", *STRANGE]),
	st.sampled_from(sorted(MARKS)),
)
VALUES = st.recursive(
	LEAVES,
	lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
	max_leaves=6,
)


def _delete(_draw: Draw, holder: Any, key: Any) -> None:
	del holder[key]


def _replace(draw: Draw, holder: Any, key: Any) -> None:
	holder[key] = draw(VALUES)


def _copy(draw: Draw, holder: Any, key: Any) -> None:
	"""The value once more: at another name, or in the same list many times."""
	value = holder[key]
	if isinstance(holder, list):
		holder.extend(deepcopy(value) for _ in range(draw(st.sampled_from([1, 2, 30]))))
	else:
		holder[draw(st.sampled_from(NAMES))] = deepcopy(value)


def _swap(draw: Draw, holder: Any, key: Any) -> None:
	other = draw(st.sampled_from(_keys(holder)))
	holder[key], holder[other] = holder[other], holder[key]


def _wrap(draw: Draw, holder: Any, key: Any) -> None:
	value = holder[key]
	holder[key] = draw(st.sampled_from([[value], [value, value], {"data": value}, [[value]], {"0": value}]))


def _retype(draw: Draw, holder: Any, key: Any) -> None:
	"""What reads the same and is of another type: `"2"` for 2, 2.0 for 2, an object for a list."""
	value = holder[key]
	if isinstance(value, list):
		holder[key] = dict(zip(map(str, range(len(value))), value, strict=True))
	elif isinstance(value, dict):
		holder[key] = list(value.values())
	elif isinstance(value, str) and value.isdecimal() and len(value) < 300:
		holder[key] = draw(st.sampled_from([int, float]))(value)
	else:
		holder[key] = draw(st.sampled_from([str, bool, repr]))(value)


def _spoil(draw: Draw, holder: Any, key: Any) -> None:
	if isinstance(holder[key], str):
		holder[key] = draw(spoiled_text(holder[key]))
	else:
		_replace(draw, holder, key)


CHANGES: list[Change] = [_delete, _replace, _replace, _copy, _swap, _wrap, _retype, _spoil, _spoil]


@st.composite
def spoiled_text(draw: Draw, text: str) -> str:
	"""The text with up to three characters, or all digits, gone wrong."""
	for _ in range(draw(st.integers(0, 3))):
		at = draw(st.integers(0, len(text)))
		text = draw(
			st.sampled_from(
				[
					text[:at],
					text[at:],
					text[:at] + text[at + 1 :],
					text[:at] + text[max(0, at - 3) :],
					text.translate(DIGITS),
					text * 20,
					text.upper(),
				]
			)
			| st.one_of(st.sampled_from(STRANGE), st.characters()).map(
				lambda strange, at=at, text=text: text[:at] + strange + text[at:]
			)
		)
	return text


@st.composite
def changed(draw: Draw, shapes: list[Any]) -> Any:
	"""One of the shapes with up to four changes anywhere in it, seldom of the whole."""
	held = [deepcopy(draw(st.sampled_from(shapes)))]
	for _ in range(draw(st.integers(0, 4))):
		whole, *parts = list(_places(held)) or [(held, 0)]
		place = draw(st.sampled_from(parts)) if parts and not draw(SELDOM) else whole
		if held:
			draw(st.sampled_from(CHANGES))(draw, *place)
	return held[0] if held else None


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
	"""Every list or object within, with each of its keys."""
	for key in _keys(holder):
		yield holder, key
		yield from _places(holder[key])


def _keys(value: Any) -> list[Any]:
	if isinstance(value, dict):
		return list(value)
	return list(range(len(value))) if isinstance(value, list) else []


def written(value: Any, *, ascii: bool = True) -> bytes:
	"""As JSON, marks replaced; half a surrogate pair becomes bytes that are no UTF-8 where it is not escaped."""
	text = json.dumps(value, ensure_ascii=ascii)
	for mark, meant in MARKS.items():
		if mark in text:
			text = text.replace(f'"{mark}"', meant)
	return text.encode("utf-8", "surrogatepass")


def tokens() -> st.SearchStrategy[str]:
	"""JWTs whose header and claims have changed, and texts that are nearly one."""
	whole = changed(JWT_PARTS).map(_token)
	return st.one_of(whole, whole, whole.flatmap(spoiled_text), st.text(max_size=40))


def _token(parts: Any) -> str:
	pieces = parts if isinstance(parts, list) else [parts]
	encoded = [urlsafe_b64encode(written(piece)).rstrip(b"=").decode() for piece in pieces]
	return ".".join([*encoded, "c2ln"])


def log_ins() -> st.SearchStrategy[Any]:
	"""The JSON of answers to a log-in, some with a token that says when it ends."""
	return changed(LOGINS) | tokens().map(lambda token: {"token": token}) | changed(PAGES)


@st.composite
def bodies(draw: Draw, values: st.SearchStrategy[Any]) -> bytes:
	"""Of answers: the JSON of a value or a web page, most of them whole, some damaged on their way."""
	if draw(SELDOM):
		body = draw(st.sampled_from(WEB_PAGES))
	else:
		body = written(draw(values), ascii=draw(st.booleans()))
	return draw(_damaged(body)) if draw(SELDOM) else body


@st.composite
def _damaged(draw: Draw, body: bytes) -> bytes:
	start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
	text = body.decode("utf-8", "replace")
	return draw(
		st.sampled_from(
			[
				body[:end],
				body[start:],
				body[:start] + body[end:],
				body[:end] + body[start:],
				b"\xef\xbb\xbf" + body,
				b"\xef\xbb\xbf" * 2 + body,
				text.encode("utf-16"),
				text.encode("latin-1", "replace"),
				b"\r\n " + body + b"\x00",
			]
		)
		| st.binary(max_size=6).map(lambda noise: body[:start] + noise + body[end:])
		| st.binary(max_size=6).map(lambda noise: body[:start] + noise + body[start:])
	)


DATES = [
	"Wed, 05 Jun 2024 12:00:00 GMT",
	"Wed, 05 Jun 2024 15:00:00 +0300",
	"5 Jun 2024 12:00:00 -0000",
	"Wednesday, 05-Jun-24 12:00:00 GMT",
	"Wed Jun  5 12:00:00 2024",
	"Fri, 31 Dec 9999 23:59:59 -1200",
]


def dates() -> st.SearchStrategy[str]:
	"""Date headers, gone wrong in up to three places."""
	return st.sampled_from(DATES).flatmap(spoiled_text)


def waits() -> st.SearchStrategy[str]:
	"""Retry-After headers: numbers and dates, gone wrong; any text."""
	number = st.sampled_from(["0", "7", "120", " 30 ", "1.5", "-5", "9" * 400, "1" * 5000]).flatmap(
		spoiled_text
	)
	return st.one_of(number, st.integers().map(str), dates(), st.text(max_size=20))
