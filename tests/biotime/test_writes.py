"""Changing people: sent once, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients import PASSWORD, Sleeps, logins
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.answers import Answer
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.device_users import ADJUST_AREA, EMPLOYEES, RESYNC
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	ErrorCode,
	HtmlInsteadOfJson,
	LicenceWithoutApi,
	NotBioTime,
	NotFound,
	NotOffered,
	Redirected,
	Rejected,
	ServerError,
	TimedOut,
	TruncatedBody,
	UnexpectedShape,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Token, TokenKind
from zkteco_biometric.biotime.transport import TimeOuts, Transport
from zkteco_biometric.biotime.writes import read_write
from zkteco_biometric.simulator import Entry, Simulator, Variant, faults

Write = Callable[[BioTimeClient], object]
PERSON = f"{EMPLOYEES}1/"
WRITES: dict[str, Write] = {
	ADJUST_AREA: lambda client: client.adjust_area(1, [1]),
	RESYNC: lambda client: client.resync_to_device(1),
	PERSON: lambda client: client.change_person(1, {"department": 1, "area": [1]}),
}
BULK = [ADJUST_AREA, RESYNC]
MOVES = [ADJUST_AREA, PERSON]


@pytest.fixture
def sim(start: StartSimulator) -> Simulator:
	"""A simulator with one person, whose id is 1 and who is in the area with id 2."""
	sim = start()
	sim.store.add_person("7", device_password="4711", extra={"is_active": True})
	return sim


def writes(sim: Simulator) -> list[Entry]:
	return [
		entry for entry in sim.log.entries if entry.method in ("POST", "PATCH") and "auth" not in entry.path
	]


def areas_of(sim: Simulator) -> list[int]:
	person = sim.store.person(1)
	assert person is not None
	return person.area_ids


def test_adjust_area_moves_a_person(sim: Simulator, connect: Connect) -> None:
	connect(sim).adjust_area(1, (1, 2))
	assert areas_of(sim) == [1, 2]
	(entry,) = writes(sim)
	assert (entry.method, entry.path, entry.body) == (
		"POST",
		ADJUST_AREA,
		{"employees": [1], "areas": [1, 2]},
	)


def test_resync_names_the_person(sim: Simulator, connect: Connect) -> None:
	connect(sim).resync_to_device(1)
	(entry,) = writes(sim)
	assert (entry.method, entry.path, entry.body) == ("POST", RESYNC, {"employees": [1]})


def test_a_record_is_changed_by_patch(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	client.change_person(1, {"area": [1]})
	client.change_person(1, {"is_active": False, "unknown": 1})
	assert areas_of(sim) == [1]
	assert [(entry.method, entry.path, entry.body) for entry in writes(sim)] == [
		("PATCH", PERSON, {"area": [1]}),
		("PATCH", PERSON, {"is_active": False, "unknown": 1}),
	]
	person = client.person(1)
	assert person is not None
	assert person.fields["is_active"] is False
	assert "unknown" not in person.fields


ANSWERED = [
	faults.status(204, body=""),
	faults.status(200, body=""),
	faults.status(200, body="\r\n"),
	faults.status(202, body="null"),
	faults.status(206, body='{"code": 0}'),
	faults.wrong_shape([]),
	faults.wrong_shape("ok"),
	faults.wrong_shape({"code": "0", "msg": ""}),
]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("fault", ANSWERED)
def test_whatever_says_yes_will_do(sim: Simulator, connect: Connect, path: str, fault: faults.Fault) -> None:
	sim.faults.add(fault, path=path)
	WRITES[path](connect(sim))
	assert len(writes(sim)) == 1


FAILURES = [
	(faults.html_error(), HtmlInsteadOfJson),
	(faults.html_error(applied=True), HtmlInsteadOfJson),
	(faults.late(), HtmlInsteadOfJson),
	(faults.status(500), ServerError),
	(faults.status(502), ServerError),
	(faults.status(429, retry_after=1), ServerError),
	(faults.status(503, body='{"detail": "busy"}'), ServerError),
	(faults.status(201, body='{"code": 1, "msg": "busy"}'), ErrorCode),
	(faults.api_code(), ErrorCode),
	(faults.reset(), Unreachable),
	(faults.reset(applied=True), Unreachable),
	(faults.late(dropped=True), Unreachable),
	(faults.truncate(), TruncatedBody),
	(faults.truncate_json(), TruncatedBody),
	(faults.not_json(), TruncatedBody),
	(faults.status(409, body='{"detail": "no"}'), UnexpectedShape),
	(faults.licence_missing(), LicenceWithoutApi),
	(faults.redirect_to_login(), Redirected),
	(faults.html_not_found(), NotOffered),
	(faults.status(405, body='{"detail": "Method not allowed."}'), NotOffered),
	(faults.status(405, body=""), NotOffered),
	(faults.status(404), NotOffered),
	(faults.status(404, body=""), NotOffered),
	(faults.status(400, body='{"area": ["no"]}'), Rejected),
	(faults.status(400), Rejected),
	(faults.status(400, body=""), Rejected),
]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(("fault", "error"), FAILURES)
def test_a_write_is_sent_once_whatever_happens(
	sim: Simulator, connect: Connect, path: str, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sleeps = Sleeps()
	sim.faults.add(fault, path=path, times=None)
	with pytest.raises(error) as caught:
		WRITES[path](connect(sim, sleep=sleeps))
	assert type(caught.value) is error
	assert (len(writes(sim)), len(logins(sim)), sleeps) == (1, 1, [])


@pytest.mark.parametrize("path", WRITES)
def test_a_write_that_times_out_is_sent_once(sim: Simulator, connect: Connect, path: str) -> None:
	client = connect(sim, time_outs=TimeOuts(5, 0.2))
	client.ensure_token()
	sim.faults.add(faults.delay(2), path=path, times=None)
	with pytest.raises(TimedOut):
		WRITES[path](client)
	assert len(writes(sim)) == 1


@pytest.mark.parametrize("path", MOVES)
def test_what_an_error_page_hides_is_found_by_reading_again(
	sim: Simulator, connect: Connect, path: str
) -> None:
	client, seen = connect(sim), []
	for fault in (faults.html_error(), faults.late(), faults.reset(applied=True)):
		sim.store.change_person(1, areas=[2])
		sim.faults.add(fault, path=path)
		with pytest.raises(BioTimeError):
			WRITES[path](client)
		person = client.person(1)
		assert person is not None
		seen.append([area.id for area in person.areas])
	assert seen == [[2], [2], [1]]


@pytest.mark.parametrize("path", MOVES)
def test_an_outcome_may_become_visible_after_it_was_read_again(
	sim: Simulator, connect: Connect, path: str
) -> None:
	client = connect(sim)
	sim.faults.add(faults.late(dropped=True), path=path)
	with pytest.raises(Unreachable):
		WRITES[path](client)
	assert areas_of(sim) == [2]
	assert sim.carry_out_late() == 1
	assert areas_of(sim) == [1]


@pytest.mark.parametrize("path", WRITES)
def test_a_token_that_ends_in_the_middle_costs_one_log_in_and_one_repeat(
	sim: Simulator, connect: Connect, path: str
) -> None:
	client = connect(sim)
	client.ensure_token()
	sim.expire_tokens()
	WRITES[path](client)
	assert [entry.status for entry in writes(sim)] == [401, 200]
	assert len(logins(sim)) == 2
	first, second = writes(sim)
	assert first.body == second.body


@pytest.mark.parametrize("path", WRITES)
def test_a_token_that_is_always_refused_is_two_requests(sim: Simulator, connect: Connect, path: str) -> None:
	sim.faults.add(faults.unauthorized(), path=path, times=None)
	with pytest.raises(AccessDenied):
		WRITES[path](connect(sim))
	assert (len(writes(sim)), len(logins(sim))) == (2, 2)


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("fault", [faults.login_page(), faults.redirect_to_login(), faults.licence_missing()])
def test_a_stored_token_that_is_refused_in_any_way_is_replaced_first(
	sim: Simulator, connect: Connect, path: str, fault: faults.Fault
) -> None:
	sim.faults.add(fault, path=path)
	sim.faults.add(fault, path=path, after=1)
	client = connect(sim, token=connect(sim).log_in())
	with pytest.raises((NotOffered, Redirected, LicenceWithoutApi)):
		WRITES[path](client)
	WRITES[path](client)
	assert (len(writes(sim)), len(logins(sim))) == (3, 2)


@pytest.mark.parametrize("path", WRITES)
def test_a_stored_token_is_no_reason_to_repeat_what_was_refused(
	sim: Simulator, connect: Connect, path: str
) -> None:
	client = connect(sim, token=connect(sim).log_in())
	sim.faults.add(faults.status(400, body='{"area": ["no"]}'), path=path, times=None)
	with pytest.raises(Rejected):
		WRITES[path](client)
	assert (len(writes(sim)), len(logins(sim))) == (1, 1)


@pytest.mark.parametrize("path", WRITES)
def test_without_a_log_in_nothing_is_written(sim: Simulator, connect: Connect, path: str) -> None:
	with pytest.raises(WrongCredentials):
		WRITES[path](connect(sim, password="wrong"))
	assert writes(sim) == []


@pytest.mark.parametrize("habit", ["missing_json", "missing_html"])
@pytest.mark.parametrize("path", BULK)
def test_a_bulk_call_that_is_missing_is_not_offered(
	sim: Simulator, connect: Connect, path: str, habit: Any
) -> None:
	sim.variant = Variant(adjust_area=habit, resync=habit)
	with pytest.raises(NotOffered) as caught:
		WRITES[path](connect(sim))
	assert (caught.value.code, caught.value.needs_a_person) == ("not_offered", True)


def test_a_person_who_is_gone_is_not_found(sim: Simulator, connect: Connect) -> None:
	with pytest.raises(NotFound) as caught:
		connect(sim).change_person(99, {"area": [1]})
	assert (caught.value.code, caught.value.needs_a_person) == ("not_found", True)
	assert "Not found." in caught.value.message


@pytest.mark.parametrize(
	("write", "said"),
	[
		(lambda client: client.adjust_area(1, [99]), 'Invalid pk \\"99\\" - object does not exist.'),
		(lambda client: client.adjust_area(1, []), "This list may not be empty."),
		(lambda client: client.change_person(1, {"area": []}), "This list may not be empty."),
		(lambda client: client.resync_to_device(99), "employees"),
	],
)
def test_a_refusal_says_why(sim: Simulator, connect: Connect, write: Write, said: str) -> None:
	with pytest.raises(Rejected) as caught:
		write(connect(sim))
	assert said in caught.value.message
	assert (caught.value.code, caught.value.needs_a_person) == ("rejected", True)
	assert areas_of(sim) == [2]


RECORD = {"id": 1, "emp_code": "7", "first_name": "Ann", "device_password": "4711", "area": [{"id": 2}]}
LEAKS = [
	json.dumps(RECORD),
	json.dumps([RECORD]),
	json.dumps({"msg": RECORD}),
	json.dumps({"data": RECORD, "code": 1}),
	json.dumps({"detail": str(RECORD)}),
	json.dumps({"detail": json.dumps(RECORD)}),
	json.dumps({"detail": [json.dumps(RECORD), "and more"]}),
	json.dumps({"detail": "bad: device_password=4711"}),
	json.dumps(RECORD)[:-3],
	json.dumps([RECORD])[:-3],
	f"Traceback: {RECORD}",
	f"<html>{RECORD}</html>",
]


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 405, 409, 500])
def test_no_error_tells_what_a_record_holds(sim: Simulator, connect: Connect, path: str, status: int) -> None:
	client = connect(sim)
	for body in LEAKS:
		sim.faults.add(faults.status(status, body=body), path=path, times=2)
		try:
			WRITES[path](client)
		except BioTimeError as error:
			assert "4711" not in repr(error) + error.message
			assert len(error.message) < 700
		sim.faults.clear()


@pytest.mark.parametrize("path", WRITES)
def test_no_error_tells_the_password_or_the_token(sim: Simulator, connect: Connect, path: str) -> None:
	client = connect(sim)
	token = client.ensure_token().value

	def echo(request: Any, answer: faults.Answer) -> Any:
		said = f"{request.headers['Authorization']} {PASSWORD}"
		return faults.status(400, body=json.dumps({"detail": [said]}))(request, answer)

	sim.faults.add(echo, path=path)
	with pytest.raises(Rejected) as caught:
		WRITES[path](client)
	assert "JWT *** ***" in caught.value.message
	assert token not in repr(caught.value)


def test_a_fresh_token_that_is_refused_is_not_told_either(sim: Simulator, connect: Connect) -> None:
	def echo(request: Any, answer: faults.Answer) -> Any:
		return faults.unauthorized(request.headers["Authorization"])(request, answer)

	sim.faults.add(echo, path=PERSON, times=None)
	with pytest.raises(AccessDenied, match=r"JWT \*\*\*$"):
		connect(sim).change_person(1, {})


@pytest.mark.parametrize(
	("fault", "offers"),
	[
		(None, True),
		(faults.wrong_shape({"code": 0}), True),
		(faults.wrong_shape({"code": 1, "msg": "Name somebody."}), True),
		(faults.status(400, body='{"detail": "Name somebody."}'), True),
		(faults.status(204, body=""), True),
		(faults.truncate(), True),
		(faults.status(400), False),
		(faults.status(404), False),
		(faults.status(404, body='{"detail": "Not found."}'), False),
		(faults.status(405, body='{"detail": "Method not allowed."}'), False),
		(faults.html_not_found(), False),
		(faults.html_error(), False),
		(faults.status(500), False),
		(faults.status(500, body='{"detail": "KeyError"}'), False),
	],
)
def test_whether_adjust_area_is_offered_is_found_out_without_changing_anybody(
	sim: Simulator, connect: Connect, fault: faults.Fault | None, offers: bool
) -> None:
	if fault:
		sim.faults.add(fault, path=ADJUST_AREA)
	assert connect(sim).offers_adjust_area() is offers
	(entry,) = writes(sim)
	assert (entry.method, entry.path, entry.body) == ("POST", ADJUST_AREA, {"employees": [], "areas": []})
	assert areas_of(sim) == [2]


@pytest.mark.parametrize(
	("habit", "offers"),
	[("works", True), ("error500", False), ("missing_json", False), ("missing_html", False)],
)
def test_builds_with_and_without_adjust_area_are_told_apart(
	sim: Simulator, connect: Connect, habit: Any, offers: bool
) -> None:
	sim.variant = Variant(adjust_area=habit)
	assert connect(sim).offers_adjust_area() is offers


@pytest.mark.parametrize(
	("fault", "path", "error"),
	[
		(faults.reset(), ADJUST_AREA, Unreachable),
		(faults.chain(faults.truncate(), faults.wrong_shape([1, 2])), ADJUST_AREA, TruncatedBody),
		(faults.status(503), ADJUST_AREA, ServerError),
		(faults.licence_missing(), ADJUST_AREA, LicenceWithoutApi),
		(faults.redirect_to_login(), ADJUST_AREA, Redirected),
		(faults.unauthorized(), ADJUST_AREA, AccessDenied),
		(faults.html_error(), "auth", HtmlInsteadOfJson),
		(faults.html_not_found(), "auth", NotBioTime),
		(faults.status(500), "auth", ServerError),
		(faults.reset(), "auth", Unreachable),
	],
)
def test_trouble_says_nothing_about_what_is_offered(
	sim: Simulator, connect: Connect, fault: faults.Fault, path: str, error: type[BioTimeError]
) -> None:
	sim.faults.add(fault, path=path, times=None)
	with pytest.raises(error):
		connect(sim).offers_adjust_area()


def test_a_stored_token_that_has_ended_does_not_hide_what_is_offered(
	sim: Simulator, connect: Connect
) -> None:
	sim.faults.add(faults.login_page(), path=ADJUST_AREA)
	client = connect(sim, token=Token("stale", TokenKind.JWT))
	assert client.offers_adjust_area()
	assert len(writes(sim)) == 2


def test_a_transport_sends_once_and_without_a_token_unless_told(sim: Simulator) -> None:
	transport = Transport(sim.url, sleep=Sleeps())
	sim.faults.add(faults.status(503), times=None)
	with pytest.raises(ServerError):
		transport.send_once("PATCH", PERSON, {"area": [1]})
	transport.close()
	(entry,) = sim.log.entries
	assert (entry.method, entry.body, "Authorization" in entry.headers) == ("PATCH", {"area": [1]}, False)


def test_a_401_is_left_to_the_session() -> None:
	assert read_write(Answer(401, {}, b"")).status == 401
