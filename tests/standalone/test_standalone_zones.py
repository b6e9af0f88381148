"""Wall clocks of terminals, site and machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.standalone.desk import Desk, counted
from zkteco_biometric.standalone import settings
from zkteco_biometric.standalone.zones import machine_zone, zone


def test_check_ins_are_written_in_the_site_zone(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sync("--time-zone", "Asia/Kolkata", "--site-time-zone", "Europe/Berlin")
	assert desk.check_ins() == [("HR-EMP-00001", "2026-03-02 03:30:00", "IN")]


def test_the_window_is_asked_for_in_the_terminals_zone(desk: Desk) -> None:
	desk.sync(
		"--time-zone", "Asia/Kolkata", "--site-time-zone", "Europe/Berlin", "--from", "2026-03-31 12:00"
	)
	assert desk.windows_asked() == [("2026-03-31 15:30:00", "2026-03-31 17:30:00")]


def test_the_site_zone_is_the_terminals_unless_told(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	result = desk.sync("--time-zone", "Asia/Kolkata")
	assert desk.check_ins() == [("HR-EMP-00001", "2026-03-02 08:00:00", "IN")]
	assert "terminals in Asia/Kolkata, check-ins in Asia/Kolkata" in result.stdout


def test_other_zones_are_refused_once_there_are_check_ins(desk: Desk) -> None:
	desk.punches("1001", 1)
	desk.sync("--time-zone", "Asia/Kolkata")
	result = desk.sync("--time-zone", "Europe/Berlin")
	assert result.exit_code == 2
	assert "--time-zone Asia/Kolkata and --site-time-zone Asia/Kolkata" in result.stderr
	assert "a new --database" in result.stderr


def test_other_zones_read_everything_again_while_there_are_none(desk: Desk) -> None:
	desk.sync("--time-zone", "Asia/Kolkata")
	desk.punches("1001", 2)
	assert counted(desk.sync("--time-zone", "Europe/Berlin"))["created"] == 2


def test_a_time_that_had_not_come_in_another_zone_is_decided_again(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-31 17:00:00")
	desk.sync("--time-zone", "UTC")
	assert desk.check_ins() == []
	desk.sync("--time-zone", "Asia/Kolkata")
	assert desk.check_ins() == [("HR-EMP-00001", "2026-03-31 17:00:00", "IN")]
	assert desk.query("SELECT count(*) FROM pending_punch") == [(0,)]


@pytest.mark.parametrize("name", ["Atlantis", "Europe", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused_with_an_example(desk: Desk, name: str) -> None:
	result = desk.sync("--time-zone", name)
	assert result.exit_code == 2
	assert "such as Asia/Kolkata" in " ".join(result.stderr.split())


def test_a_machine_without_a_zone_is_taken_for_utc_aloud(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(settings, "machine_zone", lambda: None)
	arguments = [word for word in desk.arguments() if word not in ("--time-zone", "UTC")]
	result = desk.run(*arguments)
	assert "taking UTC. Name the terminals' with --time-zone." in result.stderr
	assert "terminals in UTC" in result.stdout


def test_the_zone_of_the_machine_is_the_default(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(settings, "machine_zone", lambda: zone("Asia/Tokyo"))
	arguments = [word for word in desk.arguments() if word not in ("--time-zone", "UTC")]
	assert "terminals in Asia/Tokyo" in desk.run(*arguments).stdout


@pytest.mark.parametrize(
	("told", "expected"),
	[
		("Asia/Tokyo", "Asia/Tokyo"),
		(":Asia/Tokyo", "Asia/Tokyo"),
		("/usr/share/zoneinfo/posix/Asia/Tokyo", "Asia/Tokyo"),
		("XYZ-3XYW", None),
	],
)
def test_tz_names_the_zone_of_the_machine(tmp_path: Path, told: str, expected: str | None) -> None:
	(tmp_path / "timezone").write_text("Europe/Paris\n")
	found = machine_zone({"TZ": told}, tmp_path)
	assert (found and found.key) == expected


def test_the_link_localtime_names_the_zone_of_the_machine(tmp_path: Path) -> None:
	(tmp_path / "localtime").symlink_to("/nowhere/zoneinfo/America/Lima")
	(tmp_path / "timezone").write_text("Europe/Paris\n")
	found = machine_zone({}, tmp_path)
	assert found and found.key == "America/Lima"


def test_the_file_timezone_names_it_where_localtime_is_a_copy(tmp_path: Path) -> None:
	(tmp_path / "localtime").write_bytes(b"TZif")
	(tmp_path / "timezone").write_text("Europe/Paris\n")
	found = machine_zone({}, tmp_path)
	assert found and found.key == "Europe/Paris"


def test_a_machine_may_have_no_zone_at_all(tmp_path: Path) -> None:
	assert machine_zone({}, tmp_path) is None


@pytest.mark.parametrize("typed", ["2026-03-05", "2026-03-05 00:00", "2026-03-05 00:00:00"])
def test_from_leaves_out_what_is_older(desk: Desk, typed: str) -> None:
	desk.sim.store.punch("1001", "2026-03-04 23:59:59")
	desk.sim.store.punch("1001", "2026-03-05 00:00:00")
	desk.sync("--from", typed)
	assert [row[1] for row in desk.check_ins()] == ["2026-03-05 00:00:00"]


@pytest.mark.parametrize(
	("typed", "said"),
	[
		("yesterday", "no time of the form"),
		("2026-02-30", "no possible time"),
		("0001-01-01", "too long ago"),
		("2026-03-31 07:00:01", "in the future"),
		("9999-12-31 23:59:59", "in the future"),
	],
)
def test_a_from_that_makes_no_sense_is_refused(desk: Desk, typed: str, said: str) -> None:
	result = desk.sync("--from", typed, "--time-zone", "America/Lima")
	assert result.exit_code == 2
	assert said in " ".join(result.stderr.split())
