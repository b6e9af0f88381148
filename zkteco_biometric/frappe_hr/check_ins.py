"""Employee Checkins: which exist, and creating those that do not, by HRMS's own rules."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import reduce
from hashlib import sha1
from operator import or_

import frappe
from frappe.utils import strip_html

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.cycle.result import Refused, Stored
from zkteco_biometric.cycle.spans import spans
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, KEY_FIELD, TRANSACTION_FIELD

_PAGE = "zkteco_page"
_ROW = "zkteco_row"
_LONGEST_KEY = 140
_A_SECOND = timedelta(seconds=1)


def existing_check_ins(keys: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
	"""Those (employee, second) pairs that have a check-in of whatever origin and log type; one query.

	Check-ins that other means have stored may carry microseconds: they exist at their whole second.
	"""
	if not keys:
		return set()
	table = frappe.qb.DocType(CHECK_IN)
	within = [table.time[first : last + _A_SECOND] for first, last in spans(time for _, time in keys)]
	rows = (
		frappe.qb.from_(table)
		.select(table.employee, table.time)
		.where(table.employee.isin(sorted({employee for employee, _ in keys})))
		.where(reduce(or_, within))
	).run()
	return {(employee, time.replace(microsecond=0)) for employee, time in rows} & set(keys)


def unique_key(employee: str, time: datetime) -> str:
	"""What the database lets exist once: the employee and the second, within the length of a Data field."""
	key = f"{employee} {time:%Y-%m-%d %H:%M:%S}"
	return key if len(key) <= _LONGEST_KEY else sha1(key.encode()).hexdigest()


class CheckInWriter:
	"""Creates the check-ins of one device by `insert()`, so that every rule of HRMS and of other apps holds."""

	def __init__(self, device: str, url: str) -> None:
		self._device = device
		self._url = url

	def write(self, check_ins: Sequence[CheckIn]) -> Stored:
		"""Within the caller's transaction. A row that is refused costs the others nothing.

		A refusal before anything is written, as HRMS's are, needs no more than a note. Where another app fails after its
		row was written, the page is taken back and written again with a savepoint for each row.
		"""
		frappe.db.savepoint(_PAGE)
		try:
			return _sum_up(self._create(check_in, careful=False) for check_in in check_ins)
		except _HalfWritten:
			frappe.db.rollback(save_point=_PAGE)
			return _sum_up(self._create(check_in, careful=True) for check_in in check_ins)

	def _create(self, check_in: CheckIn, careful: bool) -> Stored:
		if careful:
			frappe.db.savepoint(_ROW)
		doc = self._document(check_in)
		try:
			doc.insert(ignore_permissions=True)  # the device writes, whoever pressed Sync Now
		except (frappe.ValidationError, frappe.PermissionError, frappe.NameError) as error:
			frappe.clear_last_message()  # it is told in the Error Log, not to whoever pressed Sync Now
			if careful:
				frappe.db.rollback(save_point=_ROW)
			elif not doc.is_new():
				raise _HalfWritten from error
			return _not_created(check_in, error)
		return Stored(created=1)

	def _document(self, check_in: CheckIn):
		return frappe.get_doc(
			{
				"doctype": CHECK_IN,
				"employee": check_in.employee,
				"time": check_in.time,
				"log_type": check_in.log_type,
				"device_id": self._url,
				DEVICE_FIELD: self._device,
				TRANSACTION_FIELD: None if check_in.punch.id is None else str(check_in.punch.id),
				KEY_FIELD: unique_key(check_in.employee, check_in.time),
			}
		)


class _HalfWritten(Exception):
	"""A row was written and then refused: the page has to be taken back."""


def _not_created(check_in: CheckIn, error: Exception) -> Stored:
	"""The key says that somebody else was faster; anything else is a refusal in the site's words."""
	if isinstance(error, frappe.UniqueValidationError) and KEY_FIELD in str(error.args):
		return Stored(created=0, raced=1)
	reason = strip_html(str(error)).strip() or type(error).__name__
	return Stored(created=0, refused=(Refused(check_in, reason),))


def _sum_up(outcomes: Iterator[Stored]) -> Stored:
	created, raced, refused = 0, 0, []
	for outcome in outcomes:
		created += outcome.created
		raced += outcome.raced
		refused.extend(outcome.refused)
	return Stored(created, raced, tuple(refused))
