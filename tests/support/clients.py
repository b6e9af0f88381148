"""Clients of a simulator that never really sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.models import Credentials, Page, Punch
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts, Transport, Verify
from zkteco_biometric.simulator import Entry, Simulator

USERNAME = "admin"
PASSWORD = "simulator"
TRANSACTIONS = "/iclock/api/transactions/"
JWT_LOGIN = "/jwt-api-token-auth/"
GENERAL_LOGIN = "/api-token-auth/"
DAY = datetime(2024, 6, 5)


class Sleeps(list[float]):
	"""Stands for `time.sleep`: keeps what was asked for and returns at once."""

	def __call__(self, seconds: float) -> None:
		self.append(seconds)


@contextmanager
def connected(
	url: str,
	*,
	sleep: Callable[[float], None] | None = None,
	retry: RetryPolicy | None = None,
	time_outs: TimeOuts | None = None,
	verify: Verify = True,
	password: str = PASSWORD,
	**client: Any,
) -> Iterator[BioTimeClient]:
	"""A client of the server at `url`, closed at the end of the block."""
	transport = Transport(
		url, retry=retry, time_outs=time_outs, verify=verify, sleep=Sleeps() if sleep is None else sleep
	)
	opened = BioTimeClient(transport, Credentials(USERNAME, password), **client)
	try:
		yield opened
	finally:
		opened.close()


def ids(pages: list[Page]) -> list[int | None]:
	"""The transaction ids of all punches, in the order in which they came."""
	return [punch.id for page in pages for punch in page.punches]


def punches(pages: list[Page]) -> list[Punch]:
	return [punch for page in pages for punch in page.punches]


def logins(sim: Simulator) -> list[str]:
	"""The paths of the log-ins that reached the server, in order."""
	return [entry.path for entry in sim.log.entries if entry.path.endswith("token-auth/")]


def page_requests(sim: Simulator) -> list[Entry]:
	return sim.log.matching(TRANSACTIONS, "GET")


def asked_pages(sim: Simulator) -> list[int]:
	"""The page numbers that were asked for, in order."""
	return [int(entry.query["page"]) for entry in page_requests(sim)]
