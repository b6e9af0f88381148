"""How many notices become of what is told to somebody at once: one for what happens together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zkteco_biometric.notices.incidents import Kind, Reading

MOST_DEVICES = 5
"""Devices that are told of one by one when the same befalls them at once."""


@dataclass(frozen=True)
class Notice:
	"""Never empty. `device` is empty where it is about several."""

	kind: Kind
	is_over: bool
	readings: tuple[Reading, ...]

	@property
	def device(self) -> str:
		devices = self.devices
		return devices[0] if len(devices) == 1 else ""

	@property
	def devices(self) -> list[str]:
		return list(dict.fromkeys(reading.key.device for reading in self.readings))


def gather_notices(readings: Iterable[Reading], is_over: bool) -> list[Notice]:
	"""One for a kind and a device; one for a kind, where it befalls more than `MOST_DEVICES` at once."""
	by_kind: dict[Kind, dict[str, list[Reading]]] = {}
	for reading in readings:
		by_kind.setdefault(reading.key.kind, {}).setdefault(reading.key.device, []).append(reading)
	return [
		Notice(kind, is_over, tuple(group))
		for kind, devices in by_kind.items()
		for group in _together(list(devices.values()))
	]


def _together(groups: list[list[Reading]]) -> list[list[Reading]]:
	if len(groups) <= MOST_DEVICES:
		return groups
	return [[reading for group in groups for reading in group]]
