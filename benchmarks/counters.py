"""Exact counts: SQL statements by the database's own counters, calls of Redis by this process's connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import frappe
from redis.connection import AbstractConnection

_OF_TRANSACTIONS = ("Com_commit", "Com_begin")
_WATCHED = ("Questions", *_OF_TRANSACTIONS)


@dataclass
class Spent:
	"""What a block sent, known once it has ended.

	`statements`: all of this connection's; `of_transactions` of these are COMMIT, and the START TRANSACTION that Frappe sends
	after it. `redis_calls`: round trips, a pipeline being one.
	"""

	statements: int = 0
	of_transactions: int = 0
	redis_calls: int = 0


@contextmanager
def counting() -> Iterator[Spent]:
	"""Raises where the block has changed the connection, by which statements are counted."""
	spent, connection = Spent(), _connection()
	before = _counters()
	with _redis_counted(spent):
		yield spent
	after = _counters()
	if _connection() != connection:
		raise RuntimeError("Another connection was opened meanwhile: its statements are not counted.")
	# The counter counts the question for itself too.
	spent.statements = after["Questions"] - before["Questions"] - 1
	spent.of_transactions = sum(after[name] - before[name] for name in _OF_TRANSACTIONS)


def statements_so_far() -> int:
	"""How many statements this connection has sent, as the server has counted them."""
	return _counters()["Questions"]


def _counters() -> dict[str, int]:
	rows = frappe.db.sql("show session status where Variable_name in %s", (_WATCHED,))
	return {name: int(value) for name, value in rows}


def _connection() -> int:
	return frappe.db.sql("select connection_id()")[0][0]


@contextmanager
def _redis_counted(spent: Spent) -> Iterator[None]:
	send = AbstractConnection.send_packed_command

	def counted(*arguments: object, **named: object) -> object:
		spent.redis_calls += 1
		return send(*arguments, **named)

	with patch.object(AbstractConnection, "send_packed_command", counted):
		yield
