from __future__ import annotations

from collections.abc import Iterator

import pytest

from zkteco_biometric.simulator import Simulator, Store

from .api import Api, SettableClock


@pytest.fixture
def clock() -> SettableClock:
	return SettableClock()


@pytest.fixture
def sim(clock: SettableClock) -> Iterator[Simulator]:
	"""A running simulator whose clock stands at 2024-06-05 12:00:00 UTC."""
	with Simulator(clock=clock) as running:
		yield running


@pytest.fixture
def store(sim: Simulator) -> Store:
	return sim.store


@pytest.fixture
def api(sim: Simulator) -> Api:
	"""Logged in with a JWT, and with an empty request log."""
	api = Api(sim)
	api.use_jwt()
	sim.log.clear()
	return api


@pytest.fixture
def stranger(sim: Simulator) -> Api:
	"""Not logged in."""
	return Api(sim)


@pytest.fixture
def week(store: Store) -> Store:
	"""Twenty-five punches of two people, one an hour, ids 1 to 25."""
	for hour in range(25):
		day, hour_of_day = divmod(hour, 24)
		store.punch("007" if hour % 2 else "7", f"2024-06-0{day + 3} {hour_of_day:02}:30:00")
	return store
