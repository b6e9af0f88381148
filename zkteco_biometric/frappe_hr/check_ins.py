"""Employee Checkins: which exist, and creating those that do not, by HRMS's own rules."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any

import frappe
from erpnext.setup.doctype.employee.employee import InactiveEmployeeStatusError
from frappe.utils import strip_html
from redis.exceptions import RedisError
from rq.timeouts import BaseTimeoutException

from zkteco_biometric.cycle.plan import CheckIn, Known, Reason, punch_key
from zkteco_biometric.cycle.result import Refused, Stored
from zkteco_biometric.cycle.spans import spans
from zkteco_biometric.frappe_hr.names import (
	CHECK_IN,
	DEVICE_FIELD,
	KEY_FIELD,
	LOG_FIELD,
	PUNCH_FIELD,
	TRANSACTION_FIELD,
)
from zkteco_biometric.frappe_hr.wording import speaking_to_the_site

_CHUNK = 100
_ALL = "zkteco_all"
_ROW = "zkteco_row"
_REFUSALS = (frappe.ValidationError, frappe.PermissionError, frappe.NameError)
NOT_THE_ROW = (
	frappe.QueryDeadlockError,
	frappe.QueryTimeoutError,
	BaseTimeoutException,
	RedisError,
)
"""The database or the queue, not this check-in: the cycle stops, and nothing moves."""
_NO_SUCH_SAVEPOINT = 1305
_LONGEST_KEY = 140
_A_SECOND = timedelta(seconds=1)


def existing_check_ins(keys: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
	"""Those (employee, second) pairs that have a check-in of whatever origin and log type; one query.

	Check-ins that other means have stored may carry microseconds: they exist at their whole second.
	"""
	if not keys:
		return set()
	within = spans(time for _, time in keys)
	# As plain statements, here and below: Frappe's builders look at each of hundreds of values.
	rows = frappe.db.sql(
		f"""select employee, time from `tab{CHECK_IN}` where employee in %(employees)s
			and ({" or ".join([f"(time >= %(from_{n})s and time < %(to_{n})s)" for n in range(len(within))])})""",
		{
			"employees": tuple({employee for employee, _ in keys}),
			**{f"from_{number}": first for number, (first, _) in enumerate(within)},
			**{f"to_{number}": last + _A_SECOND for number, (_, last) in enumerate(within)},
		},
	)
	return {(employee, time.replace(microsecond=0)) for employee, time in rows} & set(keys)


def known_check_ins(device: str, keys: Collection[str]) -> dict[str, Known]:
	"""Those punches of the device, by key, that have become check-ins, whoever had their code then; one query."""
	if not keys:
		return {}
	rows = frappe.db.sql(
		f"""select `{PUNCH_FIELD}`, employee from `tab{CHECK_IN}`
			where `{PUNCH_FIELD}` in %(keys)s and `{DEVICE_FIELD}` = %(device)s order by `{PUNCH_FIELD}`""",
		{"keys": tuple(keys), "device": device},
	)
	return {key: Known(employee=employee) for key, employee in rows}


def unique_key(employee: str, time: datetime) -> str:
	"""What the database lets exist once: the employee and the second, within the length of a Data field."""
	key = f"{employee} {time:%Y-%m-%d %H:%M:%S}"
	return key if len(key) <= _LONGEST_KEY else sha1(key.encode()).hexdigest()


@dataclass(frozen=True)
class Batch:
	"""Check-ins to be written in one transaction: `write`, given them or those of them that are still to be written."""

	check_ins: Sequence[CheckIn]
	write: Callable[[Sequence[CheckIn]], Stored]
	is_last: bool


class CheckInWriter:
	"""Creates the check-ins of one device by `insert()`, so that every rule of HRMS and of other apps holds."""

	why_one_by_one: Mapping[str, str] = {}
	"""It never does otherwise, and needs no reason."""

	def __init__(self, device: str, url: str, sync_log: str | None = None) -> None:
		self._device = device
		self._url = url
		self._sync_log = sync_log

	def employee_fields(self) -> Collection[str]:
		"""HRMS looks for itself."""
		return ()

	def know(self, _employees: Sequence[frappe._dict]) -> None:
		"""As above."""

	def batches(self, check_ins: Sequence[CheckIn], *, more_follow: bool = False) -> Iterator[Batch]:
		"""By the hundred, and one that is empty where there is nothing to write.

		HRMS's naming series is locked from the first insert to the commit: nobody else's check-in waits for a whole page.
		"""
		starts = range(0, len(check_ins), _CHUNK) or range(1)
		for start in starts:
			is_last = start == starts[-1] and not more_follow
			yield Batch(check_ins[start : start + _CHUNK], self.write, is_last)

	def write(
		self,
		check_ins: Sequence[CheckIn],
		names: Mapping[tuple, str] | None = None,
		*,
		others_got_through: bool = False,
	) -> Stored:
		"""Within the caller's transaction. A row that is refused costs the others nothing. `names`: by the key of a check-in,
		the name that it is given already. `others_got_through`: check-ins of other people, in the same transaction.

		A refusal before anything is written, as HRMS's are, needs no more than a note. Where another app fails after its
		row was written, or in a way that nobody foresaw, all are taken back and written again with a savepoint for each.
		"""
		frappe.db.savepoint(_ALL)
		with _a_lost_transaction_is_a_deadlock(), speaking_to_the_site():
			stored = self._write(check_ins, names or {}, others_got_through)
			frappe.db.release_savepoint(_ALL)
		return stored

	def _write(
		self, check_ins: Sequence[CheckIn], names: Mapping[tuple, str], others_got_through: bool
	) -> Stored:
		try:
			return add_up([self._create(check_in, names.get(check_in.key)) for check_in in check_ins])
		except _TakeBack:
			frappe.db.rollback(save_point=_ALL)
			return self._write_carefully(check_ins, names, others_got_through)

	def _create(self, check_in: CheckIn, name: str | None) -> Stored:
		doc = self._document(check_in)
		try:
			doc.insert(ignore_permissions=True, set_name=name)  # the device writes, whoever pressed Sync Now
		except NOT_THE_ROW:
			raise
		except _REFUSALS as error:
			frappe.clear_last_message()  # it is told in the Error Log, not to whoever pressed Sync Now
			if not doc.is_new():
				raise _TakeBack from error
			return _not_created(check_in, error)
		except Exception as error:
			raise _TakeBack from error
		return Stored(created=1)

	def _write_carefully(
		self, check_ins: Sequence[CheckIn], names: Mapping[tuple, str], others_got_through: bool
	) -> Stored:
		"""Raises what nobody foresaw only where it met several people and nobody got through: then it is no row's fault."""
		outcomes, unforeseen = [], {}
		for check_in in check_ins:
			frappe.db.savepoint(_ROW)
			try:
				self._document(check_in).insert(
					ignore_permissions=True,  # as above
					set_name=names.get(check_in.key),
				)
				outcomes.append(Stored(created=1))
			except NOT_THE_ROW:
				raise
			except Exception as error:  # noqa: BLE001 another app's hook may raise anything; the others' pay depends on us
				frappe.db.rollback(save_point=_ROW)
				frappe.clear_last_message()
				if not isinstance(error, _REFUSALS):
					unforeseen[check_in.employee] = error
				outcomes.append(_not_created(check_in, error))
		stored = add_up(outcomes)
		if len(unforeseen) > 1 and not (stored.created or stored.raced or others_got_through):
			raise next(iter(unforeseen.values()))
		return stored

	def values(self, check_in: CheckIn) -> dict[str, Any]:
		"""What `insert()` is given of a check-in."""
		return {
			"employee": check_in.employee,
			"time": check_in.time,
			"log_type": check_in.log_type,
			"device_id": self._url,
			DEVICE_FIELD: self._device,
			TRANSACTION_FIELD: None if check_in.punch.id is None else str(check_in.punch.id),
			LOG_FIELD: self._sync_log,
			PUNCH_FIELD: punch_key(check_in.punch),
			KEY_FIELD: unique_key(check_in.employee, check_in.time),
		}

	def _document(self, check_in: CheckIn):
		return frappe.get_doc({"doctype": CHECK_IN, **self.values(check_in)})


