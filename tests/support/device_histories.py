"""Histories of people at a gate, of a server that fails, and of a site that changes its mind, as hypothesis makes them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.support.device_office import PARKING, SWEEP_EVERY
from tests.support.times import minutes, utc
from zkteco_biometric.device_users.decision import ControlRules
from zkteco_biometric.device_users.states import IN, OUT
from zkteco_biometric.simulator import Variant

LIMBO, SIDE = "Limbo", "Side"
NO_SHIFTS, DAYS, NIGHTS, CHIEF, EXEMPT = CODES = ["1", "2", "3", "4", "5"]
"""Without shifts; in two areas, with day shifts; with night shifts; with rights on the device; exempt."""


@dataclass(frozen=True)
class Punch:
	"""Somebody stands at the gate and tries to punch."""

	code: str
	log_type: str


@dataclass(frozen=True)
class Elsewhere:
	"""A check-in of any other origin comes to be known: one of some time ago."""

	code: str
	log_type: str
	age: timedelta


@dataclass(frozen=True)
class Sweeps:
	"""So many rounds of the scheduler, or of one that has much else to do."""

	number: int
	every: timedelta = SWEEP_EVERY


@dataclass(frozen=True)
class Gap:
	"""Nothing runs for so long."""

	span: timedelta


@dataclass(frozen=True)
class ClockAhead:
	"""From now on the site's clock runs ahead by so much; nothing, once it is set right."""

	span: timedelta


@dataclass(frozen=True)
class Trouble:
	"""The server fails at so many requests of a kind, after some that it answers, until that span is over."""

	fault: str
	applied: bool
	writes_only: bool
	after: int
	times: int | None
	span: timedelta


@dataclass(frozen=True)
class Land:
	"""The server carries out what it has kept."""


@dataclass(frozen=True)
class Dies:
	"""The process of the next round dies at that moment of storing."""

	moment: int


@dataclass(frozen=True)
class Meanwhile:
	"""Within the next round, at that moment of storing, somebody presses the button."""

	moment: int


@dataclass(frozen=True)
class EnableEveryone:
	pass


@dataclass(frozen=True)
class SetRules:
	rules: ControlRules


@dataclass(frozen=True)
class SetExempt:
	code: str
	exempt: bool


@dataclass(frozen=True)
class SetDevice:
	"""Control on or off, dry run or not, by area or by field, and where to park."""

	control: bool
	dry_run: bool
	by_field: bool
	parking: str


@dataclass(frozen=True)
class SetVariant:
	"""The server is updated."""

	variant: Variant


@dataclass(frozen=True)
class SomebodyMoves:
	"""By hand, on the server: never into a parking area."""

	code: str
	areas: tuple[str, ...]


@dataclass(frozen=True)
class SomebodySets:
	"""By hand, on the server: never to the value of who is disabled."""

	code: str
	value: Any


Step = (
	Punch
	| Elsewhere
	| Sweeps
	| Gap
	| ClockAhead
	| Trouble
	| Land
	| Dies
	| Meanwhile
	| EnableEveryone
	| SetRules
	| SetExempt
	| SetDevice
	| SetVariant
	| SomebodyMoves
	| SomebodySets
)


@dataclass(frozen=True)
class History:
	begin: datetime
	rules: ControlRules
	device: SetDevice
	variant: Variant
	steps: tuple[Step, ...]


