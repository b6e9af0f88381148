"""Whatever a server sends, and whatever is typed: values that keep their promises, or our own errors, and no others.

`make fuzz` tries more than a hundred thousand inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from tests.biotime import broken_answers as broken
from tests.biotime.promises import check_error, check_page, check_row, check_token
from tests.support.profiles import examples
from zkteco_biometric.biotime.answers import Answer, Json, detail, read_json
from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.log_in import obtain_token
from zkteco_biometric.biotime.models import Credentials, TokenKind, parse_row
from zkteco_biometric.biotime.pages import PageQuery, read_page
from zkteco_biometric.biotime.retry_after import seconds_to_wait
from zkteco_biometric.biotime.tokens import expiry, server_time
from zkteco_biometric.biotime.url import normalise_url

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
URLS = [
	"http://192.0.2.10:8081",
	"https://biotime.example.com/",
	" HTTP://[2001:db8::1]:80/zk/?page=1#top ",
	"biotime.example.com:8081",
	"http://admin:word@host",
]
HOSTS = ["192.0.2.10:8081", "biotime.example.com/zk/", "[2001:db8::1]:80", "büro.example:80/a?b#c"]

STATUSES = st.sampled_from([*[200] * 40, 201, 400, 401, 403, 404, 429, *range(100, 1000, 30), *[200] * 40])
HEADERS = st.fixed_dictionaries(
	{},
	optional={
		"Content-Type": st.sampled_from(["application/json", "text/html; charset=utf-8", "", "JSON"]),
		"Date": broken.dates(),
		"Retry-After": broken.waits(),
		"Location": st.sampled_from(URLS).flatmap(broken.spoiled_text),
	},
).map(CaseInsensitiveDict)
ADDRESSES = st.one_of(
	st.sampled_from(URLS).flatmap(broken.spoiled_text),
	st.sampled_from(HOSTS).flatmap(broken.spoiled_text).map("http://".__add__),
	st.text(max_size=30).map("https://".__add__),
)
QUERIES = st.builds(PageQuery, st.integers(1, 3), st.integers(1, 10))


def answers(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Answer]:
	return st.builds(Answer, STATUSES, HEADERS, bodies)


class Replies:
	"""In the place of a transport: the same answer to every log-in."""

	url = "http://biotime.test"

	def __init__(self, answer: Answer) -> None:
		self._answer = answer

	def post(self, _path: str, _payload: Mapping[str, Any], *, read: Callable[[Answer], Json]) -> Json:
		return read(self._answer)


def check_page_of(answer: Answer, query: PageQuery) -> None:
	try:
		read = read_json(answer)
		said, page = detail(read.data), read_page(read, query)
	except BioTimeError as error:
		check_error(error)
	else:
		said.encode()
		check_page(page, read, query)
		assert page == read_page(read_json(answer), query)


def check_log_in_of(answer: Answer, kind: TokenKind) -> None:
	try:
		token = obtain_token(Replies(answer), Credentials("admin", "word"), kind, lambda: NOW)  # type: ignore[arg-type]
	except BioTimeError as error:
		check_error(error)
	else:
		check_token(token, NOW)


@given(answers(st.binary(max_size=200) | st.text(max_size=60).map(str.encode)), QUERIES)
@examples(tests=300, nightly=15_000)
def test_any_bytes_are_a_page_or_an_error_of_ours(answer: Answer, query: PageQuery) -> None:
	check_page_of(answer, query)


@given(answers(broken.bodies(broken.changed(broken.PAGES))), QUERIES)
@examples(tests=700, nightly=45_000)
def test_any_page_gone_wrong_is_a_page_or_an_error_of_ours(answer: Answer, query: PageQuery) -> None:
	check_page_of(answer, query)


@given(answers(broken.bodies(broken.log_ins())), st.sampled_from(TokenKind))
@examples(tests=400, nightly=20_000)
def test_any_log_in_gone_wrong_is_a_token_or_an_error_of_ours(answer: Answer, kind: TokenKind) -> None:
	check_log_in_of(answer, kind)


@given(broken.VALUES)
@examples(tests=150, nightly=8_000)
def test_any_value_is_a_punch_or_is_rejected(value: Any) -> None:
	check_row(parse_row(value))


@given(broken.changed([broken.ROW, broken.MANUAL_ROW]))
@examples(tests=500, nightly=25_000)
def test_any_row_gone_wrong_is_a_punch_or_is_rejected(row: Any) -> None:
	check_row(parse_row(row))


@given(broken.dates() | st.text(max_size=40))
@examples(tests=200, nightly=10_000)
def test_any_date_header_is_an_instant_or_nothing(header: str) -> None:
	told = server_time(header)
	assert told is None or told.utcoffset() == timedelta()


@given(broken.waits(), st.just("") | broken.dates())
@examples(tests=200, nightly=10_000)
def test_any_retry_after_is_seconds_to_wait_or_nothing(retry_after: str, date: str) -> None:
	seconds = seconds_to_wait(retry_after, date, NOW)
	assert seconds is None or seconds >= 0


@given(broken.tokens(), st.none() | st.datetimes(timezones=st.just(timezone.utc)))
@examples(tests=250, nightly=12_000)
def test_any_token_ends_in_the_future_or_does_not_say(token: str, server_now: datetime | None) -> None:
	ends = expiry(token, NOW, server_now)
	assert ends is None or ends > NOW


@given(ADDRESSES)
@examples(tests=200, nightly=10_000)
def test_any_address_is_normal_or_a_value_error(typed: str) -> None:
	try:
		url = normalise_url(typed)
	except ValueError as error:
		assert str(error)
	else:
		assert url.startswith(("http://", "https://"))
		assert not url.endswith("/")
		assert url == normalise_url(url)
