"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
	"""`punches` of `people`, in pages of `page_size`, is the cycle that is measured; `many` is for memory only.

	`rounds` of each way of writing are measured, after one that is not. `most_minutes`: where creating `many`
	check-ins would take longer, only `created_at_least` of them are created and the rest are duplicates. `changed`: after
	how many people's check-ins a device is told to disable and enable them, the most last.
	"""

	people: int
	punches: int
	page_size: int
	rounds: int
	many: int
	created_at_least: int
	changed: tuple[int, ...]
	most_minutes: float = 15


FULL = Sizes(500, 2_000, 500, rounds=5, many=100_000, created_at_least=20_000, changed=(1, 10, 100, 500))
QUICK = Sizes(100, 400, 100, rounds=2, many=4_000, created_at_least=2_000, changed=(1, 10, 50))
