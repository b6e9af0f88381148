"""Tokens in use: when a fresh one is asked for, and where it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.clients import (
	DAY,
	JWT_LOGIN,
	PASSWORD,
	Sleeps,
	asked_pages,
	ids,
	logins,
	page_requests,
)
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
)
from zkteco_biometric.biotime.models import Token, TokenKind
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.simulator import Simulator, faults

NOW = datetime(2024, 6, 5, 12, tzinfo=timezone.utc)


class Kept(list[Token | None]):
	"""What `on_token` was told."""

	def __call__(self, token: Token | None) -> None:
		self.append(token)


def ask(client: BioTimeClient) -> None:
	"""One page of punches."""
	client.page(PageQuery(1, 10))


def fill(sim: Simulator, rows: int) -> None:
	sim.store.punches(("7", DAY + timedelta(minutes=minute), "0") for minute in range(rows))


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
