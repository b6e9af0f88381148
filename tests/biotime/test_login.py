"""Logging in: which kind, and what a refusal leads to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.support.clients import (
	GENERAL_LOGIN,
	JWT_LOGIN,
	Sleeps,
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

WITHOUT_JWT = ["json404", "html"]


def ask(client: BioTimeClient) -> None:
	"""One page of punches."""
	client.page(PageQuery(1, 10))


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


def test_a_refusal_by_error_code_is_a_rejection_and_not_repeated(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(faults.api_code(10, "account or password is wrong"), times=None)
	with pytest.raises(WrongCredentials, match="account or password is wrong"):
		connect(sim).ensure_token()
	assert len(logins(sim)) == 1
