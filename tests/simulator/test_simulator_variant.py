from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from zkteco_biometric.simulator import Variant


def test_the_default_is_a_build_that_works() -> None:
	variant = Variant()
	assert (variant.jwt, variant.general_token, variant.licence) == (True, True, True)
	assert (variant.envelope, variant.adjust_area, variant.patch_area_alone) == ("data", "works", "works")


@pytest.mark.parametrize(
	"name",
	[
		"jwt_missing_as",
		"envelope",
		"page_size_param",
		"punch_state",
		"next_null",
		"adjust_area",
		"resync",
		"patch_area_alone",
	],
)
def test_a_habit_that_nobody_knows_is_refused_with_the_choices(name: str) -> None:
	default = getattr(Variant(), name)
	with pytest.raises(ValueError, match=rf"{name}='other'.*use one of .*'{default}'"):
		Variant(**{name: "other"})  # type: ignore[arg-type]


def test_a_variant_does_not_change_under_a_running_request() -> None:
	with pytest.raises(FrozenInstanceError):
		Variant().jwt = False  # type: ignore[misc]


def test_every_habit_has_a_default_and_an_explanation() -> None:
	assert Variant.__doc__ is not None
	for field in fields(Variant):
		getattr(Variant(), field.name)
		if field.name != "punch_state":
			assert f"`{field.name}`" in Variant.__doc__
