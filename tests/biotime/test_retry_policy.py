"""How a transient failure is repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clients import Sleeps
from zkteco_biometric.biotime.errors import ServerError, TimedOut
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, RetryPolicy, TimeOuts, Transport
from zkteco_biometric.simulator import Simulator, faults

POLICY = RetryPolicy(attempts=4, first_wait=0.5, longest_wait=20.0, retry_after_cap=60.0, budget=180.0)
PATH = "/iclock/api/transactions/"


def test_the_defaults_are_those_of_the_manual() -> None:
	assert RetryPolicy() == POLICY
	assert TimeOuts() == TimeOuts(connect=10.0, read=60.0)


@pytest.mark.parametrize(
	("attempt", "longest"),
	[(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (6, 16.0), (7, 20.0), (8, 20.0), (1000, 20.0), (5000, 20.0)],
)
def test_the_wait_doubles_up_to_a_cap_with_jitter(attempt: int, longest: float) -> None:
	waits = [POLICY.wait_before(attempt, TimedOut("slow")) for _ in range(200)]
	assert longest / 2 <= min(waits) < max(waits) <= longest


@pytest.mark.parametrize(
	("asked", "wait"), [(0.0, 0.0), (7.0, 7.0), (60.0, 60.0), (61.0, 60.0), (86400.0, 60.0), (1e300, 60.0)]
)
def test_retry_after_is_honoured_up_to_a_cap(asked: float, wait: float) -> None:
	assert POLICY.wait_before(1, ServerError("busy", retry_after=asked)) == wait


def test_without_a_known_error_the_back_off_serves() -> None:
	assert 0.25 <= POLICY.wait_before(1, None) <= 0.5


@pytest.mark.parametrize(
	("attempt", "elapsed", "wait", "gives_up"),
	[
		(1, 0.0, 0.5, False),
		(3, 100.0, 2.0, False),
		(4, 0.0, 0.0, True),
		(5, 0.0, 0.0, True),
		(1, 180.0, 0.0, False),
		(1, 180.1, 0.0, True),
		(1, 120.0, 60.0, False),
		(1, 121.0, 60.0, True),
	],
)
def test_it_gives_up_after_its_attempts_or_its_budget(
	attempt: int, elapsed: float, wait: float, gives_up: bool
) -> None:
	assert POLICY.gives_up(attempt, elapsed, wait) is gives_up


@given(
	st.integers(1, 100_000),
	st.none() | st.floats(0, 1e12),
	st.floats(0.01, 10),
	st.floats(0.01, 100),
	st.floats(0, 1000),
)
def test_no_wait_is_longer_than_its_cap(
	attempt: int, asked: float | None, first: float, longest: float, cap: float
) -> None:
	policy = RetryPolicy(first_wait=first, longest_wait=longest, retry_after_cap=cap)
	wait = policy.wait_before(attempt, ServerError("busy", retry_after=asked))
	assert 0 <= wait <= (longest if asked is None else cap)


def failures(sim: Simulator, retry: RetryPolicy) -> tuple[int, Sleeps]:
	"""How many requests a server that always fails gets, and the sleeps between them."""
	sleeps = Sleeps()
	transport = Transport(sim.url, retry=retry, sleep=sleeps)
	with pytest.raises(ServerError):
		transport.get(PATH)
	transport.close()
	return sim.log.count(PATH), sleeps


def test_a_server_that_always_fails_is_asked_four_times(sim: Simulator) -> None:
	sim.faults.add(faults.status(503), times=None)
	requests, sleeps = failures(sim, RetryPolicy())
	assert requests == 4
	assert [round(wait, 1) > 0 for wait in sleeps] == [True] * 3
	assert [limit / 2 <= wait <= limit for wait, limit in zip(sleeps, (0.5, 1.0, 2.0), strict=True)] == [
		True
	] * 3


def test_one_attempt_is_one_request(sim: Simulator) -> None:
	sim.faults.add(faults.status(503), times=None)
	assert failures(sim, ONE_ATTEMPT) == (1, [])


def test_a_server_that_asks_for_hours_gets_a_minute(sim: Simulator) -> None:
	sim.faults.add(faults.status(503, retry_after=36_000), times=None)
	requests, sleeps = failures(sim, RetryPolicy())
	assert (requests, sleeps) == (4, [60.0, 60.0, 60.0])


def test_no_repeat_begins_after_the_budget(sim: Simulator) -> None:
	sim.faults.add(faults.chain(faults.delay(0.03), faults.status(503)), times=None)
	requests, _ = failures(sim, RetryPolicy(attempts=50, first_wait=0.001, budget=0.1))
	assert 2 <= requests <= 4


def test_no_wait_reaches_beyond_the_budget(sim: Simulator) -> None:
	sim.faults.add(faults.status(503), times=None)
	requests, sleeps = failures(sim, RetryPolicy(attempts=9, first_wait=16.0, budget=5.0))
	assert (requests, sleeps) == (1, [])


def test_a_failure_that_passes_is_not_seen(sim: Simulator) -> None:
	sim.faults.add(faults.status(502), times=3)
	transport = Transport(sim.url, sleep=Sleeps())
	assert transport.get(PATH).status == 401
	transport.close()
	assert sim.log.count(PATH) == 4
