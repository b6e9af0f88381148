"""How many notices there are, however many terminals or people something befalls, and however long that goes on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from zkteco_biometric.notices.incidents import Key, Kind
from zkteco_biometric.notices.telling import (
	AT_MOST_EVERY,
	Awaits,
	Incident,
	beginnings_to_tell,
	ends_to_tell,
)

NOON = datetime(2026, 6, 2, 12)
SWEEP = timedelta(minutes=4)
PEOPLE = [f"HR-{number}" for number in range(6)]

looks = st.lists(
	st.tuples(st.integers(1, 25), st.frozensets(st.sampled_from(PEOPLE), max_size=4)), min_size=1, max_size=40
)


@dataclass
class Site:
	"""What is kept of one kind on one device, as sweeps write it, and what was told when."""

	now: datetime = NOON
	kept: list[Incident] = field(default_factory=list)
	begun: list[tuple[datetime, set[str]]] = field(default_factory=list)
	ended: list[tuple[datetime, set[str]]] = field(default_factory=list)

	def look(self, late: set[str] | frozenset[str]) -> None:
		still = {one.key.subject for one in self.kept if one.is_open}
		self.kept = [one if one.key.subject in late else _over(one) for one in self.kept]
		self.kept += [_new(person, len(self.kept)) for person in sorted(late - still)]
		self.tell()

	def tell(self) -> None:
		beginnings, ends = beginnings_to_tell(self.kept, self.now), ends_to_tell(self.kept)
		if beginnings:
			self.begun.append((self.now, {one.key.subject for one in beginnings}))
		if ends:
			self.ended.append((self.now, {one.key.subject for one in ends}))
		self.kept = [
			replace(one, awaits=Awaits.NOTHING, told_on=self.now if one in beginnings else one.told_on)
			if one in beginnings or one in ends
			else one
			for one in self.kept
		]
		self.kept = [one for one in self.kept if one.is_open or one.awaits is Awaits.END]

	def open(self) -> set[str]:
		return {one.key.subject for one in self.kept if one.is_open}


def _new(person: str, number: int) -> Incident:
	key = Key(Kind.PEOPLE, "Office", person)
	return Incident(f"{person} {number}", key, awaits=Awaits.BEGINNING)


def _over(one: Incident) -> Incident:
	if not one.is_open:
		return one
	return replace(one, is_open=False, awaits=Awaits.END if one.told_on else Awaits.NOTHING)


@given(looks)
@examples(tests=300, nightly=5000)
def test_one_beginning_one_an_hour_while_it_grows_and_one_end(history) -> None:
	site = Site()
	for sweeps, late in history:
		site.now += sweeps * SWEEP
		before = len(site.ended)
		site.look(late)
		for _again in range(3):
			known = (len(site.begun), len(site.ended))
			site.tell()
			assert known == (len(site.begun), len(site.ended)), "what lasts is no news"
		if len(site.ended) > before:
			assert not site.open(), "not before all of it is over"
		if not site.open():
			assert not site.kept, "nothing is left to be told"
	for (earlier, _who), (later, _others) in zip(site.begun, site.begun[1:], strict=False):
		ended_between = any(earlier <= moment <= later for moment, _who in site.ended)
		assert ended_between or later - earlier >= AT_MOST_EVERY
	for earlier, later in zip(site.ended, site.ended[1:], strict=False):
		assert any(earlier[0] <= moment <= later[0] for moment, _who in site.begun), "an end for a beginning"
	told = set().union(*(who for _moment, who in site.begun))
	assert set().union(*(who for _moment, who in site.ended)) <= told


@given(looks)
@examples(tests=200, nightly=3000)
def test_everybody_who_lasts_is_told_of_within_an_hour_and_of_their_end(history) -> None:
	site = Site()
	for sweeps, late in history:
		site.now += sweeps * SWEEP
		site.look(late)
	lasting = site.open()
	site.now += AT_MOST_EVERY
	site.look(lasting)
	assert not any(one.awaits is Awaits.BEGINNING for one in site.kept)
	told = {one.key.subject for one in site.kept if one.told_on}
	site.look(set())
	assert not site.kept
	assert told <= (site.ended[-1][1] if told else told)


def test_sixty_people_three_minutes_apart_are_a_few_notices() -> None:
	site = Site()
	everybody: set[str] = set()
	for number in range(60):
		site.now = NOON + timedelta(minutes=3 * number)
		everybody.add(f"HR-{number}")
		site.look(everybody)
	site.now += AT_MOST_EVERY
	site.look(everybody)
	site.look(set())
	assert [len(who) for _moment, who in site.begun] == [1, 20, 20, 19]
	assert [len(who) for _moment, who in site.ended] == [60]


def test_people_who_are_enabled_one_by_one_are_told_together() -> None:
	site = Site()
	site.look(set(PEOPLE))
	for person in PEOPLE:
		site.now += SWEEP
		site.look(site.open() - {person})
	assert [(len(who)) for _moment, who in site.begun] == [len(PEOPLE)]
	assert [who for _moment, who in site.ended] == [set(PEOPLE)]


def test_what_nobody_was_told_of_keeps_no_end_from_being_told() -> None:
	"""As what began while notices were switched off."""
	silent = Incident("1", Key(Kind.PEOPLE, "Office", "HR-1"))
	over = replace(silent, name="2", is_open=False, told_on=NOON, awaits=Awaits.END)
	assert ends_to_tell([silent, over]) == [over]
	assert ends_to_tell([replace(silent, told_on=NOON), over]) == []


def test_devices_and_kinds_are_stories_of_their_own() -> None:
	told = Incident("1", Key(Kind.PEOPLE, "Office", "HR-1"), told_on=NOON)
	others = [
		Incident("2", Key(Kind.PEOPLE, "Gate", "HR-1"), awaits=Awaits.BEGINNING),
		Incident("3", Key(Kind.CLOCK, "Office", "SN-1"), awaits=Awaits.BEGINNING),
	]
	joining = Incident("4", Key(Kind.PEOPLE, "Office", "HR-2"), awaits=Awaits.BEGINNING)
	assert beginnings_to_tell([told, *others, joining], NOON + SWEEP) == others
	assert beginnings_to_tell([told, joining], NOON + AT_MOST_EVERY) == [joining]
	assert beginnings_to_tell([told, joining], NOON - SWEEP) == [joining], "a clock that was set back"
