"""How many examples a property gets: few in every run of the tests, many in the night."""

from __future__ import annotations

from hypothesis import settings


def examples(*, tests: int, nightly: int) -> settings:
	"""For decorating a property: its number in the profile that is loaded, and the rest of that profile."""
	return settings(max_examples=nightly if _is_nightly() else tests)


def _is_nightly() -> bool:
	"""By its number, since options of the command line such as the verbosity change the name."""
	return settings().max_examples == settings.get_profile("nightly").max_examples
