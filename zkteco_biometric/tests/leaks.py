"""Where a secret could have gone: every text of the database, Redis, the logs of bench and site."""

import os
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

import frappe
import redis
from frappe.utils import get_bench_path
from frappe.utils.background_jobs import get_redis_conn

_TEXTS = (
	"char",
	"varchar",
	"tinytext",
	"text",
	"mediumtext",
	"longtext",
	"json",
	"blob",
	"longblob",
	"mediumblob",
)


def leaks(secrets: Collection[str]) -> list[str]:
	"""The places where one of `secrets` stands, without the secret."""
	wanted = [secret.encode() for secret in secrets]
	return [*_in_database(secrets), *_in_redis(wanted), *_in_logs(wanted)]


def _in_database(secrets: Collection[str]) -> Iterator[str]:
	frappe.db.rollback()  # what other connections have committed counts too
	for table, columns in _text_columns().items():
		for column in columns if _found(table, columns, secrets) else ():
			if _found(table, [column], secrets):
				yield f"table {table}, column {column}"


def _text_columns() -> dict[str, list[str]]:
	rows = frappe.db.sql(
		"""select table_name, column_name from information_schema.columns
		where table_schema = database() and data_type in %s""",
		(_TEXTS,),
	)
	tables: dict[str, list[str]] = {}
	for table, column in rows:
		tables.setdefault(table, []).append(column)
	return tables


def _found(table: str, columns: list[str], secrets: Collection[str]) -> bool:
	tests = " or ".join(f"locate(%s, `{column}`)" for column in columns for _ in secrets)
	return bool(frappe.db.sql(f"select 1 from `{table}` where {tests} limit 1", [*secrets] * len(columns)))


def _in_redis(wanted: list[bytes]) -> Iterator[str]:
	for connection in (get_redis_conn(), redis.from_url(frappe.conf.redis_cache)):
		for key in connection.scan_iter():
			content = b"\0".join([key, *_contents(connection, key)])
			if any(secret in content for secret in wanted):
				yield f"redis key {key!r}"


def _contents(connection: redis.Redis, key: bytes) -> Iterator[bytes]:
	"""Everything under a key, unpacked: RQ compresses the arguments of its jobs."""
	read = {
		b"string": lambda: [connection.get(key)],
		b"hash": lambda: [part for pair in connection.hgetall(key).items() for part in pair],
		b"list": lambda: connection.lrange(key, 0, -1),
		b"set": lambda: connection.smembers(key),
		b"zset": lambda: connection.zrange(key, 0, -1),
		b"stream": lambda: [part for _, row in connection.xrange(key) for part in row.values()],
		b"none": list,
	}
	for part in read[connection.type(key)]():
		yield _unpacked(part or b"")


def _unpacked(part: bytes) -> bytes:
	try:
		return zlib.decompress(part)
	except zlib.error:
		return part


def _in_logs(wanted: list[bytes]) -> Iterator[str]:
	for folder in (Path(get_bench_path(), "logs"), Path(os.path.abspath(frappe.get_site_path("logs")))):
		for path in folder.glob("*.log*"):
			content = path.read_bytes()
			if any(secret in content for secret in wanted):
				yield f"log {path}"
