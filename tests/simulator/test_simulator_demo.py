from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event

import pytest

from zkteco_biometric.simulator import Store, Transaction
from zkteco_biometric.simulator.demo import Attempt, Stream, populate

FRIDAY_EVENING = datetime.fromisoformat("2024-06-07 20:00:00")


@pytest.fixture
def store() -> Store:
	store = Store()
	store.wall_clock = lambda: FRIDAY_EVENING
	return store


def days_of(store: Store) -> dict[tuple[str, str], list[Transaction]]:
	days = defaultdict(list)
	for row in sorted(store.transactions, key=lambda row: row.punch_time):
		days[row.emp_code, str(row.punch_time.date())].append(row)
	return days


def test_people_have_plainly_artificial_names(store: Store) -> None:
	people = populate(store, 4).people
	assert [f"{person.first_name} {person.last_name}" for person in people] == [
		"Employee 001",
		"Employee 002",
		"Employee 003",
		"Employee 004",
	]


def test_some_codes_are_no_plain_numbers(store: Store) -> None:
	codes = [person.emp_code for person in populate(store, 4).people]
	assert codes == ["1001", "007", "A7", "1004"]


def test_one_person_is_on_the_device_but_not_for_hr(store: Store) -> None:
	population = populate(store, 5)
	assert population.unknown not in population.people
	assert store.person_by_code(population.unknown.emp_code) == population.unknown
	assert any(row.emp_code == population.unknown.emp_code for row in store.transactions)


def test_the_same_seed_gives_the_same_history() -> None:
	stores = [Store(), Store(), Store()]
	for store, seed in zip(stores, (7, 7, 8), strict=True):
		populate(store, 10, 5, FRIDAY_EVENING, seed)
	assert stores[0].transactions == stores[1].transactions
	assert stores[0].transactions != stores[2].transactions


def test_the_history_covers_the_working_days_only(store: Store) -> None:
	populate(store, 10, 7)
	days = {row.punch_time.date() for row in store.transactions}
	assert {day.isoformat() for day in days} == {f"2024-06-0{day}" for day in (3, 4, 5, 6, 7)}


def test_the_history_ends_at_the_given_moment(store: Store) -> None:
	until = datetime.fromisoformat("2024-06-07 10:00:00")
	populate(store, 20, 3, until)
	newest = max(row.punch_time for row in store.transactions)
	assert newest <= until
	assert newest.date() == until.date()
	assert max(row.upload_time for row in store.transactions) <= until


def test_a_history_of_no_days_has_people_but_no_punches(store: Store) -> None:
	population = populate(store, 3, 0)
	assert (len(population.people), store.punch_count) == (3, 0)


def test_punches_arrive_in_order_and_a_few_seconds_late(store: Store) -> None:
	populate(store, 10, 7)
	rows = store.transactions
	assert rows == sorted(rows, key=lambda row: row.punch_time)
	assert all(timedelta(0) < row.upload_time - row.punch_time < timedelta(seconds=6) for row in rows)


def test_a_day_begins_with_in_and_ends_with_out(store: Store) -> None:
	populate(store, 20, 7)
	for rows in days_of(store).values():
		assert (rows[0].punch_state, rows[-1].punch_state) == ("0", "1")
		assert rows[0].punch_time.hour in range(7, 10)
		assert rows[-1].punch_time.hour in range(16, 19)


def test_most_days_have_a_lunch_break_in_one_of_two_ways(store: Store) -> None:
	populate(store, 40, 7)
	with_break_keys = sum(row.punch_state in ("2", "3") for row in store.transactions)
	days = days_of(store)
	with_lunch = sum(len(rows) >= 4 for rows in days.values())
	assert with_break_keys > 0
	assert len(days) * 0.5 < with_lunch < len(days)


def test_some_people_punch_twice_within_a_minute(store: Store) -> None:
	populate(store, 40, 7)
	gaps = [
		second.punch_time - first.punch_time
		for rows in days_of(store).values()
		for first, second in pairwise(rows)
	]
	assert 0 < sum(gap < timedelta(minutes=1) for gap in gaps) < len(gaps) / 10


def test_both_terminals_are_used(store: Store) -> None:
	terminals = {terminal.sn for terminal in populate(store, 10).terminals}
	assert len(terminals) == 2
	assert {row.terminal_sn for row in store.transactions} == terminals


def test_a_store_is_populated_once(store: Store) -> None:
	populate(store, 1)
	with pytest.raises(ValueError, match="already"):
		populate(store, 1)


def test_people_go_on_in_and_out_in_turn(store: Store) -> None:
	populate(store, 3, 0)
	stream = Stream(store)
	for _ in range(40):
		stream.step()
	for person in store.people:
		states = [row.punch_state for row in store.transactions if row.emp_code == person.emp_code]
		assert states == (["0", "1"] * 20)[: len(states)]


def test_people_go_on_from_their_history(store: Store) -> None:
	populate(store, 1, 0)
	store.punches([(person.emp_code, "2024-06-07 08:00:00", "0") for person in store.people])
	assert Stream(store).step().state == "1"


def test_new_punches_happen_now(store: Store) -> None:
	populate(store, 1, 0)
	attempt = Stream(store).step()
	assert attempt.when == FRIDAY_EVENING
	assert store.transactions == [attempt.transaction]


def test_the_same_seed_gives_the_same_stream() -> None:
	attempts = []
	for _ in range(2):
		store = Store()
		store.wall_clock = lambda: FRIDAY_EVENING
		populate(store, 10, 1, FRIDAY_EVENING)
		stream = Stream(store, seed=3)
		attempts.append([stream.step() for _ in range(10)])
	assert attempts[0] == attempts[1]


def test_a_person_who_is_parked_is_refused_and_stays_where_they_were(store: Store) -> None:
	population = populate(store, 1, 0)
	for person in [*population.people, population.unknown]:
		store.change_person(person.id, areas=["1"])
	stream = Stream(store)
	attempts = [stream.step() for _ in range(5)]
	assert {(attempt.state, attempt.transaction) for attempt in attempts} == {("0", None)}
	assert store.transactions == []


def test_without_people_or_terminals_nobody_can_punch(store: Store) -> None:
	with pytest.raises(ValueError, match="populate"):
		Stream(store).step()
	store.add_person("7")
	with pytest.raises(ValueError, match="terminals"):
		Stream(store).step()


def test_a_stream_runs_until_it_is_stopped(store: Store) -> None:
	populate(store, 3, 0)
	stop, told = Event(), list[Attempt]()

	def tell(attempt: Attempt) -> None:
		told.append(attempt)
		if len(told) == 3:
			stop.set()

	Stream(store).run(0.001, stop, tell)
	assert [attempt.transaction for attempt in told] == store.transactions
