"""A BioTime server in a thread."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from datetime import timedelta, tzinfo
from ssl import SSLContext
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from zkteco_biometric.simulator import wallclock
from zkteco_biometric.simulator.accounts import Account
from zkteco_biometric.simulator.application import respond
from zkteco_biometric.simulator.fault_queue import Faults
from zkteco_biometric.simulator.faults import Dropped
from zkteco_biometric.simulator.request_log import RequestLog
from zkteco_biometric.simulator.state import State
from zkteco_biometric.simulator.store import Store
from zkteco_biometric.simulator.variant import Variant

if TYPE_CHECKING:
	from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLL_SECONDS = 0.02


class QuietHandler(WSGIRequestHandler):
	"""Answers without a log on the screen, and without a `Date` of its own."""

	def send_response(self, code: int, message: str | None = None) -> None:
		self.send_response_only(code, message)

	def connection_dropped(self, *_error: Any, **_environ: Any) -> None:
		self.close_connection = True


class Simulator:
	"""A BioTime server to test, develop and demonstrate against.

	Use it as a context manager, with `start()` and `stop()`, or as a WSGI application without a socket. It
	may be started again after a stop, at the same address. An error inside a handler is raised again when
	the `with` block ends.

	:param token_lifetime: how long a JWT is good, by `clock`.
	:param clock: gives the server's idea of the time, aware; it may be off.
	:param time_zone: the zone of the server's wall clock, for the upload time of new punches.
	"""

	def __init__(
		self,
		store: Store | None = None,
		*,
		username: str = "admin",
		password: str = "simulator",
		token_lifetime: timedelta = timedelta(days=1),
		variant: Variant | None = None,
		clock: wallclock.Clock = wallclock.utc_now,
		time_zone: str | tzinfo = "UTC",
		host: str = "127.0.0.1",
		port: int = 0,
		ssl_context: SSLContext | tuple[str, str] | None = None,
	) -> None:
		self.host = host
		self.port = port
		self.errors: list[Exception] = []
		account = Account(username, password, token_lifetime, clock)
		self._state = State(store or Store(), account, variant or Variant(), clock)
		self._ssl_context = ssl_context
		self._server: BaseWSGIServer | None = None
		self._thread: Thread | None = None
		self.store.wall_clock = wallclock.wall_clock(clock, wallclock.zone(time_zone))

	@property
	def url(self) -> str:
		"""Where it listens, without a trailing slash.

		:raises RuntimeError: it has not been started and has no port yet.
		"""
		if not self.port:
			raise RuntimeError("The simulator has no address yet: use it in a `with` block, or call start().")
		host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
		scheme = "https" if self._ssl_context else "http"
		return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

	@property
	def store(self) -> Store:
		return self._state.store

	@property
	def log(self) -> RequestLog:
		return self._state.log

	@property
	def faults(self) -> Faults:
		return self._state.faults

	@property
	def variant(self) -> Variant:
		return self._state.variant

	@variant.setter
	def variant(self, variant: Variant) -> None:
		self._state.variant = variant

	@property
	def lock_after(self) -> int | None:
		"""How many rejected log-ins in a row lock the account; None for never."""
		return self._state.account.lock_after

	@lock_after.setter
	def lock_after(self, attempts: int | None) -> None:
		self._state.account.lock_after = attempts

	@property
	def rejected_logins(self) -> int:
		"""How many log-ins were rejected so far, those while locked included."""
		return self._state.account.rejected_logins

	def expire_tokens(self) -> None:
		"""From now on every token issued so far is answered 401."""
		self._state.account.expire_tokens()

	def change_password(self, password: str) -> None:
		"""Set another password, and unlock the account; tokens stay good."""
		self._state.account.change_password(password)

	def carry_out_late(self) -> int:
		"""Carry out the requests that a `late` fault has kept, oldest first, and tell how many those were."""
		return self._state.late.carry_out()

	def start(self) -> None:
		"""Listen, and serve from a daemon thread.

		:raises OSError: the address is taken or not ours.
		:raises RuntimeError: it runs already.
		"""
		if self._thread:
			raise RuntimeError("The simulator runs already: stop it first.")
		self._state.stopping.clear()
		self._server = self._make_server()
		self.port = self._server.port
		self._thread = Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True)
		self._thread.start()

	def stop(self) -> None:
		"""Stop listening and wait for the thread; without effect when it does not run."""
		if self._server and self._thread:
			self._state.stopping.set()
			self._server.shutdown()
			self._thread.join()
			self._server = self._thread = None

	def __enter__(self) -> Simulator:
		self.start()
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.stop()
		if error is None and self.errors:
			raise self.errors[0]

	def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
		"""The server as a WSGI application."""
		try:
			response = respond(self._state, Request(environ))
		except Dropped:
			raise
		except Exception as error:
			self.errors.append(error)
			raise
		return response(environ, start_response)

	def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
		return self.wsgi_app(environ, start_response)

	def _make_server(self) -> BaseWSGIServer:
		family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
		# Werkzeug would end the process when the address is taken: so open the socket here.
		with socket.create_server((self.host, self.port), family=family, backlog=128) as listener:
			options: dict[str, Any] = {"ssl_context": self._ssl_context, "fd": listener.fileno()}
			return make_server(
				self.host, self.port, self, threaded=True, request_handler=QuietHandler, **options
			)
