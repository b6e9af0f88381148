"""Without a socket, a client sees what it sees over one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.support.clients import DAY, PASSWORD, Sleeps, connected, ids
from tests.support.in_process import URL, InProcess, connected_in_process
from tests.support.times import utc
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import BioTimeError, TimedOut, Unreachable, WrongCredentials
from zkteco_biometric.biotime.models import TokenKind
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.simulator import Entry, Simulator, Variant, faults

Seen = Any
Use = Callable[[BioTimeClient], Seen]
Run = Callable[..., Seen]
NOW = utc(2024, 6, 6)
FIXED_LINKS = Variant(next_host="http://192.0.2.10:8081")
VARIANTS = [
	Variant(),
	Variant(envelope="results", next_null="null-string", punch_state="int"),
	Variant(jwt=False),
	Variant(jwt=False, jwt_missing_as="html", next_host="http://127.0.0.1:8081", next_keeps_filters=False),
	Variant(max_page_size=3, time_filters=False, page_size_param="limit"),
	Variant(licence=False),
	Variant(jwt=False, general_token=False),
]
FAULTS = {
	"the HTML error page": faults.html_error(),
	"the HTML error page after success": faults.html_error(applied=True),
	"the HTML not-found page": faults.html_not_found(),
	"the log-in page": faults.login_page(),
	"a redirect to the log-in page": faults.redirect_to_login(),
	"a redirect elsewhere": faults.redirect("https://elsewhere.example/"),
	"status 500": faults.status(500),
	"503 with a wait": faults.status(503, retry_after=7),
	"429 with a date": faults.status(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"),
	"status 204": faults.status(204),
	"status 304": faults.status(304),
	"status 400": faults.status(400, body='{"page": ["no"]}'),
	"a status out of range": faults.status(999),
	"status 401": faults.unauthorized(),
	"no licence": faults.licence_missing(),
	"a reset": faults.reset(),
	"a reset after success": faults.reset(applied=True),
	"half a body": faults.truncate(),
	"no body": faults.truncate(0),
	"nearly all of a body": faults.truncate(0.99),
	"half a refusal": faults.chain(faults.truncate(), faults.status(401, body='{"detail": "cut off"}')),
	"half a JSON": faults.truncate_json(),
	"no JSON": faults.not_json(),
	"a list": faults.wrong_shape([]),
	"code 9": faults.api_code(9, "busy"),
	"rows that are none": faults.rows(lambda rows: [None, *rows[1:], "row"]),
}


def a_simulator(variant: Variant = FIXED_LINKS) -> Simulator:
	sim = Simulator(variant=variant, clock=lambda: NOW)
	for minute in range(25):
		sim.store.punch(str(minute % 4), DAY + timedelta(minutes=minute), str(minute % 2))
	return sim


def over_a_socket(sim: Simulator, use: Use, **options: Any) -> Seen:
	with sim, connected(sim.url, **options) as client:
		return _seen(sim, use, client, sim.url)


def in_process(sim: Simulator, use: Use, **options: Any) -> Seen:
	with connected_in_process(sim, **options) as client:
		return _seen(sim, use, client, URL)


def _seen(sim: Simulator, use: Use, client: BioTimeClient, url: str) -> Seen:
	"""What came back or what was raised, and what the server saw of it."""
	try:
		outcome = use(client)
	except Unreachable as error:
		outcome = (type(error), "how the system words it is a matter of chance")
	except BioTimeError as error:
		outcome = (type(error), error.message.replace(url, "the server"), error.retry_after)
	return outcome, [wherever_it_is(entry) for entry in sim.log.entries]


def wherever_it_is(entry: Entry) -> Entry:
	"""The request without its address, and without its token: every simulator has its own."""
	headers = {name: value for name, value in entry.headers.items() if name != "Host"}
	scheme = headers.pop("Authorization", "").partition(" ")[0]
	return replace(entry, headers=headers | {"Authorization": scheme})


def all_pages(client: BioTimeClient) -> Seen:
	return [replace(page, server_time=None) for page in client.pages(DAY, DAY + timedelta(minutes=20), 4)]


@pytest.mark.parametrize("variant", VARIANTS, ids=repr)
def test_every_build_of_the_server_is_the_same_without_a_socket(variant: Variant) -> None:
	told = over_a_socket(a_simulator(variant), all_pages)
	assert in_process(a_simulator(variant), all_pages) == told


@pytest.mark.parametrize("path", ["/iclock/", "token-auth"])
@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_the_same_without_a_socket(name: str, times: int | None, path: str) -> None:
	def struck(run: Run) -> Seen:
		sim, sleeps = a_simulator(), Sleeps()
		sim.faults.add(FAULTS[name], path=path, after=1 if path == "/iclock/" else 0, times=times)
		return run(sim, all_pages, sleep=sleeps), len(sleeps)

	assert struck(in_process) == struck(over_a_socket)


def test_a_slow_answer_is_timed_out_without_a_socket() -> None:
	def late(run: Run) -> Seen:
		sim = a_simulator()
		sim.faults.add(faults.delay(0.06), path="/iclock/", times=None)
		return run(sim, all_pages, time_outs=TimeOuts(read=0.03), retry=ONE_ATTEMPT)[0]

	assert late(in_process)[0] is TimedOut
	assert late(in_process) == late(over_a_socket)


def use_a_token_to_its_end(sim: Simulator) -> Use:
	def use(client: BioTimeClient) -> Seen:
		first = client.ensure_token().kind
		sim.expire_tokens()
		pages = all_pages(client)
		sim.change_password("another")
		sim.expire_tokens()
		return first, pages, client.page(PageQuery(1, 10))

	return use


@pytest.mark.parametrize("kind", TokenKind)
def test_tokens_end_and_log_ins_fail_the_same_without_a_socket(kind: TokenKind) -> None:
	def used(run: Run) -> Seen:
		sim = a_simulator()
		return run(sim, use_a_token_to_its_end(sim), kind=kind)

	assert used(in_process) == used(over_a_socket)
	assert used(in_process)[0][0] is WrongCredentials


def heard(session: requests.Session, url: str, **content: Any) -> Seen:
	"""What `requests` itself makes of an answer, or of the lack of one."""
	try:
		answer = session.request(url=url + "/api-token-auth/?a=%C3%A9&b=1+2", **content)
		body = answer.content
	except requests.ConnectionError as error:
		return type(error)
	except requests.RequestException as error:
		return type(error), str(error)
	headers = {name: value for name, value in answer.headers.items() if name != "Connection"}
	return answer.status_code, answer.reason, headers, body


CONTENTS: list[dict[str, Any]] = [
	{"method": "POST", "json": {"username": "é", "password": PASSWORD}},
	{"method": "POST", "data": {"username": "admin", "password": "é"}},
	{"method": "POST", "data": b"\xff"},
	{"method": "GET", "headers": {"X-Odd": "a,  b"}},
	{"method": "HEAD", "allow_redirects": False},
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("content", CONTENTS, ids=str)
@pytest.mark.parametrize(
	"fault", [None, faults.reset(), faults.truncate()], ids=["whole", "reset", "truncated"]
)
def test_requests_hears_the_same_without_a_socket(
	content: dict[str, Any], fault: faults.Fault | None, stream: bool
) -> None:
	sim = a_simulator()
	if fault:
		sim.faults.add(fault, times=None)
	with requests.Session() as session:
		session.mount(URL, InProcess(sim))
		told = heard(session, URL, stream=stream, **content)
		with sim:
			assert heard(session, sim.url, stream=stream, **content) == told
	ours, theirs = map(wherever_it_is, sim.log.entries)
	assert ours == theirs


def test_the_simulator_is_not_started() -> None:
	sim = a_simulator()
	with connected_in_process(sim) as client:
		assert len(ids(list(client.pages(None, None, 10)))) == 25
	assert sim.port == 0


def test_an_error_in_a_handler_comes_out() -> None:
	sim = a_simulator()
	sim.faults.add(faults.rows(lambda rows: rows["none"]), path="/iclock/")  # type: ignore[call-overload]
	with connected_in_process(sim) as client, pytest.raises(TypeError):
		client.page(PageQuery(1, 10))
