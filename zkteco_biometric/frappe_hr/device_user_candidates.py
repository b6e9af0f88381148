"""Who a pass over a device's people has to consider: whose check-ins have changed, who is held, and whose time has come."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.device_users.decision import ControlRules, Facts
from zkteco_biometric.device_users.ports import Candidate
from zkteco_biometric.device_users.states import DeviceUser
from zkteco_biometric.frappe_hr.device_user_facts import employees_changed_since, facts_of
from zkteco_biometric.frappe_hr.device_user_records import HELD, NOT_HELD, Stored, stored_users
from zkteco_biometric.frappe_hr.names import SETTINGS

_LATE_COMMITS = timedelta(minutes=10)
"""A check-in may be committed so long after it was written."""


@dataclass(frozen=True)
class Watermark:
	"""Up to which change of check-ins a device's people have been considered, naive by the site's clock; and up to when
	(aware) a check-in disables nobody there any more, whatever comes to be known of it.
	"""

	since: datetime
	spent: datetime

	def as_json(self) -> str:
		return json.dumps({"since": str(self.since), "spent": self.spent.isoformat()})

	@classmethod
	def from_json(cls, text: str) -> "Watermark":
		stored = json.loads(text)
		return cls(get_datetime(stored["since"]), datetime.fromisoformat(stored["spent"]))

	@classmethod
	def at(cls, now: datetime, clocks: WallClocks) -> "Watermark":
		"""From this moment on only."""
		return cls(clocks.on_site(now), now)


@dataclass(frozen=True)
class Found:
	"""The candidates, the rows they are remembered in, and the watermark once all of them have been considered.

	`unreadable`: employees whose row cannot be read. Nothing is done with them, lest the row be overwritten.
	"""

	candidates: list[Candidate]
	known: dict[str, Stored]
	watermark: Watermark
	unreadable: list[str] = field(default_factory=list)


def is_controlled(settings) -> bool:
	"""Whether check-ins are to enable and disable people on this device, be it in a dry run."""
	return bool(settings.enable and settings.control_users)


def find_candidates(settings, clocks: WallClocks, rules: ControlRules, now: datetime) -> Found:
	"""Where people are not, or no longer, to be controlled: those whom we hold, all of whom are to be let go."""
	stored = settings.control_watermark
	mark = Watermark.from_json(stored) if stored else Watermark.at(now, clocks)
	found = stored_users(settings.name, clocks, HELD)
	changed: set[str] = set()
	if is_controlled(settings):
		changed, latest = employees_changed_since(_since(mark, clocks, now))
		mark = replace(mark, since=max(filter(None, (latest, mark.since))))
		found |= _due_or_changed(settings.name, clocks, now, changed - set(found))
	known = {employee: row for employee, row in found.items() if row}
	unreadable = sorted(found.keys() - known.keys())
	facts = facts_of((changed | set(known)) - set(unreadable), clocks, rules, now)
	all_go = not is_controlled(settings) or bool(settings.control_dry_run)
	candidates = [
		Candidate(
			person,
			_record(
				person, known.get(name), mark, all_go=all_go and not stays(person, known.get(name), rules)
			),
		)
		for name, person in sorted(facts.items())
	]
	return Found(candidates, known, mark, unreadable)


def _due_or_changed(
	device: str, clocks: WallClocks, now: datetime, changed: Collection[str]
) -> dict[str, Stored | None]:
	"""The rows of those who are not held: whose time has come, and whose check-ins have changed."""
	rows = stored_users(device, clocks, {**NOT_HELD, "due_at": ("<=", clocks.on_site(now))})
	others = set(changed) - set(rows)
	if others:
		rows |= stored_users(device, clocks, {"employee": ("in", sorted(others))})
	return rows


def stays(facts: Facts, stored: Stored | None, rules: ControlRules) -> bool:
	"""Whether this person stays disabled whoever is enabled: they are, have left, and the site wants it so."""
	return facts.left and rules.keep_left and stored is not None and stored.record.disabled_on is not None


def _since(mark: Watermark, clocks: WallClocks, now: datetime) -> datetime:
	"""Also where the site's clock was set back since."""
	return min(mark.since, clocks.on_site(now)) - _LATE_COMMITS


def _record(facts: Facts, stored: Stored | None, mark: Watermark, *, all_go: bool) -> DeviceUser | None:
	"""With what holds for the whole device: check-ins that have had their effect, and that everybody is to be enabled."""
	record = stored.record if stored else None
	newest = facts.newest
	if newest and newest.time <= mark.spent:
		record = record or DeviceUser(facts.employee, facts.emp_code)
		record = replace(record, spent=max(filter(None, (record.spent, mark.spent))))
	if record and record.is_held and all_go:
		record = replace(record, released=True)
	return record


def save_watermark(device: str, mark: Watermark, generation: int | None = None) -> None:
	"""Within the caller's transaction; not where somebody has set another one since that generation."""
	current = frappe.db.get_value(SETTINGS, device, "control_generation", for_update=True)
	if generation is None or (current or 0) == generation:
		frappe.db.set_value(SETTINGS, device, "control_watermark", mark.as_json(), update_modified=False)
