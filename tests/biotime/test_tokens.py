"""When a token ends, by our clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkteco_biometric.biotime.tokens import expiry, server_time

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
KEY = "k" * 32


def token(**claims: Any) -> str:
	return jwt.encode({"user_id": 1, "username": "admin", "email": "", **claims}, KEY, algorithm="HS256")


def at(instant: datetime) -> int:
	return int(instant.timestamp())


@pytest.mark.parametrize(
	("lifetime", "margin"),
	[
		(timedelta(days=1), timedelta(seconds=30)),
		(timedelta(seconds=300), timedelta(seconds=30)),
		(timedelta(seconds=100), timedelta(seconds=10)),
		(timedelta(seconds=10), timedelta(seconds=1)),
	],
)
def test_a_token_ends_a_little_before_it_does(lifetime: timedelta, margin: timedelta) -> None:
	assert expiry(token(exp=at(NOW + lifetime)), NOW, None) == NOW + lifetime - margin


@pytest.mark.parametrize("off", [timedelta(minutes=-14.5), timedelta(minutes=14.5), timedelta(days=-900)])
def test_a_wrong_clock_of_the_server_does_not_matter(off: timedelta) -> None:
	theirs = NOW + off
	ends = expiry(token(exp=at(theirs + timedelta(seconds=300))), NOW, theirs)
	assert ends == NOW + timedelta(seconds=270)


def test_without_the_servers_clock_ours_serves() -> None:
	slow = NOW - timedelta(minutes=14.5)
	assert expiry(token(exp=at(slow + timedelta(days=1))), NOW, None) == slow + timedelta(days=1, seconds=-30)


@pytest.mark.parametrize("opaque", ["", "abc", "0" * 40, "a.b.c", "eyJ.eyJ.x", "….….…", "\ud83d", "." * 5])
def test_an_opaque_token_does_not_say_when_it_ends(opaque: str) -> None:
	assert expiry(opaque, NOW, NOW) is None


def test_a_token_without_exp_does_not_say_when_it_ends() -> None:
	assert expiry(token(), NOW, NOW) is None


NONSENSE = [
	0,
	-1,
	1,
	"soon",
	"",
	None,
	[],
	{},
	1e18,
	-1e18,
	float("inf"),
	float("nan"),
	10**400,
]


def raw_token(exp: Any) -> str:
	"""A token whose `exp` the library would refuse to write."""
	return jwt.api_jws.encode(_json({"exp": exp}).encode(), KEY, algorithm="HS256")


def _json(claims: dict[str, Any]) -> str:
	import json

	return json.dumps(claims)


@pytest.mark.parametrize("exp", NONSENSE, ids=lambda exp: repr(exp)[:12])
def test_a_nonsense_exp_counts_as_none(exp: Any) -> None:
	assert expiry(raw_token(exp), NOW, NOW) is None


def test_a_token_that_has_ended_by_the_servers_own_clock_is_left_to_the_server() -> None:
	assert expiry(token(exp=at(NOW)), NOW, NOW) is None
	assert expiry(token(exp=at(NOW - timedelta(days=1))), NOW, NOW) is None


def test_an_exp_at_the_end_of_the_calendar_does_no_harm() -> None:
	last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
	ends = expiry(token(exp=at(last)), NOW, NOW - timedelta(minutes=15))
	assert ends is None or ends > NOW


@pytest.mark.parametrize("exp", [str(at(NOW + timedelta(days=1))), float(at(NOW + timedelta(days=1)))])
def test_an_exp_as_text_or_with_a_fraction_is_read(exp: Any) -> None:
	assert expiry(raw_token(exp), NOW, NOW) == NOW + timedelta(days=1, seconds=-30)


@given(
	st.text(max_size=30)
	| st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.none()).map(raw_token),
	st.none() | st.datetimes(timezones=st.just(timezone.utc)),
)
@settings(max_examples=500)
def test_any_token_ends_after_now_or_does_not_say(value: str, server_now: datetime | None) -> None:
	ends = expiry(value, NOW, server_now)
	assert ends is None or ends > NOW


@pytest.mark.parametrize(
	("header", "told"),
	[
		("Wed, 05 Jun 2024 12:00:00 GMT", NOW),
		("Wed, 05 Jun 2024 12:00:00 -0000", NOW),
		("Wed, 05 Jun 2024 15:00:00 +0300", NOW),
		("5 Jun 2024 12:00:00", NOW),
		("", None),
		("yesterday", None),
		("Wed, 35 Jun 2024 12:00:00 GMT", None),
		("Fri, 31 Dec 9999 23:59:59 -1200", None),
		("2024-06-05 12:00:00", None),
	],
)
def test_the_date_header_shows_the_servers_clock(header: str, told: datetime | None) -> None:
	assert server_time(header) == told


@given(st.text(max_size=40))
def test_any_date_header_is_a_time_or_none(header: str) -> None:
	told = server_time(header)
	assert told is None or told.utcoffset() == timedelta(0)