codes = st.sampled_from([NO_SHIFTS, NO_SHIFTS, DAYS, NIGHTS, CHIEF, EXEMPT])
some = st.sampled_from([NO_SHIFTS, DAYS, NIGHTS])
log_types = st.sampled_from([OUT, OUT, IN])
half_hours = [minutes(30 * number) for number in range(49)]
rules = st.builds(
	ControlRules,
	margin=st.sampled_from(half_hours[:7]),
	hours=st.sampled_from([half_hours[1], half_hours[3], *half_hours[8:25]]),
	oldest=st.sampled_from([half_hours[4], *half_hours[16:49]]),
	during_shift=st.booleans(),
)
most_often = st.sampled_from([True, True, True, True, True, False])
devices = st.builds(
	SetDevice,
	control=most_often,
	dry_run=most_often.map(lambda yes: not yes),
	by_field=st.booleans(),
	parking=st.sampled_from([PARKING, LIMBO]),
)
variants = st.builds(
	Variant,
	loose_emp_code=st.booleans(),
	adjust_area=st.sampled_from(["works", "works", "error500", "missing_json", "missing_html"]),
	resync=st.sampled_from(["works", "works", "works", "error500", "missing_json"]),
	patch_area_alone=st.sampled_from(["works", "works", "error500"]),
)
CHECK_INS = st.builds(Punch, codes, log_types) | st.builds(
	Elsewhere, codes, log_types, st.sampled_from([minutes(0)] * 6 + [minutes(2), *half_hours[:31:3]])
)
ROUNDS = st.builds(Sweeps, st.sampled_from([1, 1, 1, 1, 2, 2, 3, 4, 8])) | st.builds(
	Sweeps, st.sampled_from([3, 6, 15, 26]), st.just(minutes(20))
)
GAPS = st.builds(Gap, st.sampled_from([minutes(number) for number in (1, 3, 10, 60, 300)]))
LATE = st.builds(
	Trouble,
	st.just("late"),
	st.booleans(),
	st.just(True),
	st.sampled_from([0, 0, 1]),
	st.sampled_from([1, 1, 2, None]),
	st.sampled_from([minutes(5), minutes(5), minutes(20)]),
) | st.builds(Land)
FAILURES = st.builds(
	Trouble,
	st.sampled_from(
		[
			"html_error",
			"reset",
			"status",
			"api_code",
			"truncate",
			"unauthorized",
			"login_page",
			"not_json",
			"blank",
			"blank",
		]
	),
	st.booleans(),
	st.booleans(),
	st.sampled_from([0, 0, 0, 1, 2, 3, 5]),
	st.sampled_from([1, 1, 2, 4, None]),
	st.sampled_from([minutes(number) for number in (5, 5, 20, 120)]),
)
CLOCKS = st.builds(ClockAhead, st.sampled_from([timedelta(), timedelta(hours=20), timedelta(hours=40)]))
CRASHES = st.builds(Dies, st.integers(1, 6))
PEOPLE = st.builds(SomebodyMoves, some, st.sampled_from([(SIDE,), (SIDE, "2"), ("2",)])) | st.builds(
	SomebodySets, some, st.sampled_from([1, True, "1", "odd", None])
)
SITE = (
	st.builds(SetRules, rules)
	| st.builds(SetExempt, some, st.sampled_from([True, True, False]))
	| devices
	| st.builds(SetVariant, variants)
	| st.builds(EnableEveryone)
	| st.builds(Meanwhile, st.integers(1, 6))
)


def histories(disturbances: st.SearchStrategy[Step]) -> st.SearchStrategy[History]:
	"""Mostly: somebody checks in or out, something happens, and the scheduler comes by; several times."""
	once = st.builds(Sweeps, st.just(1))
	episodes: st.SearchStrategy[tuple[Step, ...]] = (
		some.flatmap(lambda code: _out_and_back(code, disturbances, once))
		| st.tuples(CHECK_INS, disturbances, once)
		| st.tuples(CHECK_INS, disturbances, once, disturbances, once)
		| st.tuples(CHECK_INS, once, CHECK_INS, disturbances, once)
		| st.tuples(CHECK_INS, ROUNDS)
		| st.tuples(ROUNDS)
		| st.tuples(disturbances, ROUNDS)
		| st.tuples(GAPS, once)
	)
	return st.builds(
		History,
		begin=st.sampled_from([utc(2024, 6, 5, hour) for hour in (3, 8, 12, 17, 21)]),
		rules=rules,
		device=st.booleans().map(lambda by_field: SetDevice(True, False, by_field, PARKING)),
		variant=st.just(Variant()) | variants,
		steps=st.lists(episodes, min_size=4, max_size=12).map(_in_a_row),
	)


def _out_and_back(
	code: str, disturbances: st.SearchStrategy[Step], once: st.SearchStrategy[Step]
) -> st.SearchStrategy[tuple[Step, ...]]:
	now = st.just(minutes(0))
	out, back = (st.builds(Elsewhere, st.just(code), st.just(log_type), now) for log_type in (OUT, IN))
	return st.tuples(out, disturbances, once, back, once) | st.tuples(out, once, back, disturbances, once)


def _in_a_row(episodes: list[tuple[Step, ...]]) -> tuple[Step, ...]:
	return tuple(step for episode in episodes for step in episode)
