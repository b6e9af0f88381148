"""What may pass by itself, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from zkteco_biometric.frappe_hr.passing import has_lasted, may_pass

NOW = datetime(2026, 3, 31, 12)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
	("code", "since", "passes"),
	[
		("timed_out", None, True),
		("timed_out", NOW, True),
		("timed_out", NOW - DAY, True),
		("timed_out", NOW - DAY - timedelta(seconds=1), False),
		("wrong_credentials", NOW, False),
		("", None, False),
	],
)
def test_by_its_code_and_for_no_more_than_a_day(code: str, since: datetime | None, passes: bool) -> None:
	assert may_pass(code, since, NOW) is passes


def test_what_began_nobody_knows_when_has_not_lasted() -> None:
	assert [has_lasted(since, NOW) for since in (None, NOW - DAY, NOW - 2 * DAY)] == [False, False, True]
