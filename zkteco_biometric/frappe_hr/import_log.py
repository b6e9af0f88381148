"""The ZKTeco Sync Log of an import: what was asked for, how far it has come, and what a person sees of it."""

from collections.abc import Mapping

import frappe
from frappe.utils import get_datetime, now_datetime

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.import_range import ImportPosition, ImportRange
from zkteco_biometric.cycle.ports import Cancelled, Superseded
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import IMPORT, RUNNING, Writing, outcome
from zkteco_biometric.frappe_hr.wording import stored
from zkteco_biometric.wording import _

QUEUED, UNFINISHED, FAILED, CANCELLED = "Queued", "Unfinished", "Failed", "Cancelled"
UNDER_WAY = (QUEUED, RUNNING, UNFINISHED)
CAN_BE_RESUMED = (FAILED, CANCELLED, "Cut Off")
_COUNTERS = ("created", "duplicate", "pending", "ignored")
_CHANGED = _("The settings of the device were changed while the import was running.")
_ANEW = _(
	"Look at the settings, then press Resume: the import reads its range from the beginning, and creates nothing twice."
)
_MOST_DETAILS = 60


def create_import_log(device: str, wanted: ImportRange) -> str:
	"""Within the caller's transaction; returns its name."""
	log = frappe.get_doc(
		{
			"doctype": SYNC_LOG,
			"device": device,
			"trigger": IMPORT,
			"user": frappe.session.user,
			"status": QUEUED,
			"window_start": str(wanted.start),
			"window_end": str(wanted.end),
			"codes": "\n".join(wanted.codes) or None,
		}
	)
	return log.insert(
		ignore_permissions=True
	).name  # nobody may create logs; who calls this may write the device


class ImportLog:
	"""To an import what both the device's state and the log are to a sync: all that is remembered stands on this document.

	The device's own document is only read.
	"""

	is_committed = True

	def __init__(self, name: str, clocks: WallClocks) -> None:
		self.name = name
		self.clocks = clocks
		self.device: str = frappe.db.get_value(SYNC_LOG, name, "device")
		self._before = Counters()
		self.total: int | None = None
		self._generation: int | None = None
		self._writing = Writing()

	def wrote(self, in_bulk: int, why_one_by_one: Mapping[str, str]) -> None:
		"""How check-ins were written that are stored by now."""
		self._writing.add(in_bulk, why_one_by_one)

	def open(self) -> None:
		"""It has been there since a person asked for it."""

	def begin(self) -> ImportPosition | None:
		"""Running from now on. Returns where it goes on; None where it begins, also since the device is read otherwise now."""
		kept = frappe.db.get_value(
			SYNC_LOG, self.name, [*_COUNTERS, "began", "checkpoint", "generation"], as_dict=True
		)
		self._generation = _generation(self.device)
		self._before = Counters(*(kept[name] or 0 for name in _COUNTERS))
		goes_on = bool(kept.checkpoint) and kept.generation == self._generation
		position = ImportPosition.from_json(kept.checkpoint) if goes_on else None
		self.total = position.total if position else None
		self._write(
			{
				"status": RUNNING,
				"began": kept.began or now_datetime(),
				"ended": None,
				"error": None,
				"remedy": None,
				"generation": self._generation,
				"checkpoint": kept.checkpoint if goes_on else None,
			}
		)
		return position

	def wanted(self) -> ImportRange:
		start, end, codes = frappe.db.get_value(SYNC_LOG, self.name, ["window_start", "window_end", "codes"])
		return ImportRange(get_datetime(start), get_datetime(end), tuple((codes or "").split()))

	def is_current(self) -> bool:
		"""Whether nobody has changed meanwhile what is to be read."""
		return _generation(self.device) == self._generation

	def refuse_if_superseded(self) -> None:
		"""Raises `Superseded` where somebody has changed what is to be read, `Cancelled` where somebody wants it to stop."""
		if not self.is_current():
			raise Superseded
		if frappe.db.get_value(SYNC_LOG, self.name, "cancel_requested", for_update=True) != 0:
			raise Cancelled

	def save_position(self, position: ImportPosition) -> None:
		"""Within the caller's transaction, which brings the check-ins that it covers too."""
		self.total = position.total
		self._write({"checkpoint": position.as_json(), "total": position.total or 0})

	def count(self, counted: Counters, pages: int, *, in_bulk: int) -> None:
		"""Within the transaction that stores what is counted, so that they agree whenever a worker dies."""
		table = frappe.qb.DocType(SYNC_LOG)
		more = {**counted.as_dict(), "pages": pages, "written_in_bulk": in_bulk}
		query = frappe.qb.update(table).where(table.name == self.name).set(table.fruitless, 0)
		for name, number in more.items():
			query = query.set(table[name], table[name] + number)
		query.run()

	def so_far(self, result: CycleResult) -> Counters:
		"""The counters of earlier turns, and of this one."""
		return self._before + result.counters

	def end(self, result: CycleResult) -> None:
		"""How this turn went; what earlier turns met is told too."""
		kept = frappe.db.get_value(
			SYNC_LOG,
			self.name,
			["details", "http_seconds", "db_seconds", "why_one_by_one"],
			as_dict=True,
		)
		writing = self._writing.as_values()
		told = {
			name: value for name, value in outcome(result).items() if name in ("status", "error", "remedy")
		}
		if result.superseded:
			told |= {"error": stored(_CHANGED), "remedy": stored(_ANEW)}
		details = None if result.superseded else outcome(result)["details"]
		self._write(
			{
				**told,
				"ended": now_datetime(),
				"details": _both(kept.details, details),
				"http_seconds": (kept.http_seconds or 0) + round(result.http_seconds, 3),
				"db_seconds": (kept.db_seconds or 0) + round(result.db_seconds, 3),
				"why_one_by_one": _both(kept.why_one_by_one, writing["why_one_by_one"]),
			}
		)

	def _write(self, values: dict[str, object]) -> None:
		frappe.db.set_value(SYNC_LOG, self.name, values)


def end_early(log: str, status: str, error: str | None = None, remedy: str | None = None) -> None:
	"""Without a result; the counters are those of what is stored."""
	told = {"error": stored(error or "") or None, "remedy": stored(remedy or "") or None}
	frappe.db.set_value(SYNC_LOG, log, {"status": status, "ended": now_datetime(), **told})


def _generation(device: str) -> int | None:
	return frappe.db.get_value(SETTINGS, device, "generation", for_update=True)


def _both(before: str | None, now: object) -> str | None:
	"""The lines of both, each once."""
	lines = dict.fromkeys([*(before or "").splitlines(), *str(now or "").splitlines()])
	return "\n".join(list(lines)[:_MOST_DETAILS]) or None
