"""An answer is checked for JSON first, for its status second, for `code` third."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from zkteco_biometric.biotime.answers import Answer, Json, detail, read_json
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	ErrorCode,
	HtmlInsteadOfJson,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
	ServerError,
	TruncatedBody,
	TryAgain,
	UnexpectedShape,
)
from zkteco_biometric.biotime.retry_after import seconds_to_wait
from zkteco_biometric.simulator.answers import ERROR_PAGE, LOGIN_PAGE, NOT_FOUND_PAGE

JSON = "application/json"
HTML = "text/html; charset=utf-8"
PAGE = '{"count": 0, "next": null, "code": 0, "data": []}'
ANY_PAGE = "<html><body>Welcome</body></html>"


def answer(status: int, body: str | bytes, content_type: str | None = JSON, **headers: str) -> Answer:
	sent = {name.replace("_", "-"): value for name, value in headers.items()}
	if content_type is not None:
		sent["content-type"] = content_type
	return Answer(status, CaseInsensitiveDict(sent), body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404])
def test_json_with_a_status_that_the_caller_understands_is_handed_on(status: int) -> None:
	read = read_json(answer(status, '{"detail": "something"}'))
	assert (read.status, read.data) == (status, {"detail": "something"})


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", HTML, "text/plain", None])
def test_json_is_json_whatever_it_calls_itself(content_type: str | None) -> None:
	assert read_json(answer(200, PAGE, content_type)).data["count"] == 0


def test_a_byte_order_mark_does_not_matter() -> None:
	assert read_json(answer(200, b"\xef\xbb\xbf" + PAGE.encode())).data["data"] == []


ERRORS: list[tuple[str, Answer, type[BioTimeError]]] = [
	("the HTML error page with status 200", answer(200, ERROR_PAGE, HTML), HtmlInsteadOfJson),
	(
		"a gateway's page with status 200",
		answer(200, "<html>502 Bad Gateway</html>", HTML),
		HtmlInsteadOfJson,
	),
	("an unknown path", answer(200, NOT_FOUND_PAGE, HTML), NotBioTime),
	("a log-in page", answer(200, LOGIN_PAGE, HTML), NotBioTime),
	("any web page", answer(200, ANY_PAGE, HTML), NotBioTime),
	("a web page after blanks", answer(200, "\r\n  " + ANY_PAGE, HTML), NotBioTime),
	("a web page as 400", answer(400, ANY_PAGE, HTML), NotBioTime),
	("nothing as 400", answer(400, "", None), UnexpectedShape),
	("half a JSON as 400", answer(400, '{"non_field_'), UnexpectedShape),
	("a web page as 405", answer(405, ANY_PAGE, HTML), NotBioTime),
	("text", answer(200, "it works", "text/plain"), UnexpectedShape),
	("301", answer(301, "", HTML, Location="https://example.com/"), Redirected),
	("302", answer(302, ANY_PAGE, HTML, Location="/login/"), Redirected),
	("307 with JSON", answer(307, PAGE, JSON, Location="/elsewhere"), Redirected),
	("308 to nowhere", answer(308, "", None), Redirected),
	("403 with JSON", answer(403, '{"detail": "No permission."}'), LicenceWithoutApi),
	("403 with a page", answer(403, ANY_PAGE, HTML), LicenceWithoutApi),
	("403 with nothing", answer(403, "", None), LicenceWithoutApi),
	("403 with half a JSON", answer(403, '{"detail'), LicenceWithoutApi),
	("500 with JSON", answer(500, '{"detail": "oops"}'), ServerError),
	("500 with a page", answer(500, ERROR_PAGE, HTML), ServerError),
	("500 with nothing", answer(500, "", None), ServerError),
	("502", answer(502, ANY_PAGE, HTML), ServerError),
	("503", answer(503, "", HTML), ServerError),
	("504", answer(504, "Gateway Time-out", "text/plain"), ServerError),
	("599", answer(599, PAGE), ServerError),
	("429 with JSON", answer(429, '{"detail": "Request was throttled."}'), ServerError),
	("429 with a page", answer(429, ANY_PAGE, HTML), ServerError),
	("408 with JSON", answer(408, "{}"), ServerError),
	("408 with a page", answer(408, ANY_PAGE, HTML), ServerError),
	("an empty body", answer(200, "", JSON), TruncatedBody),
	("a blank body", answer(200, " \n ", HTML), TruncatedBody),
	("half a JSON", answer(200, PAGE[:20]), TruncatedBody),
	("code 1", answer(200, '{"code": 1, "msg": "busy", "data": []}'), ErrorCode),
	("code -10", answer(200, '{"code": -10, "msg": "busy"}'), ErrorCode),
	("code as text", answer(200, '{"code": "500"}'), ErrorCode),
	("code as a list", answer(200, '{"code": [0]}'), ErrorCode),
	("418", answer(418, "{}"), UnexpectedShape),
	("405 with JSON", answer(405, '{"detail": "Method \\"GET\\" not allowed."}'), UnexpectedShape),
]


@pytest.mark.parametrize(("sent", "error"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_every_other_answer_is_an_error_that_says_what_happens_next(
	sent: Answer, error: type[BioTimeError]
) -> None:
	with pytest.raises(BioTimeError) as caught:
		read_json(sent)
	assert type(caught.value) is error
	assert caught.value.message
	assert caught.value.remedy


@pytest.mark.parametrize("body", ["", ANY_PAGE, '{"detail', "Unauthorized"])
def test_a_401_is_a_401_whatever_its_body(body: str) -> None:
	try:
		assert read_json(answer(401, body, HTML)).status == 401
	except AccessDenied:
		pytest.fail("the caller cannot drop the token")


@pytest.mark.parametrize("body", ["", ANY_PAGE, '{"detail', "Not Found"])
@pytest.mark.parametrize("content_type", [JSON, HTML, None])
def test_a_404_is_a_404_whatever_its_body(body: str, content_type: str | None) -> None:
	read = read_json(answer(404, body, content_type))
	assert (read.status, read.data) == (404, None)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_no_text_spoil_their_own_field_only(start: bytes) -> None:
	body = start + '{"count": 1, "data": [{"first_name": "René", "emp_code": "7"}]}'.encode("latin-1")
	assert read_json(answer(200, body)).data["data"] == [{"first_name": "Ren\ufffd", "emp_code": "7"}]


@pytest.mark.parametrize("code", ["0", '"0"', "null", "0.0", "false"])
def test_code_zero_is_no_error(code: str) -> None:
	assert read_json(answer(200, f'{{"code": {code}, "data": []}}')).status == 200


def test_the_code_of_an_error_does_not_hide_its_status() -> None:
	assert read_json(answer(404, '{"code": 404, "detail": "Invalid page."}')).status == 404
	with pytest.raises(LicenceWithoutApi):
		read_json(answer(403, '{"code": 7}'))


@pytest.mark.parametrize("status", [200, 201])
def test_the_code_counts_for_every_success(status: int) -> None:
	with pytest.raises(ServerError):
		read_json(answer(status, '{"code": 3}'))


@pytest.mark.parametrize(
	("header", "seconds"),
	[
		("120", 120.0),
		("0", 0.0),
		(" 7 ", 7.0),
		("\x1c7\x1f", 7.0),
		("", None),
		("soon", None),
		("-5", None),
		("1.5", None),
		("٣", None),
		("Wed, 21 Oct 2026 07:28:00 GMT", 75.0),
		("Wed, 21 Oct 2026 07:26:45 GMT", 0.0),
		("Wed, 21 Oct 2020 07:28:00 GMT", 0.0),
		("Wed, 41 Oct 2026 07:28:00 GMT", None),
	],
)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("body", ["{}", "<html></html>"])
def test_retry_after_is_read_in_seconds(status: int, body: str, header: str, seconds: float | None) -> None:
	with pytest.raises(ServerError) as caught:
		read_json(answer(status, body, JSON, Retry_After=header, Date="Wed, 21 Oct 2026 07:26:45 GMT"))
	assert caught.value.retry_after == seconds


def test_retry_after_a_date_counts_from_now_where_the_server_tells_no_time() -> None:
	now = datetime(2026, 10, 21, 7, 27, tzinfo=timezone.utc)
	assert seconds_to_wait("Wed, 21 Oct 2026 07:28:00 GMT", "", now) == 60
	with pytest.raises(ServerError) as caught:
		read_json(answer(503, "{}", JSON, Retry_After="Wed, 21 Oct 2020 07:28:00 GMT"))
	assert caught.value.retry_after == 0


def test_the_error_says_what_the_server_said() -> None:
	with pytest.raises(ServerError, match="the database is gone"):
		read_json(answer(500, '{"detail": "the database is gone"}'))
	with pytest.raises(ServerError, match=r"code 9.*the queue is full"):
		read_json(answer(200, '{"code": 9, "msg": "the queue is full"}'))
	with pytest.raises(Redirected, match=r"https://elsewhere\.example/"):
		read_json(answer(302, "", HTML, Location="https://elsewhere.example/"))


@pytest.mark.parametrize(
	("data", "told"),
	[
		({"detail": "Invalid token."}, "Invalid token."),
		({"msg": "busy", "code": 1}, "busy"),
		({"non_field_errors": ["Unable to log in."]}, "Unable to log in."),
		({"non_field_errors": ["a", "b"]}, '["a", "b"]'),
		({"username": ["This field is required."]}, '{"username": ["This field is required."]}'),
		({"detail": {"deep": 1}}, "no reason given"),
		({"detail": {"area": ["No such area."]}}, '{"area": ["No such area."]}'),
		({"id": 7, "emp_code": "7", "device_password": "4711"}, "no reason given"),
		({"msg": {"id": 7, "device_password": "4711"}}, "no reason given"),
		([{"id": 7, "device_password": "4711"}], "no reason given"),
		({"detail": "{'device_password': '4711', 'id': 7}"}, "{'device_password': ***, 'id': 7}"),
		({"detail": '{"device_password": "47\\"11", "id": 7}'}, '{"device_password": ***, "id": 7}'),
		({"detail": '{"Password":4711,"id": 7}'}, '{"Password":***,"id": 7}'),
		({"detail": "card_no=4711"}, "card_no=***"),
		({"detail": 'cut off: "device_password": "47'}, 'cut off: "device_password": ***'),
		({"password": ["This field is required."]}, '{"password": ["This field is required."]}'),
		(["only"], "only"),
		([], "[]"),
		(None, "no reason given"),
		("text", "text"),
		({}, "no reason given"),
	],
)
def test_detail_is_what_the_server_says_of_itself(data: Any, told: str) -> None:
	assert detail(data) == told


def test_long_talk_is_cut() -> None:
	assert len(detail({"detail": "x" * 10_000})) < 300
	for sent in (
		answer(500, json.dumps({"detail": "x" * 10_000})),
		answer(200, "x" * 10_000, "text/plain"),
		answer(302, "", HTML, Location="https://example.com/" + "x" * 10_000),
		answer(200, json.dumps({"code": "x" * 10_000})),
	):
		with pytest.raises(BioTimeError) as caught:
			read_json(sent)
		assert len(caught.value.message) < 700


@pytest.mark.parametrize("status", [200, 500])
def test_what_is_nested_nearly_too_deeply_is_an_error_of_ours(status: int) -> None:
	for depth in range(900, 1000):
		with pytest.raises(BioTimeError):
			read_json(answer(status, '{"code": ' + "[" * depth + "]" * depth + "}"))


@example(200, b"[" * 100_000, JSON, "")
@example(500, b'{"detail": "\\ud83d"}', JSON, "")
@example(200, b'{"code": "\\ud83d"}', JSON, "")
@example(200, b"1" * 5000, JSON, "")
@example(200, b"NaN", JSON, "")
@example(503, b"", JSON, "9" * 400)
@given(
	st.sampled_from([200, 201, 204, 301, 302, 400, 401, 403, 404, 408, 418, 429, 500, 503])
	| st.integers(100, 599),
	st.one_of(
		st.binary(max_size=40),
		st.sampled_from(
			[PAGE.encode(), PAGE[:9].encode(), ERROR_PAGE.encode(), LOGIN_PAGE.encode(), b"", b"null"]
		),
		st.dictionaries(
			st.sampled_from(["code", "detail", "msg", "data"]), st.integers() | st.text(max_size=5)
		).map(lambda body: json.dumps(body).encode()),
	),
	st.sampled_from([JSON, HTML, "", "text/plain"]),
	st.text(st.characters(codec="latin-1"), max_size=10) | st.integers(0, 10**9).map(str),
)
@settings(max_examples=1500)
def test_any_answer_is_json_or_a_biotime_error(
	status: int, body: bytes, content_type: str, retry_after: str
) -> None:
	try:
		read = read_json(answer(status, body, content_type, Retry_After=retry_after, Location=retry_after))
	except BioTimeError as error:
		assert error.message
		error.message.encode()
		assert error.retry_after is None or isinstance(error, TryAgain)
	else:
		assert isinstance(read, Json)
		assert status in (200, 201, 400, 401, 404)
		detail(read.data).encode()


def test_a_number_that_python_refuses_to_read_spoils_its_own_field_only() -> None:
	digits = "9" * 5000
	answer = Answer(200, {"Content-Type": "application/json"}, f'{{"id": {digits}, "other": 7}}'.encode())
	assert read_json(answer).data == {"id": digits, "other": 7}
