"""What all tests share: generated examples are the same on every machine, and no test is timed by its examples."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
	"tests",
	deadline=None,
	database=None,
	derandomize=True,
	suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.register_profile("hunt", settings.get_profile("tests"), derandomize=False)
settings.register_profile("nightly", settings.get_profile("hunt"), max_examples=1000, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
	"""The profile: what the command line says, else the environment, else the quick one."""
	if not config.getoption("--hypothesis-profile", None):
		settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))
