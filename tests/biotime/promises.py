"""What may be relied on, whatever a server sends."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from requests.utils import check_header_validity

from zkteco_biometric.biotime.answers import Json
from zkteco_biometric.biotime.errors import BioTimeError, TryAgain
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, Token, TokenKind
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.retry_policy import RetryPolicy


def check_row(parsed: Punch | RejectedRow) -> None:
	if isinstance(parsed, RejectedRow):
		assert parsed.reason
		assert len(parsed.reason) < 300
		assert len(parsed.transaction_id) <= 100
		(parsed.reason + parsed.transaction_id).encode()
		return
	assert isinstance(parsed, Punch)
	assert parsed.id is None or (type(parsed.id) is int and 0 <= parsed.id < 2**63)
	assert parsed.emp_code
	assert parsed.state
	for text in (
		parsed.emp_code,
		parsed.state,
		parsed.terminal_sn,
		parsed.terminal_alias,
		parsed.person_name,
	):
		assert text == text.strip() == text.encode().decode()
	assert is_wall_clock(parsed.time)
	assert parsed.upload_time is None or is_wall_clock(parsed.upload_time)


def is_wall_clock(time: datetime) -> bool:
	"""Naive and in whole seconds."""
	return type(time) is datetime and time.tzinfo is None and not time.microsecond


def check_page(page: Page, answer: Json, query: PageQuery) -> None:
	assert page.number == query.number
	assert page.count is None or (type(page.count) is int and page.count >= 0)
	assert page.next_query is None or isinstance(page.next_query, str)
	assert page.server_time is None or page.server_time.utcoffset() == timedelta()
	assert page.past_end is (answer.status == 404)
	assert page.fetched == (0 if page.past_end else len(sent_rows(answer.data)))
	assert all(isinstance(row, Punch) for row in page.punches)
	assert all(isinstance(row, RejectedRow) for row in page.rejected)
	for row in (*page.punches, *page.rejected):
		check_row(row)


def sent_rows(data: Any) -> list[Any]:
	"""The list of a page, under either of its names; empty where there is none."""
	named = [data.get(name) for name in ("data", "results")] if isinstance(data, dict) else []
	return next((rows for rows in named if isinstance(rows, list)), [])


def check_error(error: BioTimeError) -> None:
	"""Fit to be shown and stored, and its wait fit to be waited for."""
	assert 0 < len(error.message) < 700
	assert str(error) == error.message
	assert error.remedy
	(error.message + error.remedy).encode()
	assert error.retry_after is None or (isinstance(error, TryAgain) and error.retry_after >= 0)
	assert 0 <= RetryPolicy().longest_before(1, error) <= RetryPolicy().retry_after_cap


def check_token(token: Token, now: datetime) -> None:
	assert isinstance(token.kind, TokenKind)
	assert token.value == token.value.strip() != ""
	check_header_validity(("Authorization", token.authorization))
	assert token.expires_at is None or (token.kind is TokenKind.JWT and token.expires_at > now)
	assert token.expires_at is None or token.expires_at.tzinfo is timezone.utc
