from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.simulator import Area, Store, Transaction

NOON = "2024-06-05 12:00:00"


@pytest.fixture
def store() -> Store:
	return Store()


def ids(store: Store) -> list[int]:
	return [row.id for row in store.transactions]


def test_ids_count_up_in_the_order_of_arrival(store: Store) -> None:
	later = store.punch("7", "2024-06-05 12:00:00")
	earlier = store.punch("7", "2024-06-01 12:00:00")
	assert (later.id, earlier.id) == (1, 2)


def test_a_punch_keeps_its_code_as_a_text(store: Store) -> None:
	assert [store.punch(code, NOON).emp_code for code in ("007", "7", "A7")] == ["007", "7", "A7"]


@pytest.mark.parametrize("when", [NOON, "2024-06-05T12:00:00", datetime.fromisoformat(NOON)])
def test_a_time_is_a_text_or_a_naive_datetime(store: Store, when: datetime | str) -> None:
	assert store.punch("7", when).punch_time == datetime.fromisoformat(NOON)


def test_times_are_whole_seconds(store: Store) -> None:
	row = store.punch("7", datetime.fromisoformat("2024-06-05 12:00:00.999"))
	assert (row.punch_time.microsecond, row.upload_time.microsecond) == (0, 0)


@pytest.mark.parametrize("when", ["noon", "", "2024-06-05 12:00:00+02:00", "2024-02-30 12:00:00"])
def test_a_text_that_is_no_time_is_refused(store: Store, when: str) -> None:
	with pytest.raises(ValueError):
		store.punch("7", when)
	assert store.transactions == []


def test_an_aware_time_is_refused_with_the_reason(store: Store) -> None:
	with pytest.raises(ValueError, match="naive wall-clock"):
		store.punch("7", datetime(2024, 6, 5, tzinfo=timezone.utc))


def test_a_late_upload_says_when_it_arrived(store: Store) -> None:
	row = store.punch("7", "2024-06-01 08:00:00", upload_time=NOON)
	assert str(row.upload_time) == NOON


def test_without_a_terminal_a_punch_comes_from_the_first_one(store: Store) -> None:
	assert store.punch("7", NOON).terminal_sn == ""
	store.add_terminal("T1")
	store.add_terminal("T2")
	assert store.punch("7", NOON).terminal_sn == "T1"
	assert store.punch("7", NOON, terminal_sn="").terminal_sn == ""
	assert store.punch("7", NOON, terminal_sn="T2").terminal_sn == "T2"


def test_a_lower_id_may_become_visible_later(store: Store) -> None:
	store.punch("7", NOON, id=5)
	store.punch("7", NOON, id=3)
	assert ids(store) == [3, 5]
	assert store.punch("7", NOON).id == 6


def test_an_id_is_taken_once(store: Store) -> None:
	store.punch("7", NOON, id=5)
	with pytest.raises(ValueError, match="Transaction 5 exists already"):
		store.punch("7", NOON, id=5)


def test_many_punches_can_be_added_at_once(store: Store) -> None:
	rows = store.punches([("7", NOON, "0"), ("8", NOON, "1")])
	assert rows == store.transactions
	assert [(row.emp_code, row.punch_state) for row in rows] == [("7", "0"), ("8", "1")]


def test_a_deleted_punch_leaves_a_gap(store: Store) -> None:
	store.punches([("7", NOON, "0")] * 3)
	store.delete_punch(2)
	store.delete_punch(3)
	assert ids(store) == [1]
	assert store.punch("7", NOON).id == 4


@pytest.mark.parametrize("id", [0, 2, 99])
def test_a_punch_that_does_not_exist_cannot_be_deleted(store: Store, id: int) -> None:
	store.punch("7", NOON)
	with pytest.raises(KeyError, match=f"no transaction {id}"):
		store.delete_punch(id)


def test_ids_can_restart_as_after_a_restored_database(store: Store) -> None:
	store.punches([("7", NOON, "0")] * 3)
	store.restart_ids()
	assert store.transactions == []
	assert store.punch("8", NOON).id == 1


def test_a_restored_backup_forgets_the_newest_rows(store: Store) -> None:
	store.punches([("7", NOON, "0")] * 3)
	store.restart_ids(3)
	store.punch("8", NOON)
	assert [(row.id, row.emp_code) for row in store.transactions] == [(1, "7"), (2, "7"), (3, "8")]


@given(st.lists(st.one_of(st.none(), st.integers(1, 30)), max_size=30))
def test_whatever_the_ids_they_stay_unique_and_in_order(wanted: list[int | None]) -> None:
	store, taken = Store(), set[int]()
	for id in wanted:
		if id not in taken:
			taken.add(store.punch("7", NOON, id=id).id)
	assert ids(store) == sorted(taken)


def test_the_list_of_transactions_is_a_copy(store: Store) -> None:
	store.transactions.append(store.punch("7", NOON))
	assert store.punch_count == 1


def test_a_person_starts_in_the_default_area(store: Store) -> None:
	assert store.add_person("7").area_names == ["Default Area"]


def test_areas_can_be_given_as_such_by_id_or_by_code(store: Store) -> None:
	office = store.add_area("HQ", "Office")
	person = store.add_person("7", areas=[office, 1, "2"])
	assert person.area_names == ["Office", "Not Authorized", "Default Area"]


