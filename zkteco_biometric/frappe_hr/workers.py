"""Whether somebody is there to do background work."""

from collections.abc import Sequence

import frappe
from frappe.utils.background_jobs import (
	create_job_id,
	get_job_status,
	get_queue,
	get_redis_conn,
	get_workers,
	is_job_enqueued,
)
from redis.exceptions import RedisError
from rq.job import Job, JobStatus

from zkteco_biometric.frappe_hr.names import job_id
from zkteco_biometric.frappe_hr.sync_log import SCHEDULER

QUEUE, CONTROL_QUEUE = "long", "default"
_CONTROL_TIME_OUT = 900
_SYNC, _REST = "sync", "rest"
_IN_THE_QUEUE = (JobStatus.QUEUED.value, JobStatus.STARTED.value)
_CONTROLS = ("control", "control_next")
_IMPORTS = ("import", "import_rest")
"""The ids of an import's jobs, one after the other: the one that is running enqueues the next."""


def worker_is_running(queue: str = QUEUE) -> bool:
	"""Whether a worker listens to that queue: unless told, the one that syncs go to."""
	queue = get_queue(queue).name
	return any(queue in worker.queue_names() for worker in get_workers())


def sync_is_enqueued(device: str) -> bool:
	return any(is_job_enqueued(job_id(purpose, device)) for purpose in (_SYNC, _REST))


def waits_for_a_worker(device: str) -> bool:
	"""Whether its sync stands in a queue that somebody works off; False where the queue cannot be asked."""
	try:
		return sync_is_enqueued(device) and worker_is_running()
	except RedisError:
		return False


def enqueue_sync(device: str, timeout: int, trigger: str = SCHEDULER) -> bool:
	"""One job a device, whoever asks, once the transaction is committed; False where one waits or runs already."""
	if sync_is_enqueued(device):
		return False
	_enqueue(_SYNC, device, timeout, trigger)
	return True


def enqueue_syncs(devices: Sequence[str], most: int, timeout: int) -> list[str]:
	"""For the scheduler: of those devices whose sync neither waits nor runs so many, in their order; once the transaction is
	committed. One look at the queue, however many they are.
	"""
	taken = _enqueued_among([job_id(purpose, device) for device in devices for purpose in (_SYNC, _REST)])
	free = [device for device in devices if not taken & {job_id(_SYNC, device), job_id(_REST, device)}]
	for device in free[:most]:
		_enqueue(_SYNC, device, timeout, SCHEDULER)
	return free[:most]


def _enqueued_among(ids: Sequence[str]) -> set[str]:
	"""What `is_job_enqueued` tells of each, by one round trip."""
	with get_redis_conn().pipeline(transaction=False) as asked:
		for id in ids:
			asked.hget(Job.key_for(create_job_id(id)), "status")
		told = asked.execute()
	return {id for id, status in zip(ids, told, strict=True) if frappe.as_unicode(status) in _IN_THE_QUEUE}


def enqueue_rest(device: str, trigger: str, timeout: int) -> None:
	"""From within a sync that has not come to its end: the next one, for which this one is not taken."""
	other = _REST if is_job_enqueued(job_id(_SYNC, device)) else _SYNC
	_enqueue(other, device, timeout, trigger)


def enqueue_control(device: str) -> bool:
	"""A pass over a device's people, ahead of other jobs and not behind long syncs, once the transaction is committed; beside one that runs, and may have looked already,
	one more waits. False where one waits.
	"""
	first, following = (job_id(purpose, device) for purpose in _CONTROLS)
	free = following if get_job_status(first) == JobStatus.STARTED else first
	if is_job_enqueued(free):
		return False
	frappe.enqueue(
		"zkteco_biometric.user_control.control_device_users",
		queue=CONTROL_QUEUE,
		at_front=True,
		timeout=_CONTROL_TIME_OUT,
		job_id=free,
		deduplicate=True,
		enqueue_after_commit=True,
		device=device,
	)
	return True


def import_is_enqueued(log: str) -> bool:
	return any(is_job_enqueued(job_id(purpose, log)) for purpose in _IMPORTS)


def enqueue_import(log: str, timeout: int) -> bool:
	"""The next turn of an import, once the transaction is committed, also from within a turn. False where both ids are taken:
	by a job that waits, or by those of workers that died, which the queue notices after some minutes.
	"""
	free = [purpose for purpose in _IMPORTS if not is_job_enqueued(job_id(purpose, log))]
	if free:
		_enqueue_import(free[0], log, timeout)
	return bool(free)


def _enqueue_import(purpose: str, log: str, timeout: int) -> None:
	frappe.enqueue(
		"zkteco_biometric.importing.import_range",
		queue=QUEUE,
		timeout=timeout,
		job_id=job_id(purpose, log),
		deduplicate=True,
		enqueue_after_commit=True,
		log=log,
	)


def _enqueue(purpose: str, device: str, timeout: int, trigger: str) -> None:
	frappe.enqueue(
		"zkteco_biometric.sync.sync_device",
		queue=QUEUE,
		timeout=timeout,
		job_id=job_id(purpose, device),
		deduplicate=True,
		enqueue_after_commit=True,
		device=device,
		trigger=trigger,
	)
