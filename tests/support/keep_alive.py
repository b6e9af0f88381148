"""A simulator behind a server that keeps connections open, and counts them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from zkteco_biometric.simulator import Simulator


class KeepAlive(ThreadingHTTPServer):
	"""`connections`: how many were accepted; `url`: where it listens; `headers`: sent with each answer."""

	daemon_threads = True

	def __init__(self, sim: Simulator) -> None:
		super().__init__(("127.0.0.1", 0), _Handler)
		self.sim = sim
		self.connections = 0
		self.headers: dict[str, str] = {}
		self.open: list[Any] = []

	@property
	def url(self) -> str:
		return f"http://127.0.0.1:{self.server_port}"

	def get_request(self) -> tuple[Any, Any]:
		connection, address = super().get_request()
		self.connections += 1
		self.open.append(connection)
		return connection, address

	def hang_up(self) -> None:
		"""On everybody, as servers do with connections that are idle for some seconds."""
		while self.open:
			self.shutdown_request(self.open.pop())


class _Handler(BaseHTTPRequestHandler):
	protocol_version = "HTTP/1.1"
	server: KeepAlive

	def do_GET(self) -> None:
		self._answer()

	def do_POST(self) -> None:
		self._answer()

	def _answer(self) -> None:
		sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		path, _, query = self.path.partition("?")
		builder = EnvironBuilder(
			path=path,
			query_string=query,
			method=self.command,
			headers=dict(self.headers.items()),
			input_stream=BytesIO(sent),
		)
		body, status, headers = run_wsgi_app(self.server.sim.wsgi_app, builder.get_environ(), buffered=True)
		content = b"".join(body)
		self.send_response_only(int(status.partition(" ")[0]))
		told = {**dict(headers.items()), **self.server.headers, "Content-Length": str(len(content))}
		for name, value in told.items():
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(content)

	def log_message(self, *_: Any) -> None:
		"""Without a word."""


@contextmanager
def keep_alive(sim: Simulator) -> Iterator[KeepAlive]:
	with KeepAlive(sim) as server:
		thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
		thread.start()
		yield server
		server.shutdown()
		server.hang_up()
		thread.join()
