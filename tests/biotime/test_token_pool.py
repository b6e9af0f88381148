"""One token for several clients in threads of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Barrier, Lock, Semaphore
from typing import TypeVar

import pytest

from tests.support.clients import GENERAL_LOGIN, JWT_LOGIN, PASSWORD, logins
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	ServerError,
	TryAgain,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Token, TokenKind
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.biotime.transport import ONE_ATTEMPT
from zkteco_biometric.simulator import Simulator, Variant, faults

T = TypeVar("T")
LANES = 8
OLD = Token("old", TokenKind.JWT)
NEW = Token("new", TokenKind.JWT)


def at_once(act: Callable[[int], T]) -> list[T]:
	"""What `act` returns in each of so many threads, which begin together."""
	ready = Barrier(LANES)

	def lane(number: int) -> T:
		ready.wait(10)
		return act(number)

	with ThreadPoolExecutor(LANES) as threads:
		return list(threads.map(lane, range(LANES)))


def error_of(act: Callable[[], object]) -> BioTimeError | None:
	try:
		act()
	except BioTimeError as error:
		return error
	return None


def never() -> Token:
	raise AssertionError("There was no reason to log in.")


def refuse() -> Token:
	raise WrongCredentials("No.")


def test_the_token_of_the_pool_is_handed_out() -> None:
	pool = TokenPool(OLD)
	assert pool.fresh(None, never) is OLD
	assert pool.fresh(NEW, never) is OLD


def test_the_refused_one_is_replaced_for_all() -> None:
	pool = TokenPool(OLD)
	assert pool.fresh(OLD, lambda: NEW) is NEW
	assert pool.fresh(OLD, never) is NEW
	assert pool.newest is NEW


def test_an_empty_pool_is_filled() -> None:
	pool = TokenPool()
	assert pool.fresh(None, lambda: NEW) is NEW
	assert pool.fresh(None, never) is NEW


def test_the_same_general_token_may_come_again() -> None:
	first, second = Token("same", TokenKind.GENERAL), Token("same", TokenKind.GENERAL)
	pool = TokenPool(first)
	assert pool.fresh(first, lambda: second) is second
	assert pool.fresh(first, never) is second


def test_a_rejected_log_in_is_remembered_and_told_as_an_error_of_its_own() -> None:
	pool = TokenPool(OLD)
	errors = [error_of(lambda log_in=log_in: pool.fresh(OLD, log_in)) for log_in in (refuse, never, never)]  # type: ignore[misc]
	assert [type(error) for error in errors] == [WrongCredentials] * 3
	assert len({id(error) for error in errors}) == 3
	assert {error.message for error in errors if error} == {"No."}
	assert pool.newest is None


def test_any_other_failure_is_tried_again_by_who_comes_later() -> None:
	def fail() -> Token:
		raise Unreachable("Nobody there.")

	pool = TokenPool(OLD)
	assert isinstance(error_of(lambda: pool.fresh(OLD, fail)), Unreachable)
	assert pool.newest is None
	assert pool.fresh(OLD, lambda: NEW) is NEW
	assert pool.fresh(OLD, never) is NEW


class Crowded:
	"""A lock that knows how many have come to it."""

	def __init__(self) -> None:
		self._lock = Lock()
		self._come = Semaphore(0)

	def __enter__(self) -> None:
		self._come.release()
		self._lock.acquire()

	def __exit__(self, *_error: object) -> None:
		self._lock.release()

	def wait_for_all(self) -> None:
		assert all(self._come.acquire(timeout=10) for _ in range(LANES))


def test_a_failure_fails_for_all_who_waited_for_it() -> None:
	pool, crowd, attempts = TokenPool(OLD), Crowded(), []
	pool._lock = crowd  # type: ignore[assignment]

	def fail() -> Token:
		attempts.append(1)
		crowd.wait_for_all()
		raise ServerError("Busy.", retry_after=7)

	errors = at_once(lambda _number: error_of(lambda: pool.fresh(OLD, fail)))
	assert [(type(error), error and error.retry_after) for error in errors] == [(ServerError, 7)] * LANES
	assert len(attempts) == 1


@pytest.fixture
def lanes(sim: Simulator, connect: Connect) -> Callable[..., list[BioTimeClient]]:
	"""Makes the clients of so many lanes, with a pool in common."""
	return lambda pool, **options: [connect(sim, pool=pool, **options) for _ in range(LANES)]


Lanes = Callable[..., list[BioTimeClient]]


@pytest.mark.parametrize("stored", [False, True])
def test_a_token_that_has_ended_costs_one_log_in_for_all_lanes(
	sim: Simulator, connect: Connect, lanes: Lanes, stored: bool
) -> None:
	person = sim.store.add_person("7")
	pool = TokenPool(connect(sim).log_in() if stored else None)
	clients = lanes(pool)
	for rounds in (1, 2, 3):
		sim.expire_tokens()
		sim.log.clear()
		at_once(lambda number: clients[number].change_person(person.id, {"app_status": number}))
		assert logins(sim) == [JWT_LOGIN]
		repeated = LANES if stored or rounds > 1 else 0
		assert len([entry for entry in sim.log.entries if entry.status == 401]) == repeated
		assert sim.log.count("/1/", "PATCH") == LANES + repeated
	assert pool.newest is clients[0].ensure_token()


def test_a_wrong_password_costs_one_rejected_log_in_for_all_lanes(sim: Simulator, lanes: Lanes) -> None:
	pool = TokenPool()
	clients = lanes(pool, password="wrong")
	errors = at_once(lambda number: error_of(clients[number].areas))
	errors += [error_of(client.areas) for client in clients]
	assert {type(error) for error in errors} == {WrongCredentials}
	assert (sim.rejected_logins, len(sim.log.entries)) == (1, 1)
	assert pool.newest is None


def test_a_password_that_changed_meanwhile_costs_one_rejected_log_in(
	sim: Simulator, connect: Connect, lanes: Lanes
) -> None:
	clients = lanes(TokenPool(connect(sim).log_in()))
	sim.change_password("another")
	sim.expire_tokens()
	errors = at_once(lambda number: error_of(clients[number].areas))
	assert {type(error) for error in errors} == {WrongCredentials}
	assert sim.rejected_logins == 1


def test_a_refusal_of_every_token_does_not_go_on_for_ever(sim: Simulator, lanes: Lanes) -> None:
	clients = lanes(TokenPool())
	sim.faults.add(faults.unauthorized(), path="/personnel/", times=None)
	errors = at_once(lambda number: error_of(clients[number].areas))
	assert {type(error) for error in errors} == {AccessDenied}
	assert sim.log.count("/areas/") == 2 * LANES
	assert len(logins(sim)) <= 1 + LANES


def test_lanes_learn_from_the_pool_which_log_in_works(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(jwt=False))
	pool = TokenPool()
	first, second = (connect(sim, pool=pool) for _ in range(2))
	first.areas()
	second.areas()
	sim.expire_tokens()
	second.areas()
	assert logins(sim) == [JWT_LOGIN, GENERAL_LOGIN, GENERAL_LOGIN]


def test_an_expired_token_is_not_even_sent(sim: Simulator, connect: Connect) -> None:
	now = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
	pool = TokenPool(Token("old", TokenKind.JWT, now - timedelta(seconds=1)))
	connect(sim, pool=pool, now=lambda: now).areas()
	assert [entry.status for entry in sim.log.entries] == [200, 200]


def test_a_lane_calls_nobody_about_tokens(sim: Simulator, connect: Connect) -> None:
	told: list[Token | None] = []
	pool = TokenPool()
	client = connect(sim, pool=pool, on_token=told.append)
	client.areas()
	sim.expire_tokens()
	client.areas()
	assert told == []
	assert pool.newest is client.ensure_token()


def test_log_in_asks_for_another_token_than_the_lanes_own(sim: Simulator, connect: Connect) -> None:
	pool = TokenPool()
	first, second = connect(sim, pool=pool), connect(sim, pool=pool)
	token = first.log_in()
	assert second.log_in() is token
	assert first.log_in() is not token
	assert len(logins(sim)) == 2


def test_a_server_that_fails_at_the_log_in_is_told_as_such(sim: Simulator, lanes: Lanes) -> None:
	clients = lanes(TokenPool(), retry=ONE_ATTEMPT)
	sim.faults.add(faults.status(503), path="auth", times=None)
	errors = at_once(lambda number: error_of(clients[number].areas))
	assert all(isinstance(error, TryAgain) for error in errors)
	sim.faults.clear()
	assert [error_of(client.areas) for client in clients] == [None] * LANES


def test_what_a_pool_remembers_tells_no_password(sim: Simulator, connect: Connect) -> None:
	pool = TokenPool()
	sim.change_password("another")
	sim.faults.add(faults.status(400, body=f'{{"detail": "No: {PASSWORD}"}}'), path="auth")
	error_of(connect(sim, pool=pool).areas)
	assert "No: ***" in str(vars(pool))
	assert PASSWORD not in str(vars(pool))
