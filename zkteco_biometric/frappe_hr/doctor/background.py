"""Whether anything happens by itself: the scheduler, the queue, and workers for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils import cint
from frappe.utils.background_jobs import get_queue
from redis.exceptions import RedisError
from rq.exceptions import DeserializationError
from rq.job import Job

from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding
from zkteco_biometric.frappe_hr.heartbeat import last_tick, scheduler_ticks
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE, QUEUE, worker_is_running

_APP = "zkteco_biometric."
_SCHEDULER, _QUEUE = Area("Scheduler"), Area("Queue and workers")
_PURPOSES = {
	QUEUE: "syncs and imports",
	CONTROL_QUEUE: "device users and pending punches",
	"short": "log-ins after saving",
}
_MOST_JOBS = 200
_WAITS_AT_MOST = timedelta(minutes=30)


def check_scheduler() -> Iterator[Finding]:
	reasons = list(_switched_off())
	yield from reasons
	yield from _stopped_jobs()
	ticked = last_tick()
	if scheduler_ticks():
		yield _SCHEDULER.good(f"It has called this app last at {ticked.replace(microsecond=0)}.")
	elif not reasons:
		since = f"since {ticked.replace(microsecond=0)}" if ticked else "yet"
		yield _SCHEDULER.failure(
			f"It has not called this app {since}, though it is switched on.",
			"Start the bench's scheduler process and its workers: bench start on a development bench, else sudo supervisorctl "
			"status tells which of them is down.",
		)


def _switched_off() -> Iterator[Finding]:
	"""Each place by itself: a person who mends one must not find the next afterwards."""
	on_site = f"bench --site {frappe.local.site}"
	conf = frappe.local.conf
	if conf.maintenance_mode:
		yield _SCHEDULER.failure("The site is in maintenance mode.", f"{on_site} set-maintenance-mode off")
	if conf.pause_scheduler:
		yield _SCHEDULER.failure("It is paused in the site's configuration.", f"{on_site} scheduler resume")
	if conf.disable_scheduler:
		yield _SCHEDULER.failure(
			"It is disabled by disable_scheduler in a site_config.json.",
			f"{on_site} set-config -p disable_scheduler 0, or take it out of common_site_config.json.",
		)
	if not cint(frappe.db.get_single_value("System Settings", "enable_scheduler", cache=False)):
		yield _SCHEDULER.failure("It is disabled in System Settings.", f"{on_site} enable-scheduler")


def _stopped_jobs() -> Iterator[Finding]:
	known = frappe.get_all(
		"Scheduled Job Type",
		filters={"method": ("like", f"{_APP}%")},
		fields=["method", "stopped"],
		order_by="method",
	)
	wanted = set(_methods(frappe.get_hooks("scheduler_events", app_name="zkteco_biometric")))
	for method in sorted(wanted - {row.method for row in known}):
		yield _SCHEDULER.failure(f"It does not know {method}.", f"bench --site {frappe.local.site} migrate")
	for row in known:
		if row.stopped and row.method in wanted:
			yield _SCHEDULER.failure(
				f"{row.method} is stopped.", "Untick Stopped on that Scheduled Job Type in Desk, and save."
			)


def _methods(events: dict) -> Iterator[str]:
	"""By frequency, and under cron once more by expression."""
	for methods in events.values():
		yield from _methods(methods) if isinstance(methods, dict) else methods


def check_queue() -> Iterator[Finding]:
	try:
		yield from [*_workers(), *_waiting_jobs(), *_failed_jobs()]
	except RedisError:
		yield _QUEUE.failure(
			"The queue (Redis) cannot be reached: nothing is synced by itself, nor by Sync Now.",
			"Start Redis for the queue, and check redis_queue in common_site_config.json. Until then zkteco-sync works.",
		)


def _workers() -> Iterator[Finding]:
	"""One that is alone may listen to several queues."""
	idle = [queue for queue in _PURPOSES if not worker_is_running(queue)]
	for queue in idle:
		yield _QUEUE.failure(
			f"No worker takes jobs of the queue {queue} ({_PURPOSES[queue]}).",
			f"Start a worker: bench worker --queue {queue}; or let bench setup supervisor write one.",
		)
	if not idle:
		yield _QUEUE.good(f"Workers take jobs of the queues {', '.join(_PURPOSES)}.")


def _waiting_jobs() -> Iterator[Finding]:
	now = datetime.now(timezone.utc)
	for name in _PURPOSES:
		queue = get_queue(name)
		yield from about_waiting(name, queue.count, now - _oldest(queue, now))


def _oldest(queue, now: datetime) -> datetime:
	"""The first is the oldest, unless somebody was let ahead; then the last is one of those that were there before."""
	ids = [*queue.get_job_ids(0, 1), *queue.get_job_ids(-1, 1)]
	jobs = Job.fetch_many(ids, connection=queue.connection)
	return min((_aware(job.enqueued_at) for job in jobs if job and job.enqueued_at), default=now)


def _aware(time: datetime) -> datetime:
	"""Versions of rq differ; all of them mean UTC."""
	return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def about_waiting(queue: str, jobs: int, oldest: timedelta) -> Iterator[Finding]:
	if jobs and oldest > _WAITS_AT_MOST:
		minutes = int(oldest.total_seconds()) // 60
		yield _QUEUE.warning(
			f"{jobs} jobs wait in the queue {queue}, the oldest for {minutes} minutes.",
			"Look at RQ Job in Desk which one is stuck; start more workers if they are only slow.",
		)


def _failed_jobs() -> Iterator[Finding]:
	"""Without what they said, which may hold values of variables."""
	failed = [method for name in _PURPOSES for method in _failed(get_queue(name))]
	if failed:
		yield _QUEUE.warning(
			f"{len(failed)} jobs of this app have failed lately: {', '.join(sorted(set(failed)))}.",
			"Look at RQ Job in Desk, status failed, and at the Error Log.",
		)


def _failed(queue) -> Iterator[str]:
	registry = queue.failed_job_registry
	ids = registry.get_job_ids(-_MOST_JOBS, -1)
	for job in Job.fetch_many(ids, connection=queue.connection):
		asked = _asked(job)
		method = str(asked.get("method", ""))
		if method.startswith(_APP) and asked.get("site") == frappe.local.site and _is_recent(job):
			yield method.rpartition(".")[2]


def _asked(job: Job | None) -> dict:
	"""Nothing of a job that cannot be read, such as one of an app that is gone."""
	try:
		return job.kwargs if job else {}
	except DeserializationError:
		return {}


def _is_recent(job: Job) -> bool:
	ended = job.ended_at and _aware(job.ended_at)
	return bool(ended and ended > datetime.now(timezone.utc) - timedelta(days=1))


def check_cache() -> Iterator[Finding]:
	"""Redis of the cache: Frappe goes on without it, but slowly, and live updates do not arrive."""
	try:
		frappe.cache.ping()
	except RedisError:
		yield _QUEUE.warning(
			"Redis for the cache cannot be reached.",
			"Start it, and check redis_cache in common_site_config.json.",
		)


CHECKS = (check_scheduler, check_queue, check_cache)
