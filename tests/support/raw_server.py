"""Servers that are none: sockets that answer as a broken server does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

Conversation = Callable[[socket.socket], None]


@contextmanager
def raw_server(talk: Conversation) -> Iterator[int]:
	"""The port of a server that has this conversation with everybody, one after the other."""
	listener = socket.create_server(("127.0.0.1", 0))
	thread = Thread(target=_serve, args=(listener, talk), daemon=True)
	thread.start()
	try:
		yield listener.getsockname()[1]
	finally:
		listener.shutdown(socket.SHUT_RDWR)
		listener.close()
		thread.join()


def _serve(listener: socket.socket, talk: Conversation) -> None:
	while True:
		try:
			connection, _ = listener.accept()
		except OSError:
			return
		with connection, suppress(OSError):
			talk(connection)


def says(*parts: bytes) -> Conversation:
	"""Reads what it gets, sends these bytes, and hangs up."""

	def talk(connection: socket.socket) -> None:
		connection.recv(65536)
		for part in parts:
			connection.sendall(part)

	return talk


def hangs_up(connection: socket.socket) -> None:
	"""Says nothing."""


@contextmanager
def closed_port() -> Iterator[int]:
	"""A port at which nobody listens; it is kept from others."""
	with socket.socket() as holder:
		holder.bind(("127.0.0.1", 0))
		yield holder.getsockname()[1]
