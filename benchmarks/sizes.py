"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
	"""`punches` of `people`, in pages of `page_size`, is the cycle whose speed is measured, in `rounds` after one that is not;
	`slow_punches` where each check-in costs milliseconds.

	`counted`: the two cycles whose difference is the marginal cost. `memory`: cycles in processes of their own, the last of
	which fills the table for what is measured at its full size. `samples` check-ins of another session, `pace` a second.
	`ticks` of an idle device. `due` devices at once. `workers`, the fewest first, with `devices` of `device_punches` each.
	`changed`: after how many people's check-ins a device is told to disable and enable them, the most last.
	"""

	people: int
	punches: int
	slow_punches: int
	page_size: int
	rounds: int
	counted: tuple[int, int]
	slow_counted: tuple[int, int]
	memory: tuple[int, ...]
	samples: int
	pace: float
	ticks: int
	due: tuple[int, ...]
	workers: tuple[int, ...]
	devices: int
	device_punches: int
	changed: tuple[int, ...]


FULL = Sizes(
	people=500,
	punches=20_000,
	slow_punches=2_000,
	page_size=500,
	rounds=5,
	counted=(20_000, 60_000),
	slow_counted=(1_000, 2_000),
	memory=(10_000, 100_000, 1_000_000),
	samples=400,
	pace=8,
	ticks=100,
	due=(1, 100, 1_000),
	workers=(1, 2, 4),
	devices=8,
	device_punches=10_000,
	changed=(1, 10, 100, 500),
)
QUICK = Sizes(
	people=100,
	punches=2_000,
	slow_punches=400,
	page_size=100,
	rounds=2,
	counted=(800, 1_600),
	slow_counted=(200, 400),
	memory=(1_000, 4_000),
	samples=40,
	pace=10,
	ticks=10,
	due=(1, 10, 50),
	workers=(1, 2),
	devices=4,
	device_punches=500,
	changed=(1, 10, 50),
)
