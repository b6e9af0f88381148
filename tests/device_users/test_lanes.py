"""A bounded number of requests at a time."""

from __future__ import annotations

from threading import Barrier, Condition
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.clients import logins
from tests.support.device_office import PARKING, Office
from tests.support.fixtures import Connect
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.faults import Answer


class Crowding:
	"""A fault that answers rightly, and knows how many requests were in the server at once.

	The first `meet` requests wait for each other: so many can be there at once.
	"""

	def __init__(self, meet: int) -> None:
		self.most = 0
		self._now = 0
		self._changed = Condition()
		self._wanted = meet

	def __call__(self, request: Request, answer: Answer) -> Response:
		with self._changed:
			self._now += 1
			self.most = max(self.most, self._now)
			self._changed.notify_all()
			self._changed.wait_for(lambda: self.most >= self._wanted, timeout=10)
		try:
			return answer(request)
		finally:
			with self._changed:
				self._now -= 1


@pytest.mark.parametrize("lanes", [1, 3, 5])
def test_never_more_requests_at_once_than_lanes_and_as_many_as_that(
	sim: Simulator, connect: Connect, lanes: int
) -> None:
	pool = TokenPool()
	office = Office(sim, *(connect(sim, pool=pool) for _ in range(lanes)))
	for number in range(60):
		office.hire(str(number))
		office.out(str(number))
	crowding = Crowding(lanes)
	# The first person is looked at alone, and the areas once.
	sim.faults.add(crowding, path="personnel", after=5, times=None)
	result = office.sweep()
	assert result.counts["disabled"] == 60
	assert all(person.area_names == [PARKING] for person in sim.store.people)
	assert crowding.most == lanes
	assert len(logins(sim)) == 1


def test_results_come_in_the_order_of_the_items(sim: Simulator, connect: Connect) -> None:
	both = Barrier(2)

	def late(_people: People, number: int) -> int:
		if number < 2:
			both.wait(10)
		return number * 10

	lanes = Lanes([connect(sim), connect(sim)])
	assert lanes.each(late, [0, 1, 2, 3]) == [0, 10, 20, 30]


@pytest.mark.parametrize("lanes", [1, 2])
def test_what_is_raised_comes_out_and_the_lanes_go_on_to_be_used(
	sim: Simulator, connect: Connect, lanes: int
) -> None:
	def fails(_people: People, number: int) -> int:
		if number == 1:
			raise ValueError("one")
		return number

	several = Lanes([connect(sim) for _ in range(lanes)])
	with pytest.raises(ValueError, match="one"):
		several.each(fails, [0, 1, 2])
	assert several.each(fails, [0, 2, 4, 6]) == [0, 2, 4, 6]


def test_each_client_is_used_by_one_thread_at_a_time(sim: Simulator, connect: Connect) -> None:
	lanes = Lanes([connect(sim) for _ in range(3)])
	busy: set[int] = set()

	def use(people: People, number: int) -> bool:
		was_free = id(people) not in busy
		busy.add(id(people))
		people.areas()
		busy.discard(id(people))
		return was_free

	assert all(lanes.each(use, list(range(30))))


def test_no_items_no_work(sim: Simulator, connect: Connect) -> None:
	assert Lanes([connect(sim), connect(sim)]).each(lambda _people, item: item, []) == []
	assert sim.log.entries == []


@pytest.mark.parametrize("none", [[], lambda: []], ids=["none", "opened"])
def test_at_least_one_client_is_needed(none: Any) -> None:
	with pytest.raises(ValueError, match="At least one"):
		Lanes(none).make_ready()


def test_clients_are_opened_once_and_not_before_they_are_needed(sim: Simulator, connect: Connect) -> None:
	opened: list[People] = []

	def opens() -> list[People]:
		opened.append(connect(sim))
		return opened

	lanes = Lanes(opens)
	assert opened == []
	lanes.make_ready()
	assert lanes.each(lambda people, item: people is lanes.first, [1, 2]) == [True, True]
	assert len(opened) == 1
