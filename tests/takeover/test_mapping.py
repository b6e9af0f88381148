"""A device of the other app becomes one of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.biotime.url import normalise_url
from zkteco_biometric.cycle.schedule import Frequency, check_cron
from zkteco_biometric.takeover.mapping import (
	KEEPS_IT_DISABLED,
	STILL_LOOKED_AT,
	Former,
	TakenOver,
	Trouble,
	take_over_device,
)

NOW = datetime(2026, 3, 10, 12, 0, 0, 123456)
CREATED = datetime(2025, 9, 1, 8)
FETCHED = datetime(2026, 3, 10, 11, 58, 3, 700000)
OFFICE = Former(
	name="admin",
	url="http://192.0.2.10:8081/",
	username="admin",
	created=CREATED,
	password="secret",
	is_fetched=True,
	last_fetched=FETCHED,
)


def taken(former: Former = OFFICE, names: tuple[str, ...] = (), **changes: object) -> TakenOver:
	return take_over_device(replace(former, **changes), names, NOW)  # type: ignore[arg-type]


def test_an_ordinary_device_goes_on_where_it_was() -> None:
	assert taken() == TakenOver(
		name="192.0.2.10",
		url="http://192.0.2.10:8081",
		username="admin",
		enable=True,
		fetch_frequency=Frequency.ALL,
		cron_expression=None,
		last_sync=datetime(2026, 3, 10, 11, 58, 3),
		sync_from=datetime(2026, 3, 3, 11, 58, 3),
	)


def test_a_device_that_was_not_fetched_stays_disabled_without_a_trouble() -> None:
	device = taken(is_fetched=False)
	assert (device.enable, device.troubles) == (False, ())


@pytest.mark.parametrize(
	("changes", "url", "trouble"),
	[
		({"url": "192.0.2.10:8081"}, "192.0.2.10:8081", Trouble.URL),
		({"url": ""}, "", Trouble.URL),
		({"url": "ftp://biotime"}, "ftp://biotime", Trouble.URL),
		({"url": "http://u:s3cret@biotime:80/x"}, "http://biotime:80/x", Trouble.CREDENTIALS_IN_URL),
		({"url": "u:s3cret@biotime:80"}, "biotime:80", Trouble.CREDENTIALS_IN_URL),
		({"url": "http://admin:pa/s3cret@biotime:80"}, "http://biotime:80", Trouble.CREDENTIALS_IN_URL),
		({"url": "http://admin:12/s3cret@biotime"}, "http://biotime", Trouble.CREDENTIALS_IN_URL),
		({"url": "http://admin:p#s3cret@biotime"}, "http://biotime", Trouble.CREDENTIALS_IN_URL),
		({"username": "  "}, "http://192.0.2.10:8081", Trouble.NO_USER_NAME),
		({"password": ""}, "http://192.0.2.10:8081", Trouble.NO_PASSWORD),
	],
)
def test_what_ours_would_refuse_is_kept_and_leaves_the_device_disabled(
	changes: dict[str, object], url: str, trouble: Trouble
) -> None:
	device = taken(**changes)
	assert (device.url, device.enable, device.troubles) == (url, False, (trouble,))


def test_no_secret_is_shown_of_a_former_device() -> None:
	shown = repr(replace(OFFICE, url="http://admin:s3cret@biotime", password="s3cret"))
	assert "s3cret" not in shown and "admin" in shown


def test_a_password_that_frappe_has_encrypted_is_a_password() -> None:
	assert taken(password="", has_stored_password=True).enable


@pytest.mark.parametrize(
	("frequency", "cron", "becomes"),
	[
		("", "", (Frequency.ALL, None)),
		("All", "", (Frequency.ALL, None)),
		("Hourly", "", (Frequency.HOURLY, None)),
		("Hourly Long", "", (Frequency.HOURLY, None)),
		("Hourly Maintenance", "", (Frequency.HOURLY, None)),
		("Daily", "*/5 * * * *", (Frequency.DAILY, None)),
		("Daily Maintenance", "", (Frequency.DAILY, None)),
		("Weekly Long", "", (Frequency.WEEKLY, None)),
		("Monthly Long", "", (Frequency.MONTHLY, None)),
		("Yearly", "", (Frequency.CRON, "0 0 1 1 *")),
		("Cron", " */15  6-20 * * * ", (Frequency.CRON, "*/15 6-20 * * *")),
	],
)
def test_each_frequency_has_one_of_ours(
	frequency: str, cron: str, becomes: tuple[Frequency, str | None]
) -> None:
	device = taken(frequency=frequency, cron=cron)
	assert (device.fetch_frequency, device.cron_expression) == becomes
	assert device.enable and not device.troubles


@pytest.mark.parametrize(("frequency", "cron"), [("Cron", ""), ("Cron", "now and then"), ("Yearl", "")])
def test_a_frequency_that_nobody_can_read_syncs_at_every_tick_and_says_so(frequency: str, cron: str) -> None:
	device = taken(frequency=frequency, cron=cron)
	assert (device.fetch_frequency, device.cron_expression) == (Frequency.ALL, None)
	assert (device.enable, device.troubles) == (True, (Trouble.SCHEDULE,))


def test_history_from_before_the_other_app_is_not_asked_for() -> None:
	begun = NOW - timedelta(days=2)
	assert taken(created=begun).sync_from == begun.replace(microsecond=0)


def test_without_a_time_of_the_last_fetch_a_week_is_read() -> None:
	device = taken(last_fetched=None)
	assert (device.last_sync, device.sync_from) == (None, datetime(2026, 3, 3, 12))


def test_a_last_fetch_in_the_future_is_now() -> None:
	assert taken(last_fetched=NOW + timedelta(days=1)).last_sync == NOW.replace(microsecond=0)


times = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))
formers = st.builds(
	Former,
	name=st.text(min_size=1),
	url=st.text() | st.sampled_from(["http://192.0.2.10", "http://admin:pa/ss@192.0.2.10", "http://u:p@h/@"]),
	username=st.text(),
	created=times,
	password=st.text(),
	has_stored_password=st.booleans(),
	is_fetched=st.booleans(),
	frequency=st.text() | st.sampled_from(["All", "Cron", "Hourly Long", "Yearly"]),
	cron=st.text() | st.just("*/5 * * * *"),
	last_fetched=st.none() | times,
)


@given(formers, times, st.sets(st.text(min_size=1)))
def test_whatever_was_there_becomes_a_device_that_loses_no_punch(
	former: Former, now: datetime, names: set[str]
) -> None:
	device = take_over_device(former, names, now)
	assert device.name and device.name.casefold() not in {name.casefold() for name in names}
	assert device.sync_from <= (device.last_sync or now) <= now
	assert device.sync_from >= (min(former.last_fetched or now, now) - STILL_LOOKED_AT).replace(microsecond=0)
	if device.last_sync and former.last_fetched:
		assert device.last_sync <= former.last_fetched
	assert device.enable == (former.is_fetched and not KEEPS_IT_DISABLED & set(device.troubles))
	assert "@" not in device.url
	if device.enable:
		assert normalise_url(device.url) == device.url
		assert device.username and (former.password or former.has_stored_password)
	if device.fetch_frequency is Frequency.CRON:
		check_cron(device.cron_expression or "")
