"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.standalone.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
	"""A desk with two employees, and a running simulator with one terminal."""
	desk = Desk(tmp_path)
	desk.hire("HR-EMP-00001,1001", "HR-EMP-00002,1002")
	desk.sim.store.add_terminal("SN1")
	with desk.sim:
		yield desk
