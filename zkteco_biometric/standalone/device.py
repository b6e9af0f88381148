"""The device to read, and the client that speaks to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.models import Credentials, Token
from zkteco_biometric.biotime.transport import TimeOuts, Transport, Verify
from zkteco_biometric.standalone.position import DevicePosition


@dataclass(frozen=True)
class Device:
	"""How to reach a server; `url` is normalised."""

	url: str
	credentials: Credentials
	verify: Verify = True
	time_outs: TimeOuts = field(default_factory=TimeOuts)


@contextmanager
def connected(
	device: Device, position: DevicePosition, sleep: Callable[[float], None] = time.sleep
) -> Iterator[BioTimeClient]:
	"""A client, closed at the end. Which kind of log-in works is remembered; the token is not written anywhere."""

	def keep_kind(token: Token | None) -> None:
		if token:
			position.keep_token_kind(token.kind)

	transport = Transport(device.url, time_outs=device.time_outs, verify=device.verify, sleep=sleep)
	client = BioTimeClient(transport, device.credentials, kind=position.token_kind, on_token=keep_kind)
	try:
		yield client
	finally:
		client.close()
