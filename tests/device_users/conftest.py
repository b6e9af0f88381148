"""Fixtures of these tests."""

import pytest

from tests.support.device_office import PARKING, Office
from tests.support.fixtures import Connect, connect, sim, start
from zkteco_biometric.simulator import Area, Simulator

__all__ = ["connect", "sim", "start"]


@pytest.fixture
def office(sim: Simulator, connect: Connect) -> Office:
	"""An office whose only client speaks real HTTP to its server."""
	return Office(sim, connect(sim))


@pytest.fixture
def side(office: Office) -> Area:
	return office.sim.store.add_area("10", "Side")


@pytest.fixture
def disabled(office: Office, side: Area) -> Office:
	"""Code 7 of the default area and Side has checked out and is disabled."""
	office.hire("7", areas=[2, side])
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	return office
