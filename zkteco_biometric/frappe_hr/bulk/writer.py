"""Check-ins written a page at a time, where nothing would tell it from `insert()`; one by one everywhere else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.frappe_hr.bulk.listeners import COUNTS_ANEW, switched_off, who_else_listens
from zkteco_biometric.frappe_hr.bulk.naming import take_numbers
from zkteco_biometric.frappe_hr.bulk.prefetched import LOOKED_UP
from zkteco_biometric.frappe_hr.bulk.rehearsal import Rehearsal, Rehearsed
from zkteco_biometric.frappe_hr.bulk.rows import AT_ONCE, first_difference, insert_rows, is_there
from zkteco_biometric.frappe_hr.bulk.shape import shape_of_check_ins, what_only_insert_can_fill
from zkteco_biometric.frappe_hr.check_ins import NOT_THE_ROW, Batch, CheckInWriter, add_up, unique_key
from zkteco_biometric.frappe_hr.names import CHECK_IN
from zkteco_biometric.frappe_hr.transactions import nothing_kept, patiently
from zkteco_biometric.wording import Wording, _

_FEW = 10
"""So few cost less by `insert()` than what has to be read for a page."""

_MOST_TRIALS = 3
_ALL = "zkteco_page"
_NOTHING_TO_COMPARE = _("none of the first check-ins could be worked out beforehand")


class BulkWriter:
	"""Creates the check-ins of one device, by the rules of HRMS and with the names of Frappe.

	The first check-in of a cycle that can be rehearsed is written by `insert()` and compared, column by column, with what would
	have been written of it. `why_one_by_one`: each reason that made `insert()` write what could have been a page.
	"""

	def __init__(self, one_by_one: CheckInWriter) -> None:
		self._one_by_one = one_by_one
		self._rehearsal: Rehearsal | None = None
		self._is_proven = False
		self._difference: Wording | None = None
		self._employees: dict[str, frappe._dict] = {}
		self.why_one_by_one: dict[str, Wording] = {}

	def employee_fields(self) -> Collection[str]:
		return [*LOOKED_UP, *shape_of_check_ins().employee_fields]

	def know(self, employees: Sequence[frappe._dict]) -> None:
		self._employees = {employee.name: employee for employee in employees}

	def batches(self, check_ins: Sequence[CheckIn]) -> Iterator[Batch]:
		"""Each to be written in a transaction of its own, before the next is asked for."""
		if len(check_ins) < _FEW:
			yield from self._one_by_one.batches(check_ins)
			return
		why = self._why_not()
		page = [] if why else self._rehearse(check_ins)
		if any(one.row for one in page):
			yield from self._rehearsed_batches(page)
		else:
			why = why or self._difference or _NOTHING_TO_COMPARE
			yield from self._written_one_by_one(check_ins, why)

	def _why_not(self) -> Wording | None:
		"""Asked for each page: somebody may make a notification while a year is imported."""
		return switched_off() or who_else_listens() or what_only_insert_can_fill() or self._difference

	def _written_one_by_one(self, check_ins: Sequence[CheckIn], why: Wording) -> Iterator[Batch]:
		self.why_one_by_one[str(why)] = why
		return self._one_by_one.batches(check_ins)

	def _rehearsed_batches(self, page: list[Rehearsed]) -> Iterator[Batch]:
		for _trial in range(_MOST_TRIALS):
			if self._is_proven or not page:
				break
			first, page = _up_to_the_first_row(page)
			yield from self._one_by_one.batches([one.check_in for one in first], more_follow=bool(page))
			if page:
				self._compare(first[-1])
		if page and self._is_proven:
			yield self._at_once(page)
		elif page:
			rest = [one.check_in for one in page]
			yield from self._written_one_by_one(rest, self._difference or _NOTHING_TO_COMPARE)

	def _rehearse(self, check_ins: Sequence[CheckIn]) -> list[Rehearsed]:
		"""Empty where this app does not know its way in HRMS's code; then it is not tried again."""
		given = [self._one_by_one.values(check_in) for check_in in check_ins]
		try:
			self._rehearsal = self._rehearsal or Rehearsal()
			with nothing_kept():
				return self._rehearsal.of_page(check_ins, shape_of_check_ins(), given, self._employees)
		except NOT_THE_ROW:
			raise
		except Exception as error:  # noqa: BLE001 HRMS's own code, of a version that nobody foresaw: `insert()` knows it
			self._difference = _("this version of HRMS is not known: {0}").format(type(error).__name__)
			return []

	def _compare(self, trial: Rehearsed) -> None:
		"""With what `insert()` has stored. Where it has refused, or somebody else was faster, the next one is compared."""
		if trial.row is None:
			return
		key = unique_key(*trial.check_in.key)
		column = first_difference(trial.row, key)
		if column:
			label = _(frappe.get_meta(CHECK_IN).get_label(column))
			self._difference = _("HRMS stores something else than expected in {0}").format(label)
		self._is_proven = column is None and is_there(key)

	def _at_once(self, page: Sequence[Rehearsed]) -> Batch:
		"""The numbers are committed before anything else: nobody's check-in waits for more than that."""
		named = [one for one in page if one.name]
		names = patiently(lambda _again: _take_numbers(named))
		by_key = {one.check_in.key: name for one, name in zip(named, names, strict=True)}
		return Batch([one.check_in for one in page], partial(self._write, page, by_key), is_last=True)

	def _write(
		self, page: Sequence[Rehearsed], names: Mapping[tuple, str], check_ins: Sequence[CheckIn]
	) -> Stored:
		wanted = {check_in.key for check_in in check_ins}
		now = now_datetime()
		rows = {
			one.check_in.key: {**one.row, "name": names[one.check_in.key], **_created(now, number)}
			for number, one in enumerate(page)
			if one.row is not None and one.check_in.key in wanted
		}
		stored = self._insert(list(rows.values()))
		left = [check_in for check_in in check_ins if not stored or check_in.key not in rows]
		return add_up([stored or Stored(0), self._one_by_one.write(left, names) if left else Stored(0)])

	def _insert(self, rows: Sequence[Mapping[str, Any]]) -> Stored | None:
		"""None, and nothing is written, where the database refuses any of them: then each has to be looked at."""
		if not rows:
			return Stored(0)
		in_statements = len(rows) > AT_ONCE
		if in_statements:
			frappe.db.savepoint(_ALL)
		try:
			insert_rows(rows)
		except NOT_THE_ROW:
			raise
		except Exception as error:  # noqa: BLE001 whatever the database has against a row, `insert()` meets it too, and tells
			if in_statements:  # one alone is all or nothing
				frappe.db.rollback(save_point=_ALL)
			why = _("the database refused a page: {0}").format(type(error).__name__)
			self.why_one_by_one[str(why)] = why
			return None
		_tell_of(rows[-1])
		return Stored(created=len(rows), in_bulk=len(rows))


def _up_to_the_first_row(page: Sequence[Rehearsed]) -> tuple[list[Rehearsed], list[Rehearsed]]:
	before = list(takewhile(lambda one: one.row is None, page))
	return list(page[: len(before) + 1]), list(page[len(before) + 1 :])


def _take_numbers(named: Sequence[Rehearsed]) -> list[str]:
	names = take_numbers([one.name for one in named if one.name])
	frappe.db.commit()  # the series, which every other check-in needs too
	return names


def _created(now: datetime, number: int) -> dict[str, str]:
	"""One after the other, as by `insert()`: lists are in this order, and whoever watches `modified` goes by it."""
	created = (now + timedelta(microseconds=number)).isoformat(" ", "microseconds")
	return {"creation": created, "modified": created}


def _tell_of(row: Mapping[str, Any]) -> None:
	"""What `insert()` does for each row, once for the page: open lists show its last check-in, counts in Desk are made anew."""
	for handler in frappe.get_doc_hooks().get("*", {}).get("on_update", []):
		if handler == COUNTS_ANEW:
			frappe.get_attr(handler)(CHECK_IN)
	message = {"doctype": CHECK_IN, "name": row["name"], "user": frappe.session.user}
	frappe.publish_realtime("list_update", message, after_commit=True)
