"""A day of 500 people whose check-ins enable and disable them on a device, played in minutes on a real site.

From a Tuesday's evening to the end of Wednesday: day shift and night shift, lunch, people who leave early, come too early or
are called back, some exempt, some with rights on the device; and a device that fails for an hour, just when the night shift is
to be enabled. Terminals refuse the punch of a person whom they do not hold. Syncs and sweeps run as the scheduler would run
them; only the time is not the true one. At the end Enable Everyone. Exits with 1 if a promise is broken.
"""

from __future__ import annotations

import argparse
import heapq
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count
from unittest.mock import patch
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_system_timezone, now_datetime

from benchmarks.history import code_of
from benchmarks.punch_server import PASSWORD
from benchmarks.workspace import DEVICE, NotHere, control_people, employee, job, start_over, workspace
from endurance.day_plan import (
	BEGINS,
	ENDS,
	FAILS,
	IN,
	TICK,
	WORKS_AGAIN,
	Expected,
	Kind,
	Wish,
	kinds_of,
)
from endurance.day_site import check_in_by_hand, people_at_work
from endurance.day_told import Life, Played, broken, told
from zkteco_biometric.biotime.transport import Transport
from zkteco_biometric.frappe_hr.control_reports import USER_STATUS
from zkteco_biometric.frappe_hr.device_user_release import held_people
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.schedule import plan_of
from zkteco_biometric.simulator import Person, Simulator, faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.jobs import forget_jobs, own_queue, waiting_jobs
from zkteco_biometric.user_control import control_device_users, enable_everyone_now, sweep

_PARKING = "Not Authorized"
_TRIES_AGAIN = timedelta(minutes=5)
_HR_TAKES = timedelta(minutes=12)
_PARDONED = WORKS_AGAIN + 2 * TICK
"""Until then a person may be late because of the device: what fails is tried again after some minutes."""


MoveTo = Callable[[datetime], None]
"""Sets the time that everybody sees, by the site's wall clock. It stands still while something is done."""


def main() -> int:
	options = _options()
	signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))
	kinds = list(kinds_of(options.people))
	print(f"Seed {options.seed}: give it again for the same day.", flush=True)
	try:
		with workspace(options.site, options.people, options.force), people_at_work(options.site, kinds):
			played = _play(options, kinds)
	except NotHere as reason:
		sys.exit(str(reason))
	print("\n" + told(played))
	not_kept = broken(played)
	print("\n".join(f"BROKEN: {promise}" for promise in not_kept) or "Every promise was kept.")
	return 1 if not_kept else 0


def _play(options: argparse.Namespace, kinds: list[Kind]) -> Played:
	with job(options.site):
		zone = get_system_timezone()
	sim = Simulator(password=PASSWORD, time_zone=zone)
	lives = _employ(sim, kinds)
	with ExitStack() as stack:
		with job(options.site):
			stack.enter_context(own_queue())
		real_time = time.perf_counter
		# What waits before it asks again would wait in vain: the device's time does not pass meanwhile.
		stack.enter_context(patch.dict(Transport.__init__.__kwdefaults__, sleep=lambda _seconds: None))
		move_to = stack.enter_context(_another_time(zone))
		sim.start()
		stack.callback(sim.stop)
		day = _Day(options, sim, move_to, Played(lives), chance=random.Random(options.seed))
		began = real_time()
		day.play()
		day.played.seconds = real_time() - began
		return day.played


@contextmanager
def _another_time(zone: str) -> Iterator[MoveTo]:
	try:
		from freezegun import freeze_time
	except ImportError as error:
		raise NotHere(
			"freezegun is not in the bench's environment: bench setup requirements --dev."
		) from error
	with freeze_time(_utc(BEGINS, zone)) as frozen:
		yield lambda wall: frozen.move_to(_utc(wall, zone))


def _utc(wall: datetime, zone: str) -> datetime:
	return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc).replace(tzinfo=None)


def _employ(sim: Simulator, kinds: list[Kind]) -> list[Life]:
	"""Everybody is held by the gate, some by other terminals too."""
	gate = sim.store.add_area("10", "Gate")
	others = [sim.store.add_area(str(11 + number), f"Hall {number}") for number in range(3)]
	for area in (gate, *others):
		sim.store.add_terminal(area.name, area=area)
	lives = []
	for place, kind in enumerate(kinds):
		areas = [*others[: place % 4], gate]
		person = sim.store.add_person(
			code_of(place),
			first_name=f"Person {place}",
			areas=areas,
			privilege=kind.privilege,
			device_password="4711",
		)
		lives.append(Life(person.emp_code, kind, person, Expected(BEGINS, BEGINS)))
	return lives


