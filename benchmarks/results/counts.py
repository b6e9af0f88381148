"""SQL statements, calls of Redis and HTTP requests of cycles: exact counts."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.table import Line, number

_A_THOUSAND = 1000
_AIMS = {
	"SQL statements": (40, "statements"),
	"Redis calls": (20, "redis_calls"),
	"HTTP requests": (2, "requests"),
}
_AT_MOST = {"HTTP requests"}


@dataclass(frozen=True)
class Counted:
	"""One cycle over so many punches."""

	punches: int
	statements: int
	redis_calls: int
	requests: int

	def per_thousand(self, what: str) -> float:
		return _A_THOUSAND * getattr(self, what) / self.punches


@dataclass(frozen=True)
class Pair:
	"""Two cycles that differ in the number of their punches only."""

	few: Counted
	many: Counted

	def marginal(self, what: str) -> float:
		"""What a thousand punches more cost."""
		more = getattr(self.many, what) - getattr(self.few, what)
		return _A_THOUSAND * more / (self.many.punches - self.few.punches)

	def fixed(self, what: str) -> float:
		"""What a cycle costs beside its punches."""
		return getattr(self.many, what) - self.marginal(what) * self.many.punches / _A_THOUSAND


@dataclass(frozen=True)
class Counts:
	"""Of cycles whose punches are all `new`, all there already (`again`), all of unknown codes (`unknown`), and written
	`one_by_one`; and of the `bare` loop.
	"""

	new: Pair
	again: Pair
	unknown: Pair
	one_by_one: Pair
	bare: Pair

	def lines(self) -> list[Line]:
		return [
			*(self._line(title, what, aim) for title, (aim, what) in _AIMS.items()),
			*(_other_line(title, pair) for title, pair in self._others().items()),
		]

	def figures(self) -> dict[str, dict[str, float]]:
		pairs = {"new": self.new, "one_by_one": self.one_by_one, "bare": self.bare, "again": self.again}
		return {
			what: {name: pair.marginal(what) for name, pair in pairs.items()} | {"aim": aim}
			for aim, what in _AIMS.values()
		}

	def _line(self, title: str, what: str, aim: int) -> Line:
		more, whole = self.new.marginal(what), self.new.many.per_thousand(what)
		at_most = title in _AT_MOST
		return Line(
			f"{title} per 1,000 new punches",
			number(more),
			f"{number(whole)} with the cycle's own {number(self.new.fixed(what))}, at {self.new.many.punches:,}",
			aim=f"{'at most' if at_most else 'under'} {aim}",
			reached=more <= aim if at_most else more < aim,
		)

	def _others(self) -> dict[str, Pair]:
		return {
			"punches that are there already": self.again,
			"punches of unknown codes": self.unknown,
			"new punches, written one by one": self.one_by_one,
			"bare insert()": self.bare,
		}


def _other_line(title: str, pair: Pair) -> Line:
	return Line(
		f"SQL statements per 1,000 {title}",
		number(pair.marginal("statements")),
		f"Redis {number(pair.marginal('redis_calls'))}, HTTP {number(pair.marginal('requests'))}",
	)
