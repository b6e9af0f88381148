"""Logging in: which token, when a fresh one, and what a refusal leads to."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.support.clients import (
	DAY,
	GENERAL_LOGIN,
	JWT_LOGIN,
	PASSWORD,
	Sleeps,
	asked_pages,
	ids,
	logins,
	page_requests,
)
from tests.support.fixtures import Connect, StartSimulator
from tests.support.raw_server import raw_server
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	HtmlInsteadOfJson,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
	ServerError,
	UnexpectedShape,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Token, TokenKind
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import TimeOuts
from zkteco_biometric.simulator import Simulator, Variant, faults

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
WITHOUT_JWT = ["json404", "html"]


class Kept(list[Token | None]):
	"""What `on_token` was told."""

	def __call__(self, token: Token | None) -> None:
		self.append(token)


def ask(client: BioTimeClient) -> None:
	"""One page of punches."""
	client.page(PageQuery(1, 10))


def fill(sim: Simulator, rows: int) -> None:
	sim.store.punches(("7", DAY + timedelta(minutes=minute), "0") for minute in range(rows))


def test_log_in_takes_a_jwt(sim: Simulator, connect: Connect) -> None:
	token = connect(sim).log_in()
	assert token.kind is TokenKind.JWT
	assert logins(sim) == [JWT_LOGIN]


def test_a_request_carries_the_token_in_its_scheme(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	token = client.log_in()
	ask(client)
	assert [entry.headers["Authorization"] for entry in page_requests(sim)] == [f"JWT {token.value}"]


def test_a_log_in_carries_no_token(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	client.log_in()
	client.log_in()
	assert all("Authorization" not in entry.headers for entry in sim.log.entries)


@pytest.mark.parametrize("missing_as", WITHOUT_JWT)
def test_where_the_jwt_path_is_missing_the_general_token_serves(
	start: StartSimulator, connect: Connect, missing_as: Any
) -> None:
	sim = start(variant=Variant(jwt=False, jwt_missing_as=missing_as))
	client = connect(sim)
	token = client.ensure_token()
	ask(client)
	assert (token.kind, token.expires_at) == (TokenKind.GENERAL, None)
	assert logins(sim) == [JWT_LOGIN, GENERAL_LOGIN]
	assert page_requests(sim)[0].headers["Authorization"] == f"Token {token.value}"


@pytest.mark.parametrize("body", ["", "<html>no such page</html>", "Not Found"])
def test_a_missing_jwt_path_may_look_like_any_404(sim: Simulator, connect: Connect, body: str) -> None:
	sim.faults.add(faults.status(404, body=body), path=JWT_LOGIN)
	assert connect(sim).log_in().kind is TokenKind.GENERAL


@pytest.mark.parametrize("missing_as", WITHOUT_JWT)
def test_the_kind_that_worked_is_tried_first(
	start: StartSimulator, connect: Connect, missing_as: Any
) -> None:
	sim = start(variant=Variant(jwt=False, jwt_missing_as=missing_as))
	client = connect(sim)
	client.log_in()
	client.log_in()
	connect(sim, kind=TokenKind.GENERAL).log_in()
	assert logins(sim) == [JWT_LOGIN, GENERAL_LOGIN, GENERAL_LOGIN, GENERAL_LOGIN]


def test_a_stored_token_tells_which_kind_worked(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(jwt=False))
	stale = Token("stale", TokenKind.GENERAL)
	ask(connect(sim, token=stale))
	assert logins(sim) == [GENERAL_LOGIN]


def test_where_the_general_path_has_gone_the_jwt_serves(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(general_token=False))
	assert connect(sim, kind=TokenKind.GENERAL).log_in().kind is TokenKind.JWT
	assert logins(sim) == [GENERAL_LOGIN, JWT_LOGIN]


def test_a_server_without_any_log_in_is_not_biotime(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(jwt=False, general_token=False))
	with pytest.raises(NotBioTime, match="neither"):
		connect(sim).log_in()
	assert logins(sim) == [JWT_LOGIN, GENERAL_LOGIN]


@pytest.mark.parametrize(
	("variant", "kind", "path"),
	[
		(Variant(), TokenKind.JWT, JWT_LOGIN),
		(Variant(), TokenKind.GENERAL, GENERAL_LOGIN),
		(Variant(jwt=False), TokenKind.GENERAL, GENERAL_LOGIN),
	],
)
def test_a_rejected_log_in_is_one_request_and_never_the_other_path(
	start: StartSimulator, connect: Connect, variant: Variant, kind: TokenKind, path: str
) -> None:
	sim, sleeps = start(variant=variant), Sleeps()
	with pytest.raises(WrongCredentials) as caught:
		connect(sim, password="not-the-word", kind=kind, sleep=sleeps).ensure_token()
	assert caught.value.needs_a_person
	assert [entry.path for entry in sim.log.entries] == [path]
	assert sim.rejected_logins == 1
	assert sleeps == []


def test_a_rejection_by_the_general_log_in_ends_it_too(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(jwt=False))
	with pytest.raises(WrongCredentials, match="Unable to log in"):
		connect(sim, password="not-the-word").ensure_token()
	assert sim.rejected_logins == 1


@pytest.mark.parametrize("body", ["", '{"non_field_err', "Bad Request"])
def test_a_rejection_that_cannot_be_read_is_not_repeated_either(
	sim: Simulator, connect: Connect, body: str
) -> None:
	sim.faults.add(faults.status(400, body=body), times=None)
	with pytest.raises(BioTimeError) as caught:
		connect(sim).ensure_token()
	assert caught.value.needs_a_person
	assert len(logins(sim)) == 1


@pytest.mark.parametrize("fault", [faults.truncate(), faults.truncate(0), faults.truncate_json()])
def test_a_rejection_that_breaks_off_is_not_repeated_either(
	sim: Simulator, connect: Connect, fault: faults.Fault
) -> None:
	sim.faults.add(fault, times=None)
	with pytest.raises(BioTimeError) as caught:
		connect(sim, password="not-the-word").ensure_token()
	assert caught.value.needs_a_person
	assert sim.rejected_logins == 1


def test_a_rejection_in_the_middle_of_a_sync_is_one_request(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	client.ensure_token()
	sim.change_password("another-word")
	sim.expire_tokens()
	with pytest.raises(WrongCredentials):
		ask(client)
	assert (len(logins(sim)), sim.rejected_logins, len(page_requests(sim))) == (2, 1, 1)


@pytest.mark.parametrize("when", ["log-in", "data"])
def test_a_disabled_account_needs_a_person(sim: Simulator, connect: Connect, when: str) -> None:
	client = connect(sim)
	if when == "data":
		client.ensure_token()
	sim.faults.add(faults.unauthorized("User account is disabled."), times=None)
	with pytest.raises(BioTimeError, match="disabled") as caught:
		ask(client)
	assert isinstance(caught.value, WrongCredentials | AccessDenied)
	assert caught.value.needs_a_person
	assert len(logins(sim)) <= 2


@pytest.mark.parametrize("body", ["", "<html>Sign in to the proxy</html>"])
def test_a_401_page_at_the_log_in_is_not_repeated(sim: Simulator, connect: Connect, body: str) -> None:
	sim.faults.add(faults.status(401, body=body), times=None)
	with pytest.raises(BioTimeError) as caught:
		connect(sim).ensure_token()
	assert caught.value.needs_a_person
	assert len(logins(sim)) == 1


@pytest.mark.parametrize("token", [5, True, ["t"], "two\nlines", "two words", "schlüssel…", "\u0000"])
def test_a_token_that_is_none_is_an_unexpected_shape(sim: Simulator, connect: Connect, token: Any) -> None:
	sim.faults.add(faults.wrong_shape({"token": token}), path=JWT_LOGIN)
	with pytest.raises(UnexpectedShape):
		ask(connect(sim))
	assert page_requests(sim) == []


@pytest.mark.parametrize("kind", TokenKind)
@pytest.mark.parametrize(
	"payload",
	[{}, [], None, {"token": None}, {"token": ""}, {"token": "  "}, {"detail": "The account is locked."}],
)
def test_a_log_in_without_a_token_is_a_rejection(
	sim: Simulator, connect: Connect, payload: Any, kind: TokenKind
) -> None:
	sim.faults.add(faults.wrong_shape(payload), path="token-auth", times=None)
	with pytest.raises(WrongCredentials) as caught:
		ask(connect(sim, kind=kind))
	assert "locked" in caught.value.message or "detail" not in str(payload)
	assert len(sim.log.entries) == 1


PAGE = "<html><body>No.</body></html>"


@pytest.mark.parametrize("kind", TokenKind)
@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("body", ["", PAGE, "No.", '{"detail', '{"detail": "No."}', '{"code": 0}', "[]"])
def test_every_refusal_of_a_log_in_is_a_rejection_and_final(
	sim: Simulator, connect: Connect, status: int, body: str, kind: TokenKind
) -> None:
	sim.faults.add(faults.status(status, body=body), times=None)
	sleeps = Sleeps()
	with pytest.raises(WrongCredentials, match=str(status)) as caught:
		connect(sim, kind=kind, sleep=sleeps).ensure_token()
	assert len(sim.log.entries) == 1
	assert sleeps == []
	assert ("locked" in caught.value.message) is (status == 403)
	assert "<" not in caught.value.message
	assert "No." in caught.value.message or body not in ("No.", '{"detail": "No."}')


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_whose_body_has_no_end_is_a_rejection(connect: Connect, status: int) -> None:
	def starts(connection: socket.socket) -> None:
		connection.recv(65536)
		connection.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 99\r\n\r\n{" % status)
		connection.recv(65536)

	with raw_server(starts) as port, pytest.raises(WrongCredentials):
		connect(f"http://127.0.0.1:{port}", time_outs=TimeOuts(read=0.05)).ensure_token()


@pytest.mark.parametrize(
	"missing",
	[
		faults.status(404),
		faults.status(404, body=""),
		faults.status(404, body='{"detail": "Not found."}'),
		faults.status(405),
		faults.status(405, body='{"detail": "Method not allowed."}'),
		faults.html_not_found(),
		faults.login_page(),
		faults.redirect_to_login(),
		faults.redirect("https://elsewhere.invalid/"),
	],
)
def test_where_there_is_no_such_log_in_the_other_is_tried(
	sim: Simulator, connect: Connect, missing: faults.Fault
) -> None:
	sim.faults.add(missing, path=JWT_LOGIN, times=None)
	assert connect(sim).log_in().kind is TokenKind.GENERAL
	assert [entry.path for entry in sim.log.entries] == [JWT_LOGIN, GENERAL_LOGIN]
	sim.faults.add(missing, path=GENERAL_LOGIN, times=None)
	with pytest.raises((NotBioTime, Redirected)):
		connect(sim).log_in()


def test_a_server_that_redirects_both_log_ins_names_the_target(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(faults.redirect("https://elsewhere.invalid/"), times=None)
	with pytest.raises(Redirected, match=r"https://elsewhere\.invalid/"):
		connect(sim).log_in()
	assert logins(sim) == [JWT_LOGIN, GENERAL_LOGIN]


@pytest.mark.parametrize(
	("fault", "error"), [(faults.html_error(), HtmlInsteadOfJson), (faults.status(500), ServerError)]
)
def test_a_failing_log_in_never_tries_the_other_path(
	sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sim.faults.add(fault, times=None)
	with pytest.raises(error):
		connect(sim).log_in()
	assert logins(sim) == [JWT_LOGIN] * 4


REFUSED = [
	(faults.redirect_to_login(), Redirected),
	(faults.login_page(), NotBioTime),
	(faults.licence_missing(), LicenceWithoutApi),
	(faults.unauthorized(), AccessDenied),
]


def unless_fresh(fault: faults.Fault) -> faults.Fault:
	"""What somebody gets whose token was revoked."""
	return lambda request, answer: (
		fault(request, answer) if "stale" in request.headers["Authorization"] else answer(request)
	)


@pytest.mark.parametrize("fault", [refused for refused, _ in REFUSED])
def test_a_stored_token_that_is_refused_in_any_way_is_replaced_once(
	sim: Simulator, connect: Connect, fault: faults.Fault
) -> None:
	fill(sim, 30)
	sim.faults.add(unless_fresh(fault), path="/iclock/", times=None)
	kept = Kept()
	client = connect(sim, token=Token("stale", TokenKind.JWT), on_token=kept)
	assert ids(list(client.pages(None, None, 10))) == list(range(1, 31))
	assert asked_pages(sim) == [1, 1, 2, 3]
	assert logins(sim) == [JWT_LOGIN]
	assert [token is not None for token in kept] == [False, True]


@pytest.mark.parametrize(("fault", "error"), REFUSED)
def test_a_fresh_token_that_is_refused_too_is_the_error(
	sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sim.faults.add(fault, path="/iclock/", times=None)
	with pytest.raises(error):
		ask(connect(sim, token=Token("stale", TokenKind.JWT)))
	assert (len(logins(sim)), len(page_requests(sim))) == (1, 2)


@pytest.mark.parametrize(("fault", "error"), REFUSED[:3])
def test_a_token_of_this_client_is_not_replaced_but_after_a_401(
	sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sim.faults.add(fault, path="/iclock/", times=None)
	client = connect(sim)
	for _ in range(2):
		with pytest.raises(error):
			ask(client)
	assert (len(logins(sim)), len(page_requests(sim))) == (1, 2)


def test_ensure_token_logs_in_once(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	assert client.ensure_token() is client.ensure_token()
	assert logins(sim) == [JWT_LOGIN]


def test_a_good_stored_token_needs_no_log_in(sim: Simulator, connect: Connect) -> None:
	token = connect(sim).log_in()
	ask(connect(sim, token=token))
	assert logins(sim) == [JWT_LOGIN]


def test_a_token_that_has_expired_by_our_clock_is_not_even_sent(sim: Simulator, connect: Connect) -> None:
	old = Token("old", TokenKind.JWT, NOW - timedelta(seconds=1))
	ask(connect(sim, token=old, now=lambda: NOW))
	assert len(page_requests(sim)) == len(logins(sim)) == 1


def test_a_long_sync_changes_its_token_when_that_ends(start: StartSimulator, connect: Connect) -> None:
	moment = [NOW]
	sim = start(clock=lambda: moment[0], token_lifetime=timedelta(seconds=300))
	fill(sim, 50)
	client = connect(sim, now=lambda: moment[0])
	for _ in client.pages(None, None, 10):
		moment[0] += timedelta(seconds=140)
	assert [entry.status for entry in page_requests(sim)] == [200] * 5
	assert len(logins(sim)) == 3


@pytest.mark.parametrize("off", [timedelta(minutes=-14.5), timedelta(minutes=14.5)])
def test_a_wrong_clock_of_the_server_does_not_cost_log_ins(
	start: StartSimulator, connect: Connect, off: timedelta
) -> None:
	sim = start(clock=lambda: NOW + off, token_lifetime=timedelta(seconds=300))
	client = connect(sim, now=lambda: NOW)
	assert client.ensure_token().expires_at == NOW + timedelta(seconds=270)
	ask(client)
	ask(client)
	assert len(logins(sim)) == 1


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_a_token_refused_at_any_page_repeats_that_page_with_one_log_in(
	sim: Simulator, connect: Connect, k: int
) -> None:
	fill(sim, 50)
	client, pages = connect(sim), []
	client.ensure_token()
	sim.log.clear()
	reading = client.pages(None, None, 10)
	for _ in range(k - 1):
		pages.append(next(reading))
	sim.expire_tokens()
	pages += reading
	assert len(logins(sim)) == 1
	assert asked_pages(sim) == [*range(1, k + 1), *range(k, 6)]
	assert ids(pages) == list(range(1, 51))
	refused, repeated = page_requests(sim)[k - 1 : k + 1]
	assert refused.query == repeated.query
	assert refused.headers["Authorization"] != repeated.headers["Authorization"]


@pytest.mark.parametrize(
	"fault",
	[
		faults.unauthorized(),
		faults.unauthorized("Authentication credentials were not provided."),
		faults.unauthorized("Invalid signature."),
		faults.status(401),
		faults.status(401, body=""),
		faults.status(401, body='{"detail'),
	],
)
def test_every_401_drops_the_token(sim: Simulator, connect: Connect, fault: faults.Fault) -> None:
	client = connect(sim)
	client.ensure_token()
	sim.faults.add(fault)
	ask(client)
	assert (len(logins(sim)), len(page_requests(sim))) == (2, 2)


@pytest.mark.parametrize("fault", [faults.unauthorized(), faults.status(401), faults.status(401, body="")])
def test_a_401_for_ever_is_two_requests_and_then_denied(
	sim: Simulator, connect: Connect, fault: faults.Fault
) -> None:
	sim.faults.add(fault, path="/iclock/", times=None)
	kept, sleeps = Kept(), Sleeps()
	with pytest.raises(AccessDenied) as caught:
		ask(connect(sim, on_token=kept, sleep=sleeps))
	assert caught.value.needs_a_person
	assert (len(logins(sim)), len(page_requests(sim)), sleeps) == (2, 2, [])
	assert [token is not None for token in kept] == [True, False, True, False]


def test_a_token_is_kept_before_it_is_used(sim: Simulator, connect: Connect) -> None:
	asked_before: list[int] = []
	client = connect(sim, on_token=lambda token: asked_before.append(len(page_requests(sim))))
	ask(client)
	assert asked_before == [0]


def test_a_refused_token_is_forgotten_before_the_next_log_in(sim: Simulator, connect: Connect) -> None:
	told: list[tuple[bool, int]] = []
	client = connect(sim, on_token=lambda token: told.append((token is not None, len(logins(sim)))))
	client.ensure_token()
	sim.expire_tokens()
	ask(client)
	assert told == [(True, 1), (False, 1), (True, 2)]


def test_a_token_that_cannot_be_kept_is_not_used(sim: Simulator, connect: Connect) -> None:
	def fails(token: Token | None) -> None:
		raise RuntimeError("the disk is full")

	with pytest.raises(RuntimeError, match="disk is full"):
		ask(connect(sim, on_token=fails))
	assert page_requests(sim) == []


def test_a_client_prints_no_secrets(sim: Simulator, connect: Connect) -> None:
	client = connect(sim)
	token = client.log_in()
	printed = repr(client) + repr(token) + repr(vars(client))
	assert token.value not in printed
	assert PASSWORD not in printed


def test_the_password_is_sent_in_the_body_only(sim: Simulator, connect: Connect) -> None:
	connect(sim, password="simulator").log_in()
	(entry,) = sim.log.entries
	assert "simulator" not in entry.path + str(entry.query)
	assert not any(name != "User-Agent" and value == "simulator" for name, value in entry.headers.items())


def test_a_refusal_by_error_code_is_a_rejection_and_not_repeated(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(faults.api_code(10, "account or password is wrong"), times=None)
	with pytest.raises(WrongCredentials, match="account or password is wrong"):
		connect(sim).ensure_token()
	assert len(logins(sim)) == 1