class _Day:
	def __init__(
		self,
		options: argparse.Namespace,
		sim: Simulator,
		move_to: MoveTo,
		played: Played,
		chance: random.Random,
	) -> None:
		self.site = options.site
		self.sim = sim
		self.move_to = move_to
		self.played = played
		half = (WORKS_AGAIN - FAILS) / 2
		self._troubles = [
			(FAILS, sim.stop),
			(FAILS + half, self.comes_back_broken),
			(WORKS_AGAIN, sim.faults.clear),
		]
		self._order = count()
		self._wishes: list[tuple[datetime, int, Life, Wish]] = []
		for life in played.lives:
			for wish in life.kind.wishes(chance):
				self._later(life, wish)

	def play(self) -> None:
		with job(self.site):
			start_over(self.sim.url, 500)
			control_people(parking_area=_PARKING)
		now = BEGINS
		while now <= ENDS:
			self.people_punch(now)
			self.move_to(now)
			self.let_fail(now)
			self.scheduler_comes_round()
			self.look(now)
			if now.minute == now.second == 0:
				parked = sum(life.is_parked for life in self.played.lives)
				print(f"... {now:%A %H:%M}: {parked} people disabled", file=sys.stderr, flush=True)
			now += TICK
		self.end(now - TICK)

	def people_punch(self, until: datetime) -> None:
		while self._wishes and self._wishes[0][0] <= until:
			when, _, life, wish = heapq.heappop(self._wishes)
			self.move_to(when)
			life.tried += 1
			if self.sim.store.person_punches(life.code, "Gate", when, wish.state):
				life.checks_in(when, wish.state)
			else:
				self.refused(life, wish)

	def refused(self, life: Life, wish: Wish) -> None:
		life.refused += 1
		if life.newest.is_due_at(wish.when - TICK):
			if FAILS <= wish.when < _PARDONED:
				life.refused_by_failure += 1
			else:
				life.refused_when_due += 1
		if wish.asks_hr:
			when = wish.when + timedelta(minutes=2)
			with job(self.site):
				check_in_by_hand(life.code, when)
			life.checks_in(when, IN)
			self._later(life, replace(wish, when=wish.when + _HR_TAKES, asks_hr=False))
		else:
			self._later(life, replace(wish, when=wish.when + _TRIES_AGAIN))

	def _later(self, life: Life, wish: Wish) -> None:
		heapq.heappush(self._wishes, (wish.when, next(self._order), life, wish))

	def let_fail(self, now: datetime) -> None:
		"""Switched off for half of the hour, then error pages for whatever is asked."""
		while self._troubles and self._troubles[0][0] <= now:
			self._troubles.pop(0)[1]()

	def comes_back_broken(self) -> None:
		self.sim.start()
		self.sim.faults.add(faults.html_error(), times=None)

	def scheduler_comes_round(self) -> None:
		"""What its two events do, and then the workers."""
		with job(self.site):
			if _is_due():
				sync_device(DEVICE)
				self.played.syncs += 1
			frappe.db.commit()
			for device in sweep():
				frappe.db.commit()
				self.played.passes += 1
				control_device_users(device)
			_deliver_notifications()
			forget_jobs()

	def look(self, now: datetime) -> None:
		"""At what the terminals hold by now."""
		with job(self.site):
			rows = frappe.get_all(
				DEVICE_USER,
				filters={"device": DEVICE, "told_on": ("is", "set")},
				fields=["employee", "told_on"],
				order_by="employee",
			)
		told = {row.employee: row.told_on for row in rows}
		for life in self.played.lives:
			life.told_on = told.get(employee(life.code), life.told_on)
			self.look_at(life, now)

	def look_at(self, life: Life, now: datetime) -> None:
		was = life.is_parked
		self.count_change(life)
		life.parked_though_free += life.is_parked and life.kind.is_free
		if was and not life.is_parked and life.late_by_failure:
			life.enabled_late_on = life.enabled_late_on or now
		if life.is_parked and life.newest.is_due_at(now):
			if FAILS <= now < _PARDONED:
				life.late_by_failure += TICK
			else:
				life.late += TICK

	def count_change(self, life: Life) -> None:
		was, life.is_parked = life.is_parked, self.person(life).area_names == [_PARKING]
		life.disabled += life.is_parked and not was
		life.enabled += was and not life.is_parked

	def person(self, life: Life) -> Person:
		return self.sim.store.person_by_code(life.code)

	def end(self, now: datetime) -> None:
		for life in self.played.lives:
			life.ends_wrong = life.is_parked != life.newest.is_disabled_at(now)
		with job(self.site):
			self.compare_check_ins()
			self.played.notifications = frappe.db.count(
				"Notification Log", {"document_type": SETTINGS, "document_name": DEVICE}
			)
			self.played.logged = frappe.db.count(
				"Error Log", {"method": USER_STATUS, "reference_name": DEVICE}
			)
			enable_everyone_now(DEVICE)
			self.played.held = len(held_people(DEVICE))
			forget_jobs()
		for life in self.played.lives:
			self.count_change(life)
			life.not_as_before = _shape(self.person(life)) != _shape(life.before)
		self.played.requests = self.sim.log.entries

	def compare_check_ins(self) -> None:
		rows = frappe.get_all(
			CHECK_IN,
			filters={"employee": ("in", [employee(life.code) for life in self.played.lives])},
			fields=["employee", "time", "log_type"],
			order_by="name",
		)
		held = Counter((row.employee, row.time, row.log_type) for row in rows)
		wanted = {
			(employee(life.code), *check_in) for life in self.played.lives for check_in in life.check_ins
		}
		self.played.lost = len(wanted - held.keys())
		self.played.too_many = sum(held.values()) - len(wanted & held.keys())


def _is_due() -> bool:
	"""As if the device were read at every tick; in the settings it never is, so that no scheduler joins in."""
	row = frappe.get_doc(SETTINGS, DEVICE)
	row.fetch_frequency = "All"
	return plan_of(row).is_due(now_datetime())


def _deliver_notifications() -> None:
	"""What a worker would do; everything else that was enqueued is done by the next tick."""
	for waiting in waiting_jobs("default"):
		if "make_notification_logs" in str(waiting.kwargs["method"]):
			frappe.get_attr(waiting.kwargs["method"])(**waiting.kwargs["kwargs"])
	frappe.db.commit()


def _shape(person: Person) -> tuple[Person, frozenset[int]]:
	"""A person as the server knows them; the order of areas means nothing."""
	return replace(person, areas=()), frozenset(person.area_ids)


def _options() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--site", required=True, help="a site with this app, made for such things")
	parser.add_argument("--people", type=int, default=500)
	parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
	parser.add_argument("--force", action="store_true", help="also on a site that has check-ins")
	return parser.parse_args()


if __name__ == "__main__":
	sys.exit(main())
