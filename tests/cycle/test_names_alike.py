"""Which employees a terminal's name may mean."""

from __future__ import annotations

import pytest

from zkteco_biometric.cycle.names_alike import ALIKE_ENOUGH, Names, likeness, words

STAFF = {
	"E1": "Amina Njeri Wanjiru",
	"E2": "Amina Otieno",
	"E3": "José Müller",
	"E4": "Mohamed Hassan",
	"E5": "Peter O'Brien",
	"E6": "Grace Akinyi Odhiambo",
}


def found(name: str) -> list[str]:
	return [key for key, _ in Names(STAFF).like(name)]


@pytest.mark.parametrize(
	("name", "employee"),
	[
		("Amina Njeri Wanjiru", "E1"),
		("AMINA NJERI WANJIRU", "E1"),
		("Wanjiru Amina Njeri", "E1"),
		("Wanjiru, Amina", "E1"),
		("Jose Muller", "E3"),
		("JOSÉ MÜLLER", "E3"),
		("Muhamed Hassan", "E4"),
		("Hassan M.", "E4"),
		("Peter O Brien", "E5"),
		("obrien peter", "E5"),
		("Grace Odhiamb", "E6"),
		("GRACEAKINYIODHIAMBO", "E6"),
		("Grace Akinyi", "E6"),
	],
)
def test_a_name_is_found_whatever_its_case_accents_order_and_missing_parts(name: str, employee: str) -> None:
	assert found(name)[0] == employee


@pytest.mark.parametrize("name", ["", "   ", "1042", "007 12", "Xu", "Amina Achieng", "Hassan Ali", "?!"])
def test_what_is_nobody_s_name_finds_nobody(name: str) -> None:
	assert found(name) == []


def test_the_best_come_first_and_nothing_below_the_threshold() -> None:
	scored = Names(STAFF).like("Amina Wanjiru")
	assert [key for key, _ in scored] == ["E1"]
	both = Names(STAFF).like("Amina")
	assert [key for key, _ in both] == ["E2", "E1"], "of E2 less is missing"
	assert all(ALIKE_ENOUGH <= score <= 1 for _, score in both)


def test_names_that_are_alike_to_the_same_degree_keep_an_order() -> None:
	twins = Names({"B": "Ali Juma", "A": "Ali Juma", "C": "Juma Ali"})
	assert [key for key, _ in twins.like("Ali Juma")] == ["A", "B", "C"]


def test_no_more_are_told_than_asked_for() -> None:
	crowd = Names({f"E{number}": "John Kamau" for number in range(10)})
	assert len(crowd.like("John Kamau")) == 3
	assert len(crowd.like("John Kamau", most=5)) == 5


def test_a_part_of_a_name_counts_once() -> None:
	assert likeness(("ali", "ali"), ("ali", "hassan")) < ALIKE_ENOUGH


def test_likeness_goes_both_ways() -> None:
	names = [words(name) for name in [*STAFF.values(), "Amina", "M. Hassan", "Brien Peter"]]
	for one in names:
		for other in names:
			assert likeness(one, other) == likeness(other, one)
		assert likeness(one, one) == 1.0


def test_names_in_other_scripts_are_compared_too() -> None:
	staff = Names({"E1": "محمد علي", "E2": "王小明", "E3": "Иван Петров", "E4": "अनीता शर्मा"})
	for key, name in {"E1": "علي محمد", "E2": "王小明", "E3": "ПЕТРОВ Иван", "E4": "शर्मा अनीता"}.items():
		assert [one for one, _ in staff.like(name)] == [key]
