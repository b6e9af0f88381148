"""Check-ins written a page at a time, where nothing would tell it from `insert()`; one by one everywhere else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.frappe_hr.bulk.listeners import COUNTS_ANEW, who_else_listens
from zkteco_biometric.frappe_hr.bulk.naming import take_numbers
from zkteco_biometric.frappe_hr.bulk.prefetched import CHANGED, LOOKED_UP, unchanged
from zkteco_biometric.frappe_hr.bulk.rehearsal import Rehearsal, Rehearsed
from zkteco_biometric.frappe_hr.bulk.rows import AT_ONCE, insert_rows
from zkteco_biometric.frappe_hr.bulk.shape import shape_of_check_ins, what_only_insert_can_fill
from zkteco_biometric.frappe_hr.bulk.trial import Trial
from zkteco_biometric.frappe_hr.check_ins import (
	NOT_THE_ROW,
	Batch,
	CheckInWriter,
	add_up,
	existing_check_ins,
)
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
		return [*LOOKED_UP, CHANGED, *shape_of_check_ins().employee_fields]

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
			yield from self._written_one_by_one(check_ins, why or self._difference or _NOTHING_TO_COMPARE)

	def _why_not(self) -> Wording | None:
		"""Asked for each page: somebody may make a notification while a year is imported."""
		return who_else_listens() or what_only_insert_can_fill() or self._difference

	def _written_one_by_one(self, check_ins: Sequence[CheckIn], why: Wording) -> Iterator[Batch]:
		for batch in self._one_by_one.batches(check_ins):
			yield replace(batch, write=partial(self._write_one_by_one, why))

	def _write_one_by_one(self, why: Wording, check_ins: Sequence[CheckIn]) -> Stored:
		"""What HRMS refuses anyway needs no reason."""
		stored = self._one_by_one.write(check_ins)
		if stored.created:
			self.why_one_by_one[str(why)] = why
		return stored

	def _rehearsed_batches(self, page: list[Rehearsed]) -> Iterator[Batch]:
		for _trial in range(_MOST_TRIALS):
			if self._is_proven or self._difference or not page:
				break
			first, page = _up_to_the_first_row(page)
			trial = Trial(first[-1], self._one_by_one, more_follow=bool(page))
			for batch in self._one_by_one.batches([one.check_in for one in first], more_follow=bool(page)):
				yield replace(batch, write=trial.write)
			self._judge(trial, is_over=not page)
			if trial.taken_back:
				again = [*trial.taken_back, *(one.check_in for one in page)]
				yield from self._written_one_by_one(again, self._difference or _NOTHING_TO_COMPARE)
				return
		if page and self._is_proven and not self._difference:
			yield self._at_once(page)
		elif page:
			rest = [one.check_in for one in page]
			yield from self._written_one_by_one(rest, self._difference or _NOTHING_TO_COMPARE)

	def _judge(self, trial: Trial, *, is_over: bool) -> None:
		"""After the last batch of a page no transaction is begun any more: the next page has a trial of its own."""
		self._difference = trial.refusal()
		if not is_over and not self._difference:
			self._is_proven, self._difference = trial.compare()

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
			self._difference = _("HRMS's rules could not be applied to a page: {0}").format(
				type(error).__name__
			)
			return []

	def _at_once(self, page: Sequence[Rehearsed]) -> Batch:
		"""The numbers are committed before anything else: nobody's check-in waits for more than that."""
		named = [one for one in page if one.name]
		names = patiently(lambda _again: _take_numbers(named))
		by_key = {one.check_in.key: name for one, name in zip(named, names, strict=True)}
		return Batch([one.check_in for one in page], partial(self._write, page, by_key), is_last=True)

	def _write(
		self, page: Sequence[Rehearsed], names: Mapping[tuple, str], check_ins: Sequence[CheckIn]
	) -> Stored:
		"""What has changed since the page was rehearsed, while others held the series or the rows, is looked at by `insert()`."""
		wanted = {check_in.key for check_in in check_ins} - existing_check_ins([one.key for one in check_ins])
		as_they_were = unchanged(self._rehearsal.employees if self._rehearsal else {})
		now = now_datetime()
		rows = {
			one.check_in.key: {**one.row, "name": names[one.check_in.key], **_created(now, number)}
			for number, one in enumerate(page)
			if one.row is not None and one.check_in.key in wanted and one.check_in.employee in as_they_were
		}
		stored = self._insert(list(rows.values()))
		left = [one for one in check_ins if one.key in wanted and (not stored or one.key not in rows)]
		raced = Stored(0, raced=len(check_ins) - len(wanted))
		return add_up([raced, stored or Stored(0), self._write_left(left, names, stored)])

	def _write_left(
		self, check_ins: Sequence[CheckIn], names: Mapping[tuple, str], others: Stored | None
	) -> Stored:
		if not check_ins:
			return Stored(0)
		got_through = others is not None and others.created > 0
		return self._one_by_one.write(check_ins, names, others_got_through=got_through)

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
