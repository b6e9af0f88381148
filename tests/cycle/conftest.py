"""Fixtures of these tests."""

from tests.support.fixtures import connect, sim, start

__all__ = ["connect", "sim", "start"]
