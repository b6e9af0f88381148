"""Rows of the vendor become punches, or rejected rows with a reason; never an exception."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkteco_biometric.biotime.models import (
	Credentials,
	Page,
	Punch,
	RejectedRow,
	Token,
	TokenKind,
	parse_row,
	parse_time,
)

RECORDED = {
	"id": 2,
	"emp": None,
	"emp_code": "4",
	"first_name": None,
	"last_name": None,
	"department": None,
	"position": None,
	"punch_time": "2024-06-05 23:59:39",
	"punch_state": "0",
	"punch_state_display": "Check In",
	"verify_type": 4,
	"verify_type_display": "Card",
	"work_code": "0",
	"gps_location": None,
	"area_alias": "empty",
	"terminal_sn": "SIM0000000001",
	"temperature": 0.0,
	"is_mask": "-",
	"terminal_alias": "gate",
	"upload_time": "2024-09-16 10:44:07",
}


def row(**changes: Any) -> dict[str, Any]:
	return RECORDED | changes


def punch(**changes: Any) -> Punch:
	parsed = parse_row(row(**changes))
	assert isinstance(parsed, Punch), parsed
	return parsed


def rejected(**changes: Any) -> RejectedRow:
	parsed = parse_row(row(**changes))
	assert isinstance(parsed, RejectedRow), parsed
	return parsed


def test_a_recorded_row_becomes_a_punch() -> None:
	assert parse_row(RECORDED) == Punch(
		id=2,
		emp_code="4",
		time=datetime(2024, 6, 5, 23, 59, 39),
		state="0",
		terminal_sn="SIM0000000001",
		terminal_alias="gate",
		upload_time=datetime(2024, 9, 16, 10, 44, 7),
	)


def test_unknown_fields_are_ignored() -> None:
	assert parse_row(row(longitude=1.5, crc="x", nested={"a": [1]})) == parse_row(RECORDED)


def test_a_row_needs_only_a_code_and_a_time() -> None:
	assert parse_row({"emp_code": "4", "punch_time": "2024-06-05 23:59:39"}) == Punch(
		id=None, emp_code="4", time=datetime(2024, 6, 5, 23, 59, 39), state="255"
	)


@pytest.mark.parametrize(
	("sent", "code"),
	[
		("007", "007"),
		("0", "0"),
		("A7", "A7"),
		("a7", "a7"),
		(" 12 ", "12"),
		(12, "12"),
		(0, "0"),
		("1e3", "1e3"),
		("٣", "٣"),
		("7.0", "7.0"),
	],
)
def test_a_code_stays_the_text_that_it_is(sent: Any, code: str) -> None:
	assert punch(emp_code=sent).emp_code == code


@pytest.mark.parametrize("sent", [None, "", "   ", True, 7.0, [], ["7"], {}, {"code": "7"}])
def test_a_row_without_a_code_is_rejected(sent: Any) -> None:
	assert rejected(emp_code=sent).reason == "emp_code is missing"


@pytest.mark.parametrize(
	("sent", "time"),
	[
		("2024-06-05 23:59:39", datetime(2024, 6, 5, 23, 59, 39)),
		("2024-06-05T23:59:39", datetime(2024, 6, 5, 23, 59, 39)),
		("2024-06-05 23:59:39.999999", datetime(2024, 6, 5, 23, 59, 39)),
		("2024-06-05 23:59", datetime(2024, 6, 5, 23, 59)),
		(" 2024-06-05 23:59:39\n", datetime(2024, 6, 5, 23, 59, 39)),
		("2024-02-29 00:00:00", datetime(2024, 2, 29)),
		("0001-01-01 00:00:00", datetime(1, 1, 1)),
		("9999-12-31 23:59:59", datetime(9999, 12, 31, 23, 59, 59)),
	],
)
def test_a_time_is_naive_and_has_whole_seconds(sent: str, time: datetime) -> None:
	assert punch(punch_time=sent).time == time
	assert parse_time(sent) == time


@pytest.mark.parametrize(
	"sent",
	[
		"2023-02-29 00:00:00",
		"2024-13-01 00:00:00",
		"2024-06-31 00:00:00",
		"2024-06-05 24:00:00",
		"2024-06-05 23:60:00",
		"2024-06-05 23:59:60",
		"0000-00-00 00:00:00",
		"2024-06-05",
		"2024-6-5 1:02:03",
		"05/06/2024 23:59:39",
		"2024-06-05 23:59:39Z",
		"2024-06-05T23:59:39+03:00",
		"2024-06-05  23:59:39",
		"٢٠٢٤-٠٦-٠٥ ٢٣:٥٩:٣٩",
		"null",
		"now",
	],
)
def test_an_impossible_time_is_rejected_and_shown(sent: str) -> None:
	refused = rejected(punch_time=sent)
	assert repr(sent) in refused.reason
	assert refused.transaction_id == "2"


@pytest.mark.parametrize("sent", [None, "", " ", 1717631979, 1.5, True, [], {}])
def test_a_row_without_a_time_is_rejected(sent: Any) -> None:
	assert rejected(punch_time=sent).reason == "punch_time is missing"


@pytest.mark.parametrize(
	("sent", "state"),
	[
		("0", "0"),
		("1", "1"),
		("5", "5"),
		("255", "255"),
		(0, "0"),
		(1, "1"),
		(255, "255"),
		("", "255"),
		(" ", "255"),
		(None, "255"),
		("I", "I"),
		(1.0, "1"),
		(0.0, "0"),
		("01", "1"),
		("1.0", "1"),
		("1.", "1"),
		("00", "0"),
		("0.0", "0"),
		(" 10 ", "10"),
		("1.5", "1.5"),
		("-1", "-1"),
		("٣", "٣"),
	],
)
def test_a_state_is_text_and_a_missing_one_is_no_key(sent: Any, state: str) -> None:
	assert punch(punch_state=sent).state == state


@pytest.mark.parametrize(
	"sent", [True, False, [], ["1"], {}, {"code": 1}, 1.5, float("nan"), float("inf"), float("-inf")]
)
def test_a_row_whose_state_is_no_text_and_no_number_is_rejected(sent: Any) -> None:
	assert rejected(punch_state=sent).reason == "punch_state is unreadable"


@pytest.mark.parametrize(
	("sent", "number"),
	[
		(2, 2),
		("2", 2),
		(" 2 ", 2),
		(0, 0),
		(10**17, 10**17),
		(None, None),
		("", None),
		("x", None),
		(-1, None),
		(2.5, None),
		(True, None),
		("٣", None),
		(10**30, None),
	],
)
def test_an_id_is_a_whole_number_or_none(sent: Any, number: int | None) -> None:
	assert punch(id=sent).id == number


@pytest.mark.parametrize("sent", [None, "", "yesterday", "2024-02-30 00:00:00", 12, [], "2024-06-05"])
def test_an_unreadable_upload_time_does_not_matter(sent: Any) -> None:
	assert punch(upload_time=sent).upload_time is None


@pytest.mark.parametrize("name", ["terminal_sn", "terminal_alias"])
@pytest.mark.parametrize("sent", [None, "", [], {}, 1.5])
def test_a_missing_terminal_is_blank(name: str, sent: Any) -> None:
	assert getattr(punch(**{name: sent}), name) == ""


@pytest.mark.parametrize("sent", [None, True, 1, 1.5, "row", [], [1]])
def test_what_is_no_object_is_rejected(sent: Any) -> None:
	assert parse_row(sent) == RejectedRow("the row is not an object", "", sent)


def test_a_rejected_row_keeps_what_came_but_does_not_print_it() -> None:
	refused = rejected(emp_code=None, first_name="Somebody")
	assert refused.row["first_name"] == "Somebody"
	assert "Somebody" not in repr(refused)


def test_half_a_surrogate_pair_can_still_be_stored() -> None:
	code = punch(emp_code=json.loads('"\\ud83d7"')).emp_code
	assert code.encode() == b"?7"


def test_a_reason_stays_short_enough_to_be_shown() -> None:
	assert len(rejected(punch_time="9" * 1_000_000).reason) < 300


LEAVES = st.one_of(
	st.none(),
	st.booleans(),
	st.integers(),
	st.floats(),
	st.text(st.characters(), max_size=12),
	st.datetimes().map(str),
	st.sampled_from(
		["", "null", "0", "255", "2024-06-05 23:59:39", "0000-00-00 00:00:00", "\ud83d", 10**600]
	),
)
JSON_VALUES = (
	LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=2)
)
READ = ("id", "emp_code", "punch_time", "punch_state", "terminal_sn", "terminal_alias", "upload_time")
ROWS = st.dictionaries(st.sampled_from(READ), JSON_VALUES)


def check_parsed(parsed: Punch | RejectedRow) -> None:
	if isinstance(parsed, RejectedRow):
		assert parsed.reason
		(parsed.reason + parsed.transaction_id).encode()
		return
	assert parsed.emp_code == parsed.emp_code.strip() != ""
	assert parsed.state
	assert parsed.time.tzinfo is None
	assert parsed.time.microsecond == 0
	assert parsed.id is None or 0 <= parsed.id < 2**63
	(parsed.emp_code + parsed.state + parsed.terminal_sn + parsed.terminal_alias).encode()


@given(JSON_VALUES)
@settings(max_examples=300)
def test_any_json_value_is_a_punch_or_is_rejected(value: Any) -> None:
	check_parsed(parse_row(value))


@given(ROWS)
@settings(max_examples=1000)
def test_any_row_is_a_punch_or_is_rejected(value: dict[str, Any]) -> None:
	check_parsed(parse_row(value))


@given(st.sampled_from(READ), JSON_VALUES)
@settings(max_examples=2000)
def test_any_field_may_hold_anything(name: str, value: Any) -> None:
	check_parsed(parse_row(RECORDED | {name: value}))


@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", fullmatch=True))
@settings(max_examples=1000)
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
	try:
		assert parse_time(text).microsecond == 0
	except ValueError as error:
		assert "time" in str(error)


NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
	("expires_at", "expired"),
	[
		(None, False),
		(NOW + timedelta(seconds=1), False),
		(NOW, True),
		(NOW - timedelta(seconds=1), True),
	],
)
def test_a_token_is_expired_from_the_moment_it_ends(expires_at: datetime | None, expired: bool) -> None:
	assert Token("secret-token", TokenKind.JWT, expires_at).is_expired(NOW) is expired


@pytest.mark.parametrize(("kind", "header"), [(TokenKind.JWT, "JWT abc"), (TokenKind.GENERAL, "Token abc")])
def test_the_scheme_fits_the_kind_of_token(kind: TokenKind, header: str) -> None:
	assert Token("abc", kind).authorization == header


def test_secrets_are_not_printed() -> None:
	assert "secret-token" not in repr(Token("secret-token", TokenKind.JWT))
	assert "secret-word" not in repr(Credentials("admin", "secret-word"))


def test_a_page_knows_how_many_rows_it_has_and_whether_another_follows() -> None:
	page = Page(1, (punch(),), (rejected(emp_code=""),), 2, "page=2")
	assert (page.fetched, page.has_next) == (2, True)
	assert not Page(1, (), (), 0, None).has_next