@contextmanager
def _a_lost_transaction_is_a_deadlock() -> Iterator[None]:
	"""A deadlock takes the whole transaction with it. Where another app's code has swallowed it, the savepoint is gone."""
	try:
		yield
	except frappe.db.OperationalError as error:
		if error.args[0] != _NO_SUCH_SAVEPOINT:
			raise
		raise frappe.QueryDeadlockError(*error.args) from error


class _TakeBack(Exception):
	"""A row failed in a way that may have left something behind."""


def add_up(outcomes: Sequence[Stored]) -> Stored:
	"""Several outcomes as one."""
	return Stored(
		created=sum(outcome.created for outcome in outcomes),
		raced=sum(outcome.raced for outcome in outcomes),
		in_bulk=sum(outcome.in_bulk for outcome in outcomes),
		refused=tuple(refused for outcome in outcomes for refused in outcome.refused),
	)


def _not_created(check_in: CheckIn, error: Exception) -> Stored:
	"""Somebody else was faster, as the key or a second look says; anything else is a refusal in the site's words."""
	if isinstance(error, frappe.UniqueValidationError) and KEY_FIELD in str(error.args):
		return Stored(created=0, raced=1)
	if existing_check_ins([check_in.key]):
		return Stored(created=0, raced=1)
	told = strip_html(str(error)).strip()
	reason = told if isinstance(error, _REFUSALS) and told else f"{type(error).__name__}: {told}"
	return Stored(created=0, refused=(Refused(check_in, reason, _kind(error)),))


def _kind(error: Exception) -> Reason:
	inactive = isinstance(error, InactiveEmployeeStatusError)
	return Reason.INACTIVE_EMPLOYEE if inactive else Reason.REFUSED
