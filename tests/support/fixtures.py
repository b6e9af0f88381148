"""Fixtures for tests that talk to a simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.clients import connected
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.simulator import Simulator

Connect = Callable[..., BioTimeClient]
StartSimulator = Callable[..., Simulator]


@pytest.fixture
def start() -> Iterator[StartSimulator]:
	"""Starts simulators; they stop with the test."""
	with ExitStack() as running:
		yield lambda **options: running.enter_context(Simulator(**options))


@pytest.fixture
def sim(start: StartSimulator) -> Simulator:
	"""A simulator of a BioTime server with the defaults, and without punches."""
	return start()


@pytest.fixture
def connect() -> Iterator[Connect]:
	"""Makes clients; they close with the test."""
	with ExitStack() as opened:

		def make(server: Simulator | str, **options: Any) -> BioTimeClient:
			url = server if isinstance(server, str) else server.url
			return opened.enter_context(connected(url, **options))

		yield make
