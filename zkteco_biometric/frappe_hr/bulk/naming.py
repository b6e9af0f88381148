"""Names for a page of check-ins by Frappe's own rules, their numbers taken from each series in one block."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.model import naming

from zkteco_biometric.frappe_hr.bulk.rebound import Rebound
from zkteco_biometric.frappe_hr.names import CHECK_IN

_NUMBER = "\0"
"""Stands in a name for the number that is not taken yet."""


class TwoNumbers(Exception):
	"""A name of two series: `insert()` has to make it."""


@dataclass(frozen=True)
class Unnumbered:
	"""A name without its number: from which series that comes, and with how many digits. A name may need none."""

	text: str
	series: str | None = None
	digits: int = 0

	def numbered(self, number: int) -> str:
		return self.text.replace(_NUMBER, f"{number:0{self.digits}d}")


class Names:
	"""Frappe's naming, to which no number is told until all are known that are needed."""

	def __init__(self) -> None:
		rebound = Rebound([naming], {id(naming.getseries): self._note})
		self._name_by = rebound.of(naming, "set_name_from_naming_options")
		self._noted: tuple[str, int] | None = None
		self._all_the_same: Unnumbered | None = None

	def begin_page(self, doc: Any, autoname: str) -> None:
		"""`doc`: any of its check-ins. Where nothing of a check-in stands in its name, one name serves for the page."""
		self._all_the_same = None
		if _says_nothing_of(doc, autoname):
			self._all_the_same = self._by_frappe(doc, autoname)

	def of(self, doc: Any, autoname: str) -> Unnumbered:
		"""For who has no name yet. Raises what Frappe raises where it refuses the name."""
		return self._all_the_same or self._by_frappe(doc, autoname)

	def _by_frappe(self, doc: Any, autoname: str) -> Unnumbered:
		self._noted = None
		doc.name = None
		self._name_by(autoname, doc)
		name = naming.validate_name(CHECK_IN, doc.name or naming.make_autoname("hash", CHECK_IN))
		return Unnumbered(name, *(self._noted or ()))

	def _note(self, key: str, digits: int) -> str:
		if self._noted:
			raise TwoNumbers
		self._noted = (key, digits)
		return _NUMBER


def _says_nothing_of(doc: Any, autoname: str) -> bool:
	"""Whether nothing but fixed words and dates stands before the number."""
	parts = [part for part in autoname.split(".") if part and not part.startswith("#")]
	by_others = frappe.get_hooks("naming_series_variables", {})
	return (
		"#" in autoname
		and ":" not in autoname
		and all("{" not in part and part != "timestamp" for part in parts)
		and not any(part in vars(doc) or part in by_others for part in parts)
	)


def take_numbers(names: Sequence[Unnumbered]) -> list[str]:
	"""The names, each with its number, in their order. The series are locked until the caller commits."""
	needed = Counter(name.series for name in names if name.series is not None)
	following = {series: _take(series, needed[series]) for series in sorted(needed)}
	numbered = []
	for name in names:
		if name.series is None:
			numbered.append(name.text)
		else:
			numbered.append(name.numbered(following[name.series]))
			following[name.series] += 1
	return numbered


def _take(series: str, number: int) -> int:
	"""The first of as many numbers."""
	table = frappe.qb.DocType("Series")
	found = frappe.qb.from_(table).where(table.name == series).for_update().select(table.current).run()
	current = (found[0][0] if found else 0) or 0
	if found:
		frappe.qb.update(table).set(table.current, current + number).where(table.name == series).run()
	else:
		frappe.qb.into(table).columns("name", "current").insert(series, number).run()
	return current + 1
