"""Every failure of the contract's section 5: which error it is, and how often the server is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.clients import DAY, PASSWORD, Sleeps, ids, page_requests
from tests.support.fixtures import Connect, StartSimulator
from tests.support.raw_server import raw_server, says
from zkteco_biometric.biotime.errors import (
	BioTimeError,
	ErrorCode,
	HtmlInsteadOfJson,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
	ServerError,
	TimedOut,
	TruncatedBody,
	TryAgain,
	UnexpectedShape,
	Unreachable,
)
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts, Transport
from zkteco_biometric.simulator import Simulator, Variant, faults

FAULTS: list[tuple[str, faults.Fault, type[BioTimeError]]] = [
	("HTML error page with 200", faults.html_error(), HtmlInsteadOfJson),
	("HTML not-found page with 200", faults.html_not_found(), NotBioTime),
	("log-in page with 200", faults.login_page(), NotBioTime),
	("redirect to the log-in page", faults.redirect_to_login(), Redirected),
	("status 500", faults.status(500), ServerError),
	("status 502", faults.status(502), ServerError),
	("status 503", faults.status(503), ServerError),
	("status 504", faults.status(504), ServerError),
	("status 429", faults.status(429), ServerError),
	("licence without the API", faults.licence_missing(), LicenceWithoutApi),
	("403 as a page", faults.status(403), LicenceWithoutApi),
	("connection reset", faults.reset(), Unreachable),
	("body cut by the network", faults.truncate(), TruncatedBody),
	("no body at all", faults.truncate(0), TruncatedBody),
	("half a JSON", faults.truncate_json(), TruncatedBody),
	("no JSON", faults.not_json(), TruncatedBody),
	("code 1", faults.api_code(1), ErrorCode),
	("a list", faults.wrong_shape([]), UnexpectedShape),
	("null", faults.wrong_shape(None), UnexpectedShape),
	("no rows", faults.wrong_shape({"code": 0}), UnexpectedShape),
	("rows as an object", faults.wrong_shape({"data": {}}), UnexpectedShape),
	("status 400", faults.status(400, body='{"page": ["no"]}'), UnexpectedShape),
	("status 418", faults.status(418, body="{}"), UnexpectedShape),
]
NAMED = pytest.mark.parametrize(
	("fault", "error"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)


@NAMED
def test_every_fault_has_its_error_and_its_number_of_requests(
	sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	client, sleeps = connect(sim, sleep=(sleeps := Sleeps())), sleeps
	token = client.ensure_token()
	sim.faults.add(fault, path="/iclock/", times=None)
	with pytest.raises(BioTimeError) as caught:
		client.page(PageQuery(1, 10))
	failed = caught.value
	assert type(failed) is error
	assert failed.needs_a_person is not issubclass(error, TryAgain)
	assert len(page_requests(sim)) == (4 if issubclass(error, TryAgain) else 1)
	assert len(sleeps) == len(page_requests(sim)) - 1
	for said in (failed.message, str(failed), repr(failed), failed.remedy):
		assert said
		assert token.value not in said
		assert PASSWORD not in said.split()


@NAMED
def test_a_fault_that_passes_is_not_seen_or_is_final(
	sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sim.store.punch("7", DAY)
	sim.faults.add(fault, path="/iclock/")
	if issubclass(error, TryAgain):
		assert ids([connect(sim).page(PageQuery(1, 10))]) == [1]
		assert len(page_requests(sim)) == 2
	else:
		with pytest.raises(error):
			connect(sim).page(PageQuery(1, 10))
		assert len(page_requests(sim)) == 1


def test_a_licence_without_the_api_is_found_at_the_data(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(licence=False))
	with pytest.raises(LicenceWithoutApi):
		connect(sim).page(PageQuery(1, 10))


def test_a_slow_answer_is_timed_out(sim: Simulator, connect: Connect) -> None:
	client = connect(sim, time_outs=TimeOuts(read=0.05))
	client.ensure_token()
	sim.faults.add(faults.delay(5), path="/iclock/", times=None)
	with pytest.raises(TimedOut) as caught:
		client.page(PageQuery(1, 10))
	assert not caught.value.needs_a_person
	assert len(page_requests(sim)) == 4


def test_the_first_request_after_idle_may_be_slow_once(sim: Simulator, connect: Connect) -> None:
	client = connect(sim, time_outs=TimeOuts(read=0.05))
	client.ensure_token()
	sim.faults.add(faults.delay(5), path="/iclock/")
	assert client.page(PageQuery(1, 10)).count == 0


def test_what_seems_a_failure_of_the_network_may_have_been_a_success(
	sim: Simulator, connect: Connect
) -> None:
	sim.faults.add(faults.reset(applied=True), path="token-auth")
	assert connect(sim).ensure_token().value


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BROKEN: list[tuple[str, tuple[bytes, ...], type[BioTimeError]]] = [
	("nothing", (b"",), Unreachable),
	("no HTTP", (b"SSH-2.0-OpenSSH_9.6\r\n",), Unreachable),
	("nonsense", (b"\x00\xff" * 50,), Unreachable),
	("half a head", (b"HTTP/1.1 200 O",), TruncatedBody),
	("too few bytes", (OK + b"Content-Length: 99\r\n\r\n{",), TruncatedBody),
	("half a chunk", (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{",), TruncatedBody),
	("no chunk", (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{",), TruncatedBody),
	("false compression", (OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",), TruncatedBody),
	("a body without its length, cut", (OK + b'\r\n{"count": 4, "da',), TruncatedBody),
	("a status out of range", (b"HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n",), ServerError),
	("thousands of headers", (OK, b"X-Y: z\r\n" * 500, b"\r\n{}"), Unreachable),
	("a header without end", (OK + b"X-Y: " + b"z" * 70_000 + b"\r\n\r\n{}",), Unreachable),
]


@pytest.mark.parametrize(("sent", "error"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_server_that_breaks_the_protocol_is_a_biotime_error(
	sent: tuple[bytes, ...], error: type[BioTimeError]
) -> None:
	with raw_server(says(*sent)) as port:
		transport = Transport(f"http://127.0.0.1:{port}", retry=ONE_ATTEMPT)
		with pytest.raises(BioTimeError) as caught:
			transport.get("/")
		transport.close()
	assert isinstance(caught.value, TryAgain)
	if error is not TruncatedBody or type(caught.value) is not Unreachable:
		assert type(caught.value) is error


def drop_every_second_row(rows: list[dict[str, Any]]) -> list[Any]:
	return [row if number % 2 else None for number, row in enumerate(rows)]


def test_one_bad_row_never_stops_a_page(sim: Simulator, connect: Connect) -> None:
	for minute in range(6):
		sim.store.punch("7", DAY.replace(minute=minute))
	sim.faults.add(faults.rows(drop_every_second_row), path="/iclock/")
	page = connect(sim).page(PageQuery(1, 10))
	assert (len(page.punches), len(page.rejected)) == (3, 3)
