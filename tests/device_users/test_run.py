"""A pass over the people of a device, and the passes after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.clients import logins
from tests.support.device_office import HOME, PARKING, Office, hours
from tests.support.fixtures import Connect
from tests.support.times import minutes
from zkteco_biometric.biotime.errors import AccessDenied, LicenceWithoutApi, WrongCredentials
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.device_users.decision import ControlRules
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.method import ControlUnsupported
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.device_users.run import ControlSettings, PassResult
from zkteco_biometric.device_users.states import Outcome, Status
from zkteco_biometric.simulator import Simulator, Variant, faults

NEXT = timedelta(minutes=4)
CODES = [str(number) for number in range(100, 123)]


def crowd(office: Office, codes: list[str] = CODES) -> None:
	for code in codes:
		office.hire(code)
		office.out(code)


def test_a_pass_without_candidates_asks_nothing(office: Office) -> None:
	office.hire("7")
	assert office.sweep() == PassResult()
	assert office.sim.log.entries == []


def test_one_write_for_each_person_whose_state_changes_whatever_the_number_of_punches(office: Office) -> None:
	for code in ("7", "8", "9"):
		office.hire(code)
	for ago in (60, 50, 40, 30, 20, 10, 0):
		office.in_("7", minutes(ago) + minutes(1))
		office.out("7", minutes(ago))
		office.out("8", minutes(ago) + minutes(1))
		office.in_("8", minutes(ago))
	office.sweep()
	assert office.moves == ["adjust_area [1]"]
	assert [office.areas(code) for code in ("7", "8", "9")] == [[PARKING], [HOME], [HOME]]
	for _ in range(4):
		office.now += minutes(1)
		office.out("7")
	office.sweep()
	assert office.moves == ["adjust_area [1]"]


def test_an_older_punch_that_arrives_late_changes_nothing(office: Office) -> None:
	office.hire("7")
	office.in_("7")
	office.sweep()
	office.out("7", minutes(30))
	office.sweep(NEXT)
	assert (office.areas("7"), office.writes) == ([HOME], [])


def test_a_punch_that_is_older_than_the_rules_allow_disables_nobody(office: Office) -> None:
	office.site.rules = ControlRules(hours=hours(24), oldest=hours(12))
	for code, ago in (("7", hours(12)), ("8", hours(12) + minutes(1))):
		office.hire(code)
		office.out(code, ago)
	office.sweep()
	assert (office.areas("7"), office.areas("8")) == ([PARKING], [HOME])


def test_the_result_counts_people(office: Office) -> None:
	for code in ("1", "2", "3"):
		office.hire(code)
		office.out(code)
	office.hire("4", privilege=1)
	office.out("4")
	result = office.sweep()
	assert dict(result.counts) == {"disabled": 3, "unmanaged": 1}
	assert (result.is_complete, result.failure, result.failed) == (True, None, [])
	for code in ("1", "2"):
		office.in_(code)
	assert dict(office.sweep(NEXT).counts) == {"enabled": 2}


def test_who_is_to_be_enabled_comes_first(office: Office) -> None:
	crowd(office, ["1", "2"])
	office.sweep()
	office.now += NEXT
	crowd(office, ["3", "4"])
	for code in ("1", "2"):
		office.in_(code)
	office.sim.log.clear()
	office.sweep()
	targets = [(one.body["employees"], one.body["areas"]) for one in office.sim.log.matching("adjust_area/")]
	assert targets == [([1], [2]), ([2], [2]), ([3], [1]), ([4], [1])]


def test_a_dry_run_says_what_would_be_done_and_sends_no_write(office: Office) -> None:
	office.site.settings = ControlSettings(dry_run=True)
	crowd(office, ["7"])
	office.hire("8", privilege=14)
	office.out("8")
	result = office.sweep()
	assert (office.writes, office.areas("7")) == ([], [HOME])
	record = office.record("7")
	assert (record.outcome, record.former) == (Outcome.DRY_RUN, None)
	assert record.why.startswith("Would be disabled.")
	assert dict(result.counts) == {"dry_run": 1, "unmanaged": 1}
	office.sweeps(hours(9))
	assert office.writes == []
	assert (office.record("7").status, office.record("7").outcome) == (Status.ENABLED, Outcome.CONFIRMED)


def test_switching_to_a_dry_run_gives_back_whom_we_hold(office: Office) -> None:
	crowd(office, ["7"])
	office.sweep()
	office.site.switch(office.now, settings=ControlSettings(dry_run=True))
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]
	office.sweeps(hours(1))
	assert office.areas("7") == [HOME]


@pytest.mark.parametrize("parking", ["Nowhere", HOME])
def test_without_a_parking_area_nobody_is_disabled_and_the_result_says_why(
	office: Office, parking: str
) -> None:
	office.site.settings = ControlSettings(parking_area=parking)
	crowd(office, ["7", "8"])
	result = office.sweep()
	assert isinstance(result.trouble, ControlUnsupported)
	assert (result.failure, office.writes) == (None, [])
	assert office.record("7").outcome is office.record("8").outcome is Outcome.UNSUPPORTED
	assert office.sim.log.count("/areas/") == 1


def test_without_a_parking_area_people_still_come_back(office: Office) -> None:
	crowd(office, ["7"])
	office.sweep()
	office.site.settings = ControlSettings(parking_area="Nowhere")
	office.in_("7")
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]


def test_where_the_areas_cannot_be_read_the_people_are_tried_again(office: Office) -> None:
	crowd(office, ["7"])
	office.sim.faults.add(faults.status(503), path="/areas/", times=None)
	office.sweep()
	assert (office.record("7").outcome, office.record("7").former) == (Outcome.FAILED, None)
	office.sim.faults.clear()
	office.sweep(NEXT)
	assert office.areas("7") == [PARKING]


def test_where_nobody_can_log_in_nothing_is_sent_and_everybody_stays_due(office: Office) -> None:
	def refuses() -> list[People]:
		raise WrongCredentials("No.")

	crowd(office, ["7"])
	result = office.site.sweep(Lanes(refuses), office.clock)
	assert isinstance(result.failure, WrongCredentials)
	assert (result.is_complete, office.sim.log.entries) == (False, [])
	office.sweep(NEXT)
	assert office.areas("7") == [PARKING]


def test_with_wrong_credentials_there_is_one_log_in(sim: Simulator, connect: Connect) -> None:
	pool = TokenPool()
	office = Office(sim, *(connect(sim, password="wrong", pool=pool) for _ in range(4)))
	crowd(office)
	result = office.sweep()
	assert isinstance(result.failure, WrongCredentials)
	assert not result.is_complete
	assert len(logins(sim)) == 1


def test_a_licence_without_the_api_ends_the_pass(office: Office) -> None:
	office.sim.variant = Variant(licence=False)
	crowd(office)
	result = office.sweep()
	assert isinstance(result.failure, LicenceWithoutApi)
	assert len(result.failed) == 1


def test_a_user_without_access_ends_the_pass(office: Office) -> None:
	office.sim.faults.add(faults.unauthorized(), path="personnel", times=None)
	crowd(office)
	assert isinstance(office.sweep().failure, AccessDenied)


def test_enable_everyone_is_not_forgotten_where_it_comes_between_request_and_result(office: Office) -> None:
	crowd(office, ["7"])
	office.site.meanwhile[3] = lambda: office.site.enable_everyone(office.now)
	office.sweep()
	assert office.areas("7") == [PARKING]
	assert office.record("7").released
	office.sweep(NEXT)
	assert (office.areas("7"), office.record("7").released) == ([HOME], False)
	office.sweeps(hours(8))
	assert office.areas("7") == [HOME]


def test_enable_everyone_gives_back_all_whom_we_hold_and_nobody_else(office: Office) -> None:
	side = office.sim.store.add_area("10", "Side")
	office.hire("1", areas=[side])
	office.hire("2", areas=[side, 2])
	office.hire("3", areas=[1])
	before = office.sim.store.people
	for code in ("1", "2", "3"):
		office.out(code)
	office.sweep()
	office.site.enable_everyone(office.now)
	result = office.sweep(NEXT)
	assert dict(result.counts) == {"enabled": 2}
	assert office.sim.store.people == before
	office.sweeps(hours(8))
	assert office.sim.store.people == before
	office.out("1")
	office.sweep()
	assert office.areas("1") == [PARKING]


def test_enable_everyone_goes_on_until_the_server_answers(office: Office) -> None:
	crowd(office, ["7"])
	office.sweep()
	office.sim.faults.add(faults.reset(), times=None)
	office.site.enable_everyone(office.now)
	office.sweeps(hours(1))
	assert office.record("7").released
	office.sim.faults.clear()
	office.sweeps(minutes(8))
	assert office.areas("7") == [HOME]


def test_who_has_left_stays_disabled_where_the_site_wants_it(office: Office) -> None:
	office.site.rules = ControlRules(keep_left=True)
	crowd(office, ["7"])
	office.site.employees["EMP-7"].left = True
	office.sweep()
	office.sweeps(hours(10))
	assert office.areas("7") == [PARKING]
	office.site.rules = ControlRules()
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]


def test_control_that_is_switched_off_gives_back_whom_we_hold_and_looks_at_nobody_else(
	office: Office,
) -> None:
	crowd(office, ["7"])
	office.sweep()
	crowd(office, ["8"])
	office.site.switch(office.now, control=False)
	office.sweep(NEXT)
	assert (office.areas("7"), office.areas("8")) == ([HOME], [HOME])
	asked = len(office.sim.log.entries)
	office.out("8")
	office.sweeps(hours(1))
	assert len(office.sim.log.entries) == asked


def test_who_becomes_exempt_while_disabled_is_enabled_in_the_next_round(office: Office) -> None:
	crowd(office, ["7"])
	office.sweep()
	office.site.employees["EMP-7"].exempt = "Is the caretaker."
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]


def test_a_check_in_that_is_deleted_is_the_way_back_too(office: Office) -> None:
	crowd(office, ["7"])
	office.sweep()
	office.site.delete_check_ins("EMP-7")
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]


def test_nobody_is_asked_for_more_than_their_areas(office: Office) -> None:
	office.hire("7", device_password="4711", first_name="Ann", privilege=0)
	before = office.person("7")
	office.out("7")
	office.sweep()
	office.sweeps(hours(9))
	assert office.person("7") == before
	assert {one.path.rsplit("/", 2)[1] for one in office.writes} == {"adjust_area", "resync_to_device"}
