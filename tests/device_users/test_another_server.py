"""The URL of a device is changed, or another document parks people on the same server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import HOME, PARKING, Office, hours
from tests.support.fixtures import Connect, StartSimulator
from tests.support.times import minutes
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import Area, Variant, faults

NEXT = timedelta(minutes=4)
HERE, THERE = ControlSettings(server="http://here.test"), ControlSettings(server="http://there.test")
LIMBO = "Limbo"


@pytest.fixture
def here(office: Office) -> Office:
	"""Code 7 is disabled at one URL."""
	office.site.settings = HERE
	office.hire("7")
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	return office


@pytest.fixture
def there(here: Office, start: StartSimulator, connect: Connect) -> Office:
	"""Another server, where code 7 is somebody who can come in; the device's URL leads there by now."""
	sim = start()
	office = Office(sim, connect(sim), site=here.site)
	sim.store.add_person("7")
	here.site.settings = THERE
	office.now = here.now
	return office


def test_where_somebody_was_disabled_is_remembered(here: Office) -> None:
	former = here.record("7").former
	assert former is not None
	assert former.server == "http://here.test"


@pytest.mark.parametrize("comes_in", [True, False])
def test_who_can_come_in_at_another_server_is_not_forgotten_at_the_one_where_they_cannot(
	here: Office, there: Office, comes_in: bool
) -> None:
	if comes_in:
		there.in_("7")
	result = there.sweep(hours(1) + NEXT)
	assert [record.employee for record in result.failed] == ["EMP-7"]
	record = there.record("7")
	assert (record.outcome, record.is_held) == (Outcome.FAILED, True)
	assert "http://here.test" in record.error
	assert "http://there.test" in record.error
	assert "Settled by Hand" in record.remedy
	there.sweeps(hours(30))
	assert there.record("7").is_held
	assert (there.writes, there.areas("7")) == ([], [HOME])
	here.site.settings = HERE
	here.now = there.now
	here.sweeps(hours(1) + NEXT)
	assert (here.areas("7"), here.record("7").former) == ([HOME], None)


def test_nobody_of_that_code_at_another_server_is_no_reason_to_forget(here: Office, there: Office) -> None:
	there.sim.store.delete_person(1)
	there.sweeps(hours(30))
	assert (there.record("7").outcome, there.record("7").is_held) == (Outcome.FAILED, True)


def test_a_server_with_a_new_address_gives_everybody_back(here: Office) -> None:
	here.site.settings = THERE
	here.in_("7")
	result = here.sweep(NEXT)
	assert (here.areas("7"), here.record("7").former) == ([HOME], None)
	assert dict(result.counts) == {"enabled": 1}


def test_at_a_new_address_the_way_back_is_kept(here: Office) -> None:
	here.site.settings = THERE
	here.sweeps(hours(8) - minutes(1))
	assert (here.areas("7"), here.record("7").outcome) == ([PARKING], Outcome.CONFIRMED)
	here.sweep(minutes(1))
	assert (here.areas("7"), here.record("7").former) == ([HOME], None)


def test_at_a_new_address_who_is_enabled_is_let_go_also_after_a_crash(here: Office) -> None:
	"""The third moment is after the request, before its result is stored."""
	here.site.settings = THERE
	here.in_("7")
	here.site.dies_in(3)
	with pytest.raises(Died):
		here.sweep(NEXT)
	assert here.areas("7") == [HOME]
	here.sweeps(SETTLES_IN + 2 * NEXT)
	assert (here.record("7").outcome, here.record("7").former) == (Outcome.CONFIRMED, None)


def test_at_a_new_address_the_terminals_are_told_until_they_know(here: Office) -> None:
	here.site.settings = THERE
	here.sim.variant = Variant(resync="error500")
	here.in_("7")
	here.sweeps(minutes(20))
	assert (here.areas("7"), here.record("7").outcome) == ([HOME], Outcome.REQUESTED)
	here.sim.variant = Variant()
	here.sweeps(2 * NEXT)
	assert (here.record("7").outcome, here.record("7").former) == (Outcome.CONFIRMED, None)


@pytest.mark.parametrize("known", ["then", "now", "never"])
def test_where_a_server_is_not_known_who_can_come_in_is_let_go(office: Office, known: str) -> None:
	nowhere = ControlSettings()
	office.site.settings = HERE if known == "then" else nowhere
	office.hire("7")
	office.out("7")
	office.sweep()
	office.somebody_moves("7", 2)
	office.site.settings = THERE if known == "now" else nowhere
	office.in_("7")
	office.sweep(NEXT)
	assert office.record("7").former is None
	assert office.areas("7") == [HOME]


@pytest.fixture
def limbo(office: Office) -> Area:
	"""The parking area of another document for the same server."""
	office.site.settings = ControlSettings(parkings=frozenset({PARKING, LIMBO}))
	return office.sim.store.add_area("90", LIMBO)


@pytest.mark.parametrize("told", [LIMBO, "90"], ids=["by name", "by code"])
def test_who_is_in_the_parking_area_of_another_document_is_not_ours(
	office: Office, limbo: Area, told: str
) -> None:
	office.site.settings = ControlSettings(parkings=frozenset({"", told}))
	office.hire("7", areas=[limbo])
	office.out("7")
	office.sweep()
	assert (office.record("7").outcome, office.record("7").former) == (Outcome.CHANGED_ELSEWHERE, None)
	office.site.enable_everyone(office.now)
	office.sweeps(hours(9))
	assert (office.areas("7"), office.writes) == ([LIMBO], [])


def test_whom_another_document_has_given_back_we_may_disable(office: Office, limbo: Area) -> None:
	office.hire("7", areas=[limbo])
	office.out("7")
	office.sweep()
	office.somebody_moves("7", 2)
	office.out("7", -minutes(1))
	office.sweep(NEXT)
	assert office.areas("7") == [PARKING]
	office.in_("7")
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]


def test_who_is_in_another_parking_area_is_not_disabled_by_field_either(office: Office, limbo: Area) -> None:
	by_field = FieldMethod("ctl_flag", "1", "0")
	office.site.settings = ControlSettings(field=by_field, parkings=frozenset({LIMBO}))
	office.hire("7", areas=[limbo], extra={"ctl_flag": 1})
	office.out("7")
	office.sweep()
	assert (office.writes, office.record("7").outcome) == ([], Outcome.CHANGED_ELSEWHERE)


def test_who_is_in_a_parking_area_and_in_another_area_can_come_in_and_is_disabled(
	office: Office, limbo: Area
) -> None:
	office.hire("7", areas=[limbo, 2])
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	office.in_("7")
	office.sweep(NEXT)
	assert sorted(office.areas("7")) == [HOME, LIMBO]


@pytest.mark.parametrize("rounds", [1, 3])
def test_while_a_request_is_not_carried_out_another_parking_area_never_becomes_the_way_back(
	office: Office, limbo: Area, rounds: int
) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.reset(), path="adjust_area", times=rounds)
	office.sweep()
	office.somebody_moves("7", limbo)
	office.sweeps(rounds * NEXT)
	assert office.areas("7") == [PARKING]
	former = office.record("7").former
	assert former is not None
	assert former.area_names == (HOME,)
	office.in_("7")
	office.sweeps(SETTLES_IN + 2 * NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)
