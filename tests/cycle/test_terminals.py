"""What is remembered of terminals: from the server's list, from their punches, from when those arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.support.punches import punch
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.biotime.personnel import Area, Terminal
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Ignored, Pending, Reason
from zkteco_biometric.cycle.terminals import (
	MOST_TERMINALS,
	Clock,
	Look,
	NewestPunches,
	Status,
	TerminalRow,
	changed_rows,
	serial_key,
	server_zone,
)

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
NAIROBI = ZoneInfo("Africa/Nairobi")
NAIROBI_NOW = datetime(2024, 6, 5, 15)
CLOCKS = WallClocks(NAIROBI, NAIROBI)
A_MINUTE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)


def terminal(sn: str = "SN1", **values: object) -> Terminal:
	plain = Terminal(1, sn, "Gate", Area(2, "2", "Office"), "1", NAIROBI_NOW - A_MINUTE, 20, 300, "192.0.2.1")
	return replace(plain, **values)  # type: ignore[arg-type]


def from_terminal(sn: str, time: datetime, alias: str = "") -> Punch:
	return replace(punch(time=time), terminal_sn=sn, terminal_alias=alias)


def look(told: list[Terminal] | None = None, **values: object) -> Look:
	return replace(Look("Office", NOW, CLOCKS, told), **values)  # type: ignore[arg-type]


def rows(known: list[TerminalRow], seen: Look) -> dict[str, TerminalRow]:
	changed = changed_rows({row.serial_key: row for row in known}, seen)
	return {row.serial_number: row for row in changed}


def test_a_terminal_that_the_server_names_is_remembered_with_what_it_says() -> None:
	(row,) = rows([], look([terminal()])).values()
	assert row == TerminalRow(
		device="Office",
		serial_key=serial_key("SN1"),
		serial_number="SN1",
		alias="Gate",
		area="Office",
		ip_address="192.0.2.1",
		status=Status.ONLINE,
		last_activity=NAIROBI_NOW - A_MINUTE,
		server_zone="UTC+03:00",
		punches=300,
		people=20,
		known_since=NAIROBI_NOW,
		last_named=NAIROBI_NOW,
	)


@pytest.mark.parametrize(
	("state", "status"),
	[
		("1", Status.ONLINE),
		("3", Status.OFFLINE),
		("4", Status.OFFLINE),
		("0", Status.UNKNOWN),
		("", Status.UNKNOWN),
	],
)
def test_the_states_of_the_contract(state: str, status: Status) -> None:
	assert rows([], look([terminal(state=state)]))["SN1"].status is status


def test_what_has_not_changed_is_not_written_again() -> None:
	(row,) = rows([], look([terminal()])).values()
	assert rows([row], look([terminal()])) == {}
	assert rows([row], look()) == {}


def test_what_the_server_is_silent_about_stays() -> None:
	(row,) = rows([], look([terminal()])).values()
	silent = terminal(
		alias="", area=None, last_activity=None, user_count=None, transaction_count=None, ip_address=""
	)
	changed = rows([row], look([silent], now=NOW + AN_HOUR))["SN1"]
	assert changed == replace(row, last_named=NAIROBI_NOW + AN_HOUR)


def test_a_terminal_that_is_named_no_more_is_gone_and_comes_back() -> None:
	(row,) = rows([], look([terminal()])).values()
	gone = rows([row], look([terminal("SN2")]))["SN1"]
	assert gone == replace(row, status=Status.GONE)
	assert rows([gone], look([terminal()]))["SN1"] == row


def test_an_empty_list_makes_nobody_gone() -> None:
	(row,) = rows([], look([terminal()])).values()
	assert rows([row], look([])) == {}


def test_a_punch_brings_back_who_is_gone_and_the_list_does_not_take_it_away_again() -> None:
	(row,) = rows([], look([terminal()])).values()
	gone = rows([row], look([terminal("SN2")]))["SN1"]
	punched = NAIROBI_NOW + A_MINUTE
	back = rows([gone], look(newest={"SN1": from_terminal("SN1", punched, "Gate")}))["SN1"]
	assert back == replace(row, status=Status.UNKNOWN, last_punch=punched, last_named=None)
	assert "SN1" not in rows([back], look([terminal("SN2")]))
	assert rows([back], look([terminal()]))["SN1"] == replace(row, last_punch=punched)


def test_a_punch_from_before_it_was_named_last_brings_nobody_back() -> None:
	(row,) = rows([], look([terminal()])).values()
	gone = rows([row], look([terminal("SN2")]))["SN1"]
	late = look(newest={"SN1": from_terminal("SN1", NAIROBI_NOW)})
	assert rows([gone], late)["SN1"] == replace(gone, last_punch=NAIROBI_NOW)


def test_who_punched_and_was_taken_away_before_the_next_look_is_gone() -> None:
	(row,) = rows([], look([terminal()])).values()
	punched = {"SN1": from_terminal("SN1", NAIROBI_NOW + A_MINUTE)}
	assert rows([row], look([terminal("SN2")], newest=punched))["SN1"].status is Status.GONE


def test_a_terminal_that_was_never_named_is_unknown_rather_than_gone() -> None:
	seen = look(newest={"SN9": from_terminal("SN9", NAIROBI_NOW, "Yard")})
	(row,) = rows([], seen).values()
	assert (row.status, row.alias, row.last_punch, row.last_named) == (
		Status.UNKNOWN,
		"Yard",
		NAIROBI_NOW,
		None,
	)
	assert rows([row], look([terminal("SN2")])).keys() == {"SN2"}


def test_nobody_decides_anew_whether_silence_matters() -> None:
	(row,) = rows([], look([terminal()])).values()
	exempt = replace(row, watch=False)
	later = look([terminal()], now=NOW + AN_HOUR, newest={"SN1": from_terminal("SN1", NAIROBI_NOW)})
	assert rows([exempt], later)["SN1"].watch is False


def test_the_newest_punch_only_moves_forward_and_onto_the_site_s_clock() -> None:
	clocks = WallClocks(NAIROBI, ZoneInfo("UTC"))
	first = look(clocks=clocks, newest={"SN1": from_terminal("SN1", NAIROBI_NOW)})
	(row,) = rows([], first).values()
	assert row.last_punch == datetime(2024, 6, 5, 12)
	older = look(clocks=clocks, newest={"SN1": from_terminal("SN1", NAIROBI_NOW - AN_HOUR)})
	assert rows([row], older) == {}


def test_texts_of_a_device_are_harmless_and_short_and_serials_are_told_apart_all_the_same() -> None:
	long = ["9" * 300 + "a", "9" * 300 + "A"]
	told = [terminal(sn, alias="<img src=x>") for sn in long]
	changed = changed_rows({}, look(told))
	assert [row.alias for row in changed] == ["‹img src=x›"] * 2
	assert {len(row.serial_number) for row in changed} == {140}
	assert len({row.serial_key for row in changed}) == 2


def test_counts_and_times_that_no_database_holds_are_bounded() -> None:
	row = rows([], look([terminal(transaction_count=10**17, last_activity=datetime(1, 1, 1))]))["SN1"]
	assert row.punches == 2**31 - 1
	assert row.last_activity is None


def test_the_number_of_terminals_is_bounded() -> None:
	many = [terminal(str(number)) for number in range(MOST_TERMINALS + 5)]
	known = changed_rows({}, look(many))
	assert len(known) == MOST_TERMINALS
	newest = {"one more": from_terminal("one more", NAIROBI_NOW)}
	assert rows(known, look(newest=newest)) == {}


def test_a_terminal_without_a_name_is_called_by_its_serial_number() -> None:
	assert rows([], look([terminal(alias="")]))["SN1"].title == "SN1"
	assert rows([], look([terminal()]))["SN1"].title == "Gate"


# Clocks


def live(ahead: timedelta) -> ClockWatch:
	"""Eight punches, each read as soon as it arrived, from a terminal whose clock is so far ahead."""
	watch = ClockWatch()
	for number in range(8):
		uploaded = NAIROBI_NOW - timedelta(hours=1) + number * 5 * A_MINUTE
		arrived = replace(from_terminal("SN1", uploaded + ahead), upload_time=uploaded)
		watch = watch.saw([arrived], uploaded.replace(tzinfo=NAIROBI))
	return watch


@pytest.mark.parametrize(
	("ahead", "clock", "offset"),
	[
		(timedelta(), Clock.AGREES, 0),
		(timedelta(seconds=-7), Clock.AGREES, -7),
		(12 * A_MINUTE, Clock.AHEAD, 720),
		(-AN_HOUR, Clock.BEHIND, -3600),
	],
)
def test_a_clock_is_told_from_when_punches_arrive(ahead: timedelta, clock: Clock, offset: int) -> None:
	row = rows([], look([terminal()], clock_watch=live(ahead)))["SN1"]
	assert (row.clock, row.clock_offset) == (clock, offset)


def test_a_clock_of_which_nothing_is_known_any_more_is_unknown() -> None:
	(row,) = rows([], look([terminal()], clock_watch=live(12 * A_MINUTE))).values()
	assert rows([row], look()) == {}, "nobody looked"
	forgotten = rows([row], look(clock_watch=ClockWatch()))["SN1"]
	assert (forgotten.clock, forgotten.clock_offset) == (Clock.UNKNOWN, 0)


# The zone of the server's clock


def offset_of(told: list[Terminal], watch: ClockWatch | None = None) -> timedelta | None:
	zone = server_zone(told, look(clock_watch=watch))
	return zone.utcoffset(None) if zone else None


def test_the_zone_of_the_server_is_told_by_the_latest_activity() -> None:
	utc_now = datetime(2024, 6, 5, 12)
	told = [terminal(last_activity=utc_now - 20 * AN_HOUR, state="1"), terminal("SN2", last_activity=utc_now)]
	assert offset_of(told) == timedelta()
	assert offset_of([terminal(last_activity=utc_now + 5.5 * AN_HOUR - 3 * A_MINUTE)]) == 5.5 * AN_HOUR


def test_a_server_that_is_a_minute_fast_is_in_the_same_zone() -> None:
	assert offset_of([terminal(last_activity=NAIROBI_NOW + A_MINUTE)]) == 3 * AN_HOUR


def test_activity_of_half_an_hour_ago_is_old_rather_than_of_another_zone() -> None:
	assert offset_of([terminal(last_activity=NAIROBI_NOW - 40 * A_MINUTE)]) == 3 * AN_HOUR


def test_what_is_offline_shows_no_zone_but_uploads_do() -> None:
	offline = [terminal(state="3", last_activity=NAIROBI_NOW - 50 * AN_HOUR)]
	assert offset_of(offline) is None
	assert offset_of(offline, live(timedelta())) == 3 * AN_HOUR


def test_an_impossible_zone_is_none() -> None:
	assert offset_of([terminal(last_activity=NAIROBI_NOW - 500 * AN_HOUR)]) is None


def test_activity_is_converted_by_the_server_s_zone_and_else_by_the_terminals_and_says_so() -> None:
	utc_now = datetime(2024, 6, 5, 12)
	online, offline = terminal(last_activity=utc_now), terminal("SN2", last_activity=utc_now, state="3")
	both = rows([], look([online, offline]))
	assert {row.last_activity for row in both.values()} == {NAIROBI_NOW}
	assert {row.server_zone for row in both.values()} == {"UTC"}
	alone = rows([], look([offline]))["SN2"]
	assert (alone.last_activity, alone.server_zone) == (utc_now, "")


# Punches of a cycle


def check_in(of: Punch) -> CheckIn:
	return CheckIn("HR-EMP-1", of.time, "IN", of)


def test_every_kind_of_punch_shows_that_a_terminal_lives() -> None:
	newest = NewestPunches(CLOCKS)
	moments = [NAIROBI_NOW - number * A_MINUTE for number in range(4)]
	one, two, three, four = (from_terminal(f"SN{number}", at) for number, at in enumerate(moments))
	pending = Pending(Reason.UNKNOWN_EMPLOYEE, "", {}, three)
	newest.see([check_in(one), Duplicate(check_in(two)), pending, Ignored(four, "")], NOW)
	assert {sn: seen.time for sn, seen in newest.by_serial.items()} == {
		f"SN{number}": at for number, at in enumerate(moments)
	}


def test_of_several_punches_the_newest_counts_whatever_their_order() -> None:
	newest = NewestPunches(CLOCKS)
	for minutes in (5, 1, 3):
		newest.see([check_in(from_terminal("SN1", NAIROBI_NOW - minutes * A_MINUTE))], NOW)
	assert newest.by_serial["SN1"].time == NAIROBI_NOW - A_MINUTE


def test_impossible_and_future_times_manual_and_unreadable_rows_say_nothing() -> None:
	newest = NewestPunches(CLOCKS)
	impossible = Pending(Reason.IMPOSSIBLE_TIME, "", {}, from_terminal("SN1", NAIROBI_NOW))
	future = Ignored(from_terminal("SN1", NAIROBI_NOW + AN_HOUR), "")
	manual = check_in(from_terminal("", NAIROBI_NOW))
	newest.see([impossible, future, manual, Pending(Reason.UNREADABLE_ROW, "", {}), Ignored(None, "")], NOW)
	assert newest.by_serial == {}


def test_a_flood_of_serial_numbers_is_bounded() -> None:
	newest = NewestPunches(CLOCKS)
	newest.see(
		[check_in(from_terminal(str(number), NAIROBI_NOW)) for number in range(MOST_TERMINALS + 5)], NOW
	)
	assert len(newest.by_serial) == MOST_TERMINALS
