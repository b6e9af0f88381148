"""A terminal refuses the very punch that would enable a disabled person; the way back gets them in all the same."""

from __future__ import annotations

import pytest

from tests.support.device_office import EVENING, HOME, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.decision import ControlRules, Shift

CHECK_IN, CHECK_OUT = "0", "1"
TOMORROW = EVENING + hours(16)
"""When the next shift begins: at nine."""


@pytest.fixture
def gone_home(office: Office) -> Office:
	"""Code 7 has worked today, checked out at five, and works again tomorrow at nine."""
	today = Shift(EVENING - hours(8), EVENING)
	office.hire("7", shifts=(today, Shift(TOMORROW, TOMORROW + hours(8))))
	assert office.punches("7", CHECK_OUT)
	office.sweep()
	return office


def test_the_terminal_refuses_the_check_in_that_would_enable_the_person(gone_home: Office) -> None:
	gone_home.now = TOMORROW
	assert not gone_home.punches("7", CHECK_IN)
	gone_home.now += hours(24)
	assert not gone_home.punches("7", CHECK_IN), "Without sweeps nothing ever changes."


def test_before_the_way_back_the_person_cannot_get_in(gone_home: Office) -> None:
	gone_home.sweeps(hours(8) - minutes(1))
	assert not gone_home.punches("7", CHECK_IN)


def test_after_the_hours_they_get_in(gone_home: Office) -> None:
	gone_home.sweeps(hours(8))
	assert gone_home.punches("7", CHECK_IN)


def test_an_hour_before_their_shift_they_get_in(gone_home: Office) -> None:
	gone_home.site.rules = ControlRules(hours=hours(48))
	gone_home.sweeps(hours(15) - minutes(1))
	assert not gone_home.punches("7", CHECK_IN)
	gone_home.sweeps(minutes(1))
	assert gone_home.punches("7", CHECK_IN)
	gone_home.sweeps(hours(9))
	assert gone_home.areas("7") == [HOME]


def test_after_a_check_in_elsewhere_they_get_in(gone_home: Office) -> None:
	gone_home.now += minutes(30)
	gone_home.in_("7")
	gone_home.sweep()
	assert gone_home.punches("7", CHECK_IN)


def test_who_gets_in_gets_out_and_is_disabled_again(gone_home: Office) -> None:
	gone_home.sweeps(hours(16))
	assert gone_home.punches("7", CHECK_IN)
	gone_home.sweeps(hours(8))
	assert gone_home.punches("7", CHECK_OUT)
	gone_home.sweeps(minutes(4))
	assert not gone_home.punches("7", CHECK_IN)


def test_who_checks_out_for_lunch_gets_in_again(gone_home: Office) -> None:
	gone_home.sweeps(hours(16))
	assert gone_home.punches("7", CHECK_IN)
	gone_home.sweeps(hours(3))
	assert gone_home.punches("7", CHECK_OUT)
	gone_home.sweeps(minutes(45))
	assert gone_home.punches("7", CHECK_IN)
