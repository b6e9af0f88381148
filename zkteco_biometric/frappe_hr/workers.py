"""Whether somebody is there to do background work."""

import frappe
from frappe.utils.background_jobs import get_queue, get_workers, is_job_enqueued

from zkteco_biometric.frappe_hr.names import job_id

QUEUE = "long"


def worker_is_running() -> bool:
	"""Whether a worker listens to the queue that syncs go to."""
	queue = get_queue(QUEUE).name
	return any(queue in worker.queue_names() for worker in get_workers())


def sync_is_enqueued(device: str) -> bool:
	return bool(is_job_enqueued(job_id("sync", device)))


def enqueue_sync(device: str, timeout: int) -> bool:
	"""One job a device, whoever asks, once the transaction is committed; False where one waits or runs already."""
	if sync_is_enqueued(device):
		return False
	frappe.enqueue(
		"zkteco_biometric.sync.sync_device",
		queue=QUEUE,
		timeout=timeout,
		job_id=job_id("sync", device),
		deduplicate=True,
		enqueue_after_commit=True,
		device=device,
	)
	return True
