"""Which log type a punch state becomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.cycle.log_types import LogType, PunchStates


@pytest.mark.parametrize(
	("state", "log_type"),
	[
		("0", LogType.IN),
		("1", LogType.OUT),
		("2", LogType.IN),
		("3", LogType.IN),
		("4", LogType.IN),
		("5", LogType.IN),
		("255", LogType.IN),
		("I", LogType.IN),
		("00", LogType.IN),
	],
)
def test_without_a_table_0_is_in_1_is_out_and_the_rest_is_in(state: str, log_type: LogType) -> None:
	assert PunchStates().log_type(state) is log_type


@pytest.mark.parametrize("default", list(LogType))
def test_the_default_is_for_the_states_that_nobody_names(default: LogType) -> None:
	states = PunchStates(default=default)
	assert [states.log_type(state) for state in ("0", "1", "2", "255")] == [
		LogType.IN,
		LogType.OUT,
		default,
		default,
	]


TABLE = {"0": LogType.OUT, "2": LogType.OUT, "5": LogType.NONE, "255": LogType.IGNORE}


@pytest.mark.parametrize(
	("state", "log_type"),
	[
		("0", LogType.OUT),
		("1", LogType.OUT),
		("2", LogType.OUT),
		("3", LogType.NONE),
		("5", LogType.NONE),
		("255", LogType.IGNORE),
	],
)
def test_the_table_comes_first(state: str, log_type: LogType) -> None:
	assert PunchStates(TABLE, LogType.NONE).log_type(state) is log_type


@given(
	st.text(max_size=4),
	st.dictionaries(st.sampled_from("01234"), st.sampled_from(LogType)),
	st.sampled_from(LogType),
)
def test_every_state_has_a_log_type(state: str, table: dict[str, LogType], default: LogType) -> None:
	log_type = PunchStates(table, default).log_type(state)
	assert log_type is table.get(state, log_type)
	assert log_type in {*table.values(), default, LogType.IN, LogType.OUT}


@pytest.mark.parametrize(
	("log_type", "stored"),
	[(LogType.IN, "IN"), (LogType.OUT, "OUT"), (LogType.NONE, None), (LogType.IGNORE, None)],
)
def test_only_in_and_out_are_stored(log_type: LogType, stored: str | None) -> None:
	assert log_type.stored == stored