@pytest.mark.parametrize("areas", [[], [99], ["nowhere"], [Area(9, "9", "Strange")]])
def test_a_person_needs_areas_that_exist(store: Store, areas: list[Area | int | str]) -> None:
	with pytest.raises(ValueError, match="area"):
		store.add_person("7", areas=areas)
	assert store.people == []


@pytest.mark.parametrize("code", ["", 7, None])
def test_a_code_has_to_be_a_text(store: Store, code: object) -> None:
	with pytest.raises(ValueError, match="has to be a text"):
		store.add_person(code)  # type: ignore[arg-type]


def test_a_code_can_be_used_once(store: Store) -> None:
	store.add_person("7")
	with pytest.raises(ValueError, match="choose another code"):
		store.add_person("7")


def test_a_person_is_found_by_the_exact_code(store: Store) -> None:
	person = store.add_person("007", first_name="Employee", last_name="007", privilege=14)
	assert store.person_by_code("007") == store.person(person.id) == person
	assert (person.first_name, person.last_name, person.privilege) == ("Employee", "007", 14)
	assert store.person_by_code("7") is None


def test_a_person_is_a_snapshot(store: Store) -> None:
	before = store.add_person("7")
	after = store.change_person(before.id, areas=[1], first_name="Other")
	assert (before.area_ids, after.area_ids, after.first_name) == ([2], [1], "Other")
	assert store.person(before.id) == after


def test_nobody_can_be_left_without_an_area(store: Store) -> None:
	person = store.add_person("7")
	with pytest.raises(ValueError, match="at least one area"):
		store.change_person(person.id, areas=[])


def test_a_person_who_is_gone_cannot_be_changed_or_deleted(store: Store) -> None:
	person = store.add_person("7")
	store.delete_person(person.id)
	with pytest.raises(KeyError):
		store.change_person(person.id, first_name="Other")
	with pytest.raises(KeyError):
		store.delete_person(person.id)


def test_a_code_is_free_again_after_its_person_is_gone_but_the_id_is_not(store: Store) -> None:
	first = store.add_person("7")
	store.delete_person(first.id)
	assert store.add_person("7").id != first.id


def test_the_repr_of_a_person_does_not_show_the_device_password(store: Store) -> None:
	assert "4711" not in repr(store.add_person("7", device_password="4711"))


@pytest.mark.parametrize("sn", ["", "T1"])
def test_a_serial_number_is_not_empty_and_used_once(store: Store, sn: str) -> None:
	store.add_terminal("T1")
	with pytest.raises(ValueError, match="choose another one"):
		store.add_terminal(sn)


def test_a_terminal_is_found_by_its_serial_number(store: Store) -> None:
	terminal = store.add_terminal("T1", alias="Gate", area=1)
	assert store.terminal("T1") == terminal
	assert store.terminal("T2") is None
	assert (terminal.alias, terminal.area.name) == ("Gate", "Not Authorized")


def test_a_punch_is_a_sign_of_life_of_its_terminal(store: Store) -> None:
	store.add_terminal("T1")
	row = store.punch("7", NOON)
	terminal = store.terminal("T1")
	assert terminal is not None
	assert terminal.last_activity == row.upload_time


def test_a_terminal_takes_the_punch_of_a_person_it_holds(store: Store) -> None:
	store.add_terminal("T1")
	store.add_person("7")
	row = store.person_punches("7", "T1", NOON, "1")
	assert store.transactions == [row]


def test_a_terminal_refuses_a_person_who_is_parked(store: Store) -> None:
	store.add_terminal("T1")
	person = store.add_person("7")
	store.change_person(person.id, areas=["1"])
	assert store.person_punches("7", "T1", NOON) is None
	assert store.transactions == []


def test_a_terminal_takes_a_person_back_who_returns_to_its_area(store: Store) -> None:
	store.add_terminal("T1")
	person = store.add_person("7", areas=["1"])
	store.change_person(person.id, areas=["1", "2"])
	assert store.person_punches("7", "T1", NOON) is not None


def test_a_terminal_refuses_a_stranger(store: Store) -> None:
	store.add_terminal("T1")
	assert store.person_punches("7", "T1", NOON) is None


def test_nobody_punches_at_a_terminal_that_does_not_exist(store: Store) -> None:
	with pytest.raises(KeyError):
		store.person_punches("7", "T1", NOON)


def test_punches_from_many_threads_are_all_kept(store: Store) -> None:
	def work() -> None:
		for _ in range(200):
			store.punch("7", NOON)
			store.punch_page(offset=0, size=5)

	threads = [threading.Thread(target=work) for _ in range(8)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert ids(store) == list(range(1, 1601))


class Unread(list[Transaction]):
	"""Rows that may be cut, but not gone through."""

	def __iter__(self) -> Iterator[Transaction]:
		raise AssertionError("Somebody reads every row.")


def test_a_page_without_filter_and_ordering_does_not_read_every_row(store: Store) -> None:
	rows = store.punches([("7", NOON, "0")] * 1000)
	store._punches._rows = Unread(rows)
	assert store.punch_page(offset=900, size=50) == (1000, rows[900:950])
	assert store.punch("7", NOON).id == 1001
