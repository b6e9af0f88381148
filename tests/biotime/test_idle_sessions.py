"""Connections that are used again: by the next client of the same server, by nobody else, and not for long."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from tests.support.clients import DAY, PASSWORD, USERNAME, Sleeps, ids, page_requests
from tests.support.keep_alive import KeepAlive, keep_alive
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.idle_sessions import LONGEST_IDLE, IdleSessions, Place
from zkteco_biometric.biotime.models import Credentials
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import IDLE, Transport, Verify
from zkteco_biometric.simulator import Simulator

Idle = IdleSessions[requests.Session]


class Clock:
	now = 0.0

	def __call__(self) -> float:
		return self.now


@pytest.fixture
def clock() -> Clock:
	return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Iterator[Idle]:
	idle: Idle = IdleSessions(clock)
	yield idle
	clock.now += 2 * LONGEST_IDLE
	idle.end_old()


@pytest.fixture
def server(sim: Simulator) -> Iterator[KeepAlive]:
	sim.store.punch("7", DAY)
	with keep_alive(sim) as listening:
		yield listening


def client(server: KeepAlive, sessions: Idle, verify: Verify = True) -> BioTimeClient:
	transport = Transport(server.url, sleep=Sleeps(), sessions=sessions, verify=verify)
	return BioTimeClient(transport, Credentials(USERNAME, PASSWORD))


def read(server: KeepAlive, sessions: Idle) -> None:
	"""A client of its own: a log-in, and a page."""
	one = client(server, sessions)
	assert ids([one.page(PageQuery(1, 10))]) == [1]
	one.close()


def test_a_client_asks_everything_over_one_connection(server: KeepAlive, sessions: Idle) -> None:
	one = client(server, sessions)
	for _ in range(5):
		one.page(PageQuery(1, 10))
	one.close()
	assert server.connections == 1


def test_the_next_client_of_the_same_server_goes_on_with_the_connection(
	server: KeepAlive, sessions: Idle
) -> None:
	for _ in range(3):
		read(server, sessions)
	assert server.connections == 1


def test_two_clients_at_once_have_two_connections_and_leave_both(server: KeepAlive, sessions: Idle) -> None:
	for _ in range(2):
		both = [client(server, sessions) for _ in range(2)]
		for one in both:
			one.ensure_token()
		for one in both:
			one.close()
	assert server.connections == 2


def test_closing_twice_leaves_a_connection_once(server: KeepAlive, sessions: Idle) -> None:
	one = client(server, sessions)
	one.ensure_token()
	one.close()
	one.close()
	assert len(sessions) == 1


def test_a_client_that_is_used_after_it_was_closed_shares_no_connection(
	server: KeepAlive, sessions: Idle
) -> None:
	first = client(server, sessions)
	first.ensure_token()
	first.close()
	second = client(server, sessions)
	second.ensure_token()
	first.page(PageQuery(1, 10))
	assert server.connections == 2
	first.close()
	second.close()


def test_a_connection_that_the_server_has_closed_meanwhile_costs_no_failed_request(
	sim: Simulator, server: KeepAlive, sessions: Idle
) -> None:
	read(server, sessions)
	server.hang_up()
	sleeps = Sleeps()
	transport = Transport(server.url, sleep=sleeps, sessions=sessions)
	one = BioTimeClient(transport, Credentials(USERNAME, PASSWORD))
	one.page(PageQuery(1, 10))
	one.close()
	assert (sleeps, server.connections, len(page_requests(sim))) == ([], 2, 2)


def test_what_is_idle_for_long_is_not_used_again(server: KeepAlive, sessions: Idle, clock: Clock) -> None:
	read(server, sessions)
	clock.now += LONGEST_IDLE
	read(server, sessions)
	assert server.connections == 2


def test_no_more_than_a_few_are_kept(sessions: Idle) -> None:
	places = [Place(f"http://127.0.0.1:{number}", True) for number in range(20)]
	for place in places:
		sessions.give_back(place, requests.Session())
	assert len(sessions) == 8


@pytest.mark.parametrize(
	"other",
	[
		Place("http://127.0.0.1:8081", False),
		Place("http://127.0.0.1:8081", "/etc/another.pem"),
		Place("https://127.0.0.1:8081", True),
		Place("http://127.0.0.1:8082", True),
		Place("http://127.0.0.2:8081", True),
	],
)
def test_a_session_is_for_one_server_that_is_trusted_in_one_way(sessions: Idle, other: Place) -> None:
	place = Place("http://127.0.0.1:8081", True)
	mine = requests.Session()
	sessions.give_back(place, mine)
	assert sessions.take(other) is not mine
	assert sessions.take(place) is mine


def test_no_cookie_goes_from_one_user_to_the_next(sim: Simulator, server: KeepAlive, sessions: Idle) -> None:
	server.headers["Set-Cookie"] = "sessionid=of-somebody; Path=/"
	read(server, sessions)
	sim.log.clear()
	read(server, sessions)
	first, *_ = sim.log.entries
	assert "Cookie" not in first.headers
	assert server.connections == 1


def test_no_header_of_one_user_reaches_the_next(sim: Simulator, server: KeepAlive, sessions: Idle) -> None:
	read(server, sessions)
	sim.log.clear()
	read(server, sessions)
	assert "Authorization" not in sim.log.entries[0].headers


def test_those_that_nobody_asks_for_again_end_by_themselves(
	server: KeepAlive, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr("zkteco_biometric.biotime.idle_sessions.LONGEST_IDLE", 0.05)
	idle: Idle = IdleSessions()
	read(server, idle)
	ends = time.monotonic() + 20
	while len(idle) and time.monotonic() < ends:
		time.sleep(0.01)
	assert len(idle) == 0


def test_a_forked_process_never_speaks_over_its_parents_connection(server: KeepAlive) -> None:
	read(server, IDLE)
	kept = len(IDLE)
	assert kept
	child = os.fork()
	if child == 0:
		os._exit(len(IDLE))
	_, status = os.waitpid(child, 0)
	assert os.waitstatus_to_exitcode(status) == 0
	assert len(IDLE) == kept
	read(server, IDLE)
	assert server.connections == 1


def test_a_token_is_good_over_another_connection(sim: Simulator, server: KeepAlive) -> None:
	"""Tokens belong to the user, not to a connection."""
	one = client(server, IdleSessions())
	token = one.ensure_token()
	transport = Transport(server.url, sleep=Sleeps(), sessions=IdleSessions())
	two = BioTimeClient(transport, Credentials(USERNAME, PASSWORD), token=token)
	assert ids([two.page(PageQuery(1, 10, DAY, DAY + timedelta(days=1)))]) == [1]
	one.close()
	two.close()
	assert sim.log.count("token-auth/") == 1
