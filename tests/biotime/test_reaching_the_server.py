"""TLS, and servers that cannot be reached."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.support.clients import Sleeps
from tests.support.fixtures import Connect, StartSimulator
from tests.support.raw_server import closed_port, hangs_up, raw_server, says
from zkteco_biometric.biotime.body import Limits, gather
from zkteco_biometric.biotime.errors import (
	BioTimeError,
	TimedOut,
	TlsFailed,
	TruncatedBody,
	UnexpectedShape,
	Unreachable,
)
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts, Transport
from zkteco_biometric.simulator import Simulator, faults


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
	return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
	path = tmp_path_factory.mktemp("tls") / "ca.pem"
	authority.cert_pem.write_to_path(path)
	return str(path)


@pytest.fixture
def tls_sim(authority: trustme.CA) -> Iterator[Simulator]:
	"""A simulator with a certificate for 127.0.0.1, of a private authority."""
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	authority.issue_cert("127.0.0.1").configure_cert(context)
	with Simulator(ssl_context=context) as running:
		yield running


def test_a_private_certificate_is_refused_by_default(tls_sim: Simulator, connect: Connect) -> None:
	sleeps = Sleeps()
	with pytest.raises(TlsFailed, match="certificate") as caught:
		connect(tls_sim, sleep=sleeps).log_in()
	assert caught.value.needs_a_person
	assert (tls_sim.log.entries, sleeps) == ([], [])


def test_a_private_authority_can_be_trusted(tls_sim: Simulator, connect: Connect, ca_file: str) -> None:
	assert connect(tls_sim, verify=ca_file).page(PageQuery(1, 10)).count == 0


def test_verification_can_be_switched_off(tls_sim: Simulator, connect: Connect) -> None:
	assert connect(tls_sim, verify=False).page(PageQuery(1, 10)).count == 0


def test_the_machines_own_ca_bundle_does_not_replace_ours(
	tls_sim: Simulator, connect: Connect, ca_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	stranger = tmp_path / "other.pem"
	trustme.CA().cert_pem.write_to_path(stranger)
	monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stranger))
	assert connect(tls_sim, verify=ca_file).log_in()
	assert connect(tls_sim, verify=False).log_in()


def test_a_certificate_of_another_authority_is_refused(
	tls_sim: Simulator, connect: Connect, tmp_path: Path
) -> None:
	stranger = tmp_path / "other.pem"
	trustme.CA().cert_pem.write_to_path(stranger)
	with pytest.raises(TlsFailed):
		connect(tls_sim, verify=str(stranger)).log_in()


def test_a_certificate_for_another_name_is_refused(
	authority: trustme.CA, start: StartSimulator, connect: Connect, ca_file: str
) -> None:
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	authority.issue_cert("biotime.example.com").configure_cert(context)
	with pytest.raises(TlsFailed):
		connect(start(ssl_context=context), verify=ca_file).log_in()


@pytest.mark.parametrize("content", [None, "", "this is no certificate"])
def test_an_unusable_ca_file_needs_a_person(
	tls_sim: Simulator, connect: Connect, tmp_path: Path, content: str | None
) -> None:
	path = tmp_path / "ca.pem"
	if content is not None:
		path.write_text(content)
	with pytest.raises(TlsFailed) as caught:
		connect(tls_sim, verify=str(path)).log_in()
	assert caught.value.needs_a_person


def test_no_tls_at_that_port_needs_a_person(sim: Simulator, connect: Connect) -> None:
	with pytest.raises(TlsFailed, match=r"(?i)tls") as caught:
		connect(sim.url.replace("http:", "https:")).log_in()
	assert "http://" in caught.value.remedy
	assert sim.log.entries == []


def test_plain_http_to_a_tls_port_is_a_biotime_error(tls_sim: Simulator, connect: Connect) -> None:
	with pytest.raises(BioTimeError):
		connect(tls_sim.url.replace("https:", "http:"), retry=ONE_ATTEMPT).log_in()
	assert tls_sim.log.entries == []


def test_a_connection_that_ends_during_the_handshake_may_pass(connect: Connect) -> None:
	with raw_server(hangs_up) as port, pytest.raises(Unreachable):
		connect(f"https://127.0.0.1:{port}").log_in()


@pytest.mark.parametrize(
	("fault", "error"), [(faults.reset(), Unreachable), (faults.truncate(), TruncatedBody)]
)
def test_a_tls_connection_that_breaks_off_may_pass(
	tls_sim: Simulator, connect: Connect, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	tls_sim.faults.add(fault, path="/iclock/", times=None)
	with pytest.raises(BioTimeError) as caught:
		connect(tls_sim, verify=False).page(PageQuery(1, 10))
	assert not caught.value.needs_a_person
	assert isinstance(caught.value, Unreachable | TruncatedBody), error


def test_a_refused_connection_is_unreachable(connect: Connect) -> None:
	sleeps = Sleeps()
	with closed_port() as port, pytest.raises(Unreachable, match="refused") as caught:
		connect(f"http://127.0.0.1:{port}", sleep=sleeps).log_in()
	assert not caught.value.needs_a_person
	assert len(sleeps) == 3


def test_an_unknown_name_is_unreachable(connect: Connect) -> None:
	with pytest.raises(Unreachable, match=r"biotime\.invalid"):
		connect("http://biotime.invalid:8081", retry=ONE_ATTEMPT).log_in()


@pytest.mark.parametrize("host", ["a" * 70 + ".invalid", "a..b.invalid", "*.invalid", "x" * 300 + ".invalid"])
def test_an_impossible_name_is_a_biotime_error(connect: Connect, host: str) -> None:
	with pytest.raises(BioTimeError):
		connect(f"http://{host}:8081", retry=ONE_ATTEMPT).log_in()


def test_a_server_that_says_nothing_is_timed_out(connect: Connect) -> None:
	def waits(connection) -> None:  # type: ignore[no-untyped-def]
		while connection.recv(65536):
			pass

	with raw_server(waits) as port, pytest.raises(TimedOut):
		connect(f"http://127.0.0.1:{port}", time_outs=TimeOuts(read=0.05), retry=ONE_ATTEMPT).log_in()


def test_a_body_that_stops_is_timed_out(connect: Connect) -> None:
	def stops(connection) -> None:  # type: ignore[no-untyped-def]
		connection.recv(65536)
		connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
		while connection.recv(65536):
			pass

	with raw_server(stops) as port, pytest.raises(TimedOut):
		connect(f"http://127.0.0.1:{port}", time_outs=TimeOuts(read=0.05), retry=ONE_ATTEMPT).log_in()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
	"head", [b"Content-Length: 9999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nfff\r\n", b"\r\n"]
)
def test_a_body_that_drips_is_timed_out(connect: Connect, head: bytes) -> None:
	def drips(connection: socket.socket) -> None:
		connection.recv(65536)
		connection.sendall(HEAD + head)
		while not connection.sendall(b" "):
			time.sleep(0.02)

	began = time.monotonic()
	with raw_server(drips) as port, pytest.raises(TimedOut, match="took too long"):
		connect(f"http://127.0.0.1:{port}", time_outs=TimeOuts(read=1, total=0.2), retry=ONE_ATTEMPT).log_in()
	assert time.monotonic() - began < 2


def test_the_whole_answer_may_take_five_times_the_read_time_out() -> None:
	assert TimeOuts(read=7).whole == 35
	assert TimeOuts(read=7, total=3).whole == 3


def test_a_body_without_end_is_refused_before_it_fills_the_memory() -> None:
	came: list[int] = []

	def pieces() -> Iterator[bytes]:
		while True:
			came.append(1)
			yield bytes(2**20)

	with pytest.raises(UnexpectedShape, match="64 MiB") as caught:
		gather(pieces(), Limits(1, lambda: 0))
	assert len(came) == 65
	assert "page size" in caught.value.remedy


def test_the_time_for_a_body_is_measured_by_the_clock() -> None:
	moments = iter([1.0, 2.0, 3.0])
	with pytest.raises(TimedOut, match="2 bytes"):
		gather([b"a", b"b", b"c"], Limits(1.5, lambda: next(moments)))
	assert gather([b"a", b"b"], Limits(1.5, lambda: 1.0)) == b"ab"


def test_a_large_compressed_body_is_read_whole(connect: Connect) -> None:
	packed = gzip.compress(json.dumps({"token": "t" * 300_000}).encode())
	head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
	with raw_server(says(head, packed)) as port:
		assert connect(f"http://127.0.0.1:{port}").log_in().value == "t" * 300_000


def test_an_urllib3_without_read1_serves(
	sim: Simulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr("urllib3.response.HTTPResponse.read1", None)
	assert connect(sim).page(PageQuery(1, 10)).count == 0


def test_every_request_has_a_time_out(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
	asked: list[object] = []
	transport = Transport(sim.url)
	send = transport._session.send
	monkeypatch.setattr(
		transport._session,
		"send",
		lambda request, **options: asked.append(options["timeout"]) or send(request, **options),
	)
	transport.post("/api-token-auth/", {"username": "x"})
	transport.get("/iclock/api/transactions/")
	transport.close()
	assert asked == [(10.0, 60.0)] * 2
