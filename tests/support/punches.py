"""Punches, pages and rows, made short."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zkteco_biometric.biotime.models import Page, Punch, RejectedRow

EIGHT = datetime(2024, 6, 5, 8)


def punch(emp_code: str = "7", time: datetime = EIGHT, state: str = "0", id: int | None = 1) -> Punch:
	return Punch(id=id, emp_code=emp_code, time=time, state=state)


def page(*punches: Punch, rejected: tuple[RejectedRow, ...] = (), number: int = 1, **more: Any) -> Page:
	return Page(number, punches, rejected, more.get("count"), more.get("next_query"))


UNREADABLE = RejectedRow("emp_code is missing", "9", {})
