"""Fixtures of these tests."""

import pytest

from tests.support.device_office import Office
from tests.support.fixtures import Connect, connect, sim, start
from zkteco_biometric.simulator import Simulator

__all__ = ["connect", "sim", "start"]


@pytest.fixture
def office(sim: Simulator, connect: Connect) -> Office:
	"""An office whose only client speaks real HTTP to its server."""
	return Office(sim, connect(sim))
