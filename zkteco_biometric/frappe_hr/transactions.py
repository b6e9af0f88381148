"""Writing beside others, and for a long time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import frappe

_Written = TypeVar("_Written")


def patiently(write: Callable[[bool], _Written]) -> _Written:
	"""Where another transaction is in the way, what was written is taken back and written again, three times at most.

	`write` is told whether it is again.
	"""
	for again in (False, True):
		try:
			return write(again)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
	return write(True)


@contextmanager
def nothing_kept() -> Iterator[None]:
	"""Frappe notes every document that it saves, and of an inserted one, which had no name by then, the note stays.

	A long sync would grow by it, and slow down: each insert looks through the notes.
	"""
	notes = frappe.flags.get("currently_saving")
	notes = [] if notes is None else notes
	known = len(notes)
	try:
		yield
	finally:
		del notes[known:]
