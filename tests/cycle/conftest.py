"""Fixtures of these tests."""

import pytest

from tests.support.cycles import EMPLOYEES
from tests.support.fixtures import connect, sim, start
from tests.support.memory_site import MemorySite

__all__ = ["connect", "sim", "start"]


@pytest.fixture
def site() -> MemorySite:
	return MemorySite(EMPLOYEES)
