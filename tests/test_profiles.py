"""Which of hypothesis' profiles counts: the command line's, else the environment's, else the quick one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.profiles import examples

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
	("arguments", "environment", "profile"),
	[
		([], {}, "tests"),
		([], {"HYPOTHESIS_PROFILE": "nightly"}, "nightly"),
		(["--hypothesis-profile=nightly"], {}, "nightly"),
		(["--hypothesis-profile=hunt"], {"HYPOTHESIS_PROFILE": "nightly"}, "hunt"),
	],
)
def test_the_command_line_wins_over_the_environment(
	arguments: list[str], environment: dict[str, str], profile: str
) -> None:
	assert f"hypothesis profile '{profile}'" in head_of_a_run(arguments, environment)


def head_of_a_run(arguments: list[str], environment: dict[str, str]) -> str:
	"""What pytest says of itself once the profile is loaded and before it reads the tests."""
	inherited = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_PROFILE"}
	run = subprocess.run(
		[sys.executable, "-m", "pytest", "-v", "--collect-only", *arguments, "tests/test_profiles.py"],
		cwd=ROOT,
		env=inherited | environment,
		capture_output=True,
		text=True,
		check=True,
	)
	return run.stdout


@pytest.mark.parametrize(("profile", "number"), [("tests", 3), ("hunt", 3), ("nightly", 5)])
def test_a_property_states_its_number_for_either_profile(profile: str, number: int) -> None:
	with loaded(profile):
		told = examples(tests=3, nightly=5)
	assert told.max_examples == number
	assert told.derandomize is (profile == "tests")


@contextmanager
def loaded(profile: str) -> Iterator[None]:
	"""That profile, and afterwards the settings of before."""
	settings.register_profile("before", settings())
	settings.load_profile(profile)
	try:
		yield
	finally:
		settings.load_profile("before")
