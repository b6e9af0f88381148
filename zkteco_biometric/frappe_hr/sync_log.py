"""ZKTeco Sync Log: one for each cycle that did something or met something, and for each that a person asked for."""

from collections.abc import Mapping
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.result import CycleResult, UnknownCode
from zkteco_biometric.frappe_hr.names import CHECK_IN, LOG_FIELD, PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.wording import stored, stored_lines
from zkteco_biometric.wording import _

SCHEDULER, USER, COMMAND, IMPORT = "Scheduler", "User", "Command", "Import"
RUNNING, CUT_OFF = "Running", "Cut Off"
_CUT_OFF = _("The worker was ended in the middle of it.")
_GOES_ON = _("Nothing is lost: the next sync goes on where this one stopped.")
_LONGEST_CODE = 40


class Writing:
	"""How check-ins were written: how many a page at a time, and why others were not."""

	def __init__(self) -> None:
		self._in_bulk = 0
		self._why: dict[str, str] = {}

	def add(self, in_bulk: int, why_one_by_one: Mapping[str, str]) -> None:
		self._in_bulk += in_bulk
		self._why.update(why_one_by_one)

	def as_values(self) -> dict[str, object]:
		return {
			"written_in_bulk": self._in_bulk,
			"why_one_by_one": stored_lines(list(self._why.values())) or None,
		}


class SyncLog:
	"""The log of one cycle. Its name is known from the beginning, its row appears with the first news.

	`is_committed`: set by who commits the transaction of `open`, which is repeated until then.
	"""

	def __init__(self, device: str, trigger: str, began: datetime, clocks: WallClocks) -> None:
		self.name: str = frappe.generate_hash(length=10)
		self.is_committed = False
		self._by_person = trigger != SCHEDULER
		self._writing = Writing()
		self._values = {
			"device": device,
			"trigger": trigger,
			"user": frappe.session.user if self._by_person else None,
			"began": clocks.on_site(began),
		}

	def open(self) -> None:
		"""Within the caller's transaction: from its commit on, people see a cycle that is running."""
		if not self.is_committed:
			_insert(self.name, {**self._values, "status": RUNNING})

	def wrote(self, in_bulk: int, why_one_by_one: Mapping[str, str]) -> None:
		"""How check-ins were written that are stored by now."""
		self._writing.add(in_bulk, why_one_by_one)

	def close(self, result: CycleResult) -> None:
		"""Within the caller's transaction. A quiet cycle of the scheduler leaves nothing."""
		if result.is_quiet and not self._by_person and not self.is_committed:
			return
		self.open()
		_write(self.name, {"ended": now_datetime(), **outcome(result), **self._writing.as_values()})


def close_cut_off(device: str) -> int:
	"""Closes what a dead worker has left *Running*; for who holds the device's lock. Returns how many there were."""
	logs = frappe.get_all(
		SYNC_LOG,
		filters={"device": device, "status": RUNNING, "trigger": ("!=", IMPORT)},
		pluck="name",
		order_by="creation",
	)
	for name in logs:
		close_early(name, CUT_OFF, _CUT_OFF, _GOES_ON)
	return len(logs)


def close_running(device: str, error: str, remedy: str) -> None:
	"""After an error of ours: what was begun and not closed has failed."""
	for name in frappe.get_all(
		SYNC_LOG,
		filters={"device": device, "status": RUNNING, "trigger": ("!=", IMPORT)},
		pluck="name",
		order_by="creation",
	):
		close_early(name, "Failed", error, remedy)


def close_early(name: str, status: str, error: str, remedy: str) -> None:
	"""Without the counters of its cycle: what it brought is counted in the database."""
	created = frappe.db.count(CHECK_IN, {LOG_FIELD: name})
	pending = frappe.db.count(PENDING, {"sync_log": name})
	counted = {"created": created, "pending": pending, "fetched": created + pending}
	_write(
		name,
		{
			"status": status,
			"ended": now_datetime(),
			"error": stored(error),
			"remedy": stored(remedy),
			**counted,
		},
	)


def outcome(result: CycleResult) -> dict[str, object]:
	"""What a log tells of a cycle that has ended."""
	failure = result.failure
	return {
		"status": _status(result),
		"window_start": str(result.window_start) if result.window_start else None,
		"window_end": str(result.window_end) if result.window_end else None,
		"pages": result.pages,
		"http_seconds": round(result.http_seconds, 3),
		"db_seconds": round(result.db_seconds, 3),
		"error": stored(failure.message) if failure else None,
		"remedy": stored(failure.remedy) if failure else None,
		"details": "\n".join(_details(result)) or None,
		**result.counters.as_dict(),
	}


def _status(result: CycleResult) -> str:
	if result.failure:
		return "Failed"
	if result.superseded or result.cancelled:
		return "Cancelled"
	return "Unfinished" if result.unfinished else "Success"


def _details(result: CycleResult) -> list[str]:
	if result.superseded:
		changed = _("The settings of the device were changed meanwhile. The next sync goes by the new ones.")
		return [stored(changed)]
	rules = [
		_("{0} left out by a rule: {1}").format(number, rule)
		for rule, number in result.ignored_rules.most_common()
	]
	codes = [_unknown(code, seen) for code, seen in sorted(result.unknown_codes.items())]
	parts = [rules, codes, result.rejections, result.wrong_clocks, _page_size(result)]
	return [stored_lines(lines) for lines in parts if lines]


def _page_size(result: CycleResult) -> list[str]:
	if result.page_size_borne is None:
		return []
	slow = _("Read in pages of {0} punches: the server is slow with larger ones, or fails over them.")
	return [slow.format(result.page_size_borne)]


def _unknown(code: str, seen: UnknownCode) -> str:
	return _("{0} is nobody's Biometric ID: {1} from {2} to {3}").format(
		code[:_LONGEST_CODE], seen.punches, seen.first, seen.last
	)


def _insert(name: str, values: dict[str, object]) -> None:
	"""Past `insert()`: a page that is written again after a deadlock opens the same log once more."""
	now, user = now_datetime(), frappe.session.user
	row = {
		"name": name,
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		**values,
	}
	frappe.db.bulk_insert(SYNC_LOG, list(row), [list(row.values())], ignore_duplicates=True)


def _write(name: str, values: dict[str, object]) -> None:
	frappe.db.set_value(SYNC_LOG, name, values)
