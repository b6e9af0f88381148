"""The token and the password go to the configured server, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clients import GENERAL_LOGIN, JWT_LOGIN, TRANSACTIONS, page_requests
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.errors import NotBioTime, Redirected
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import Transport
from zkteco_biometric.simulator import Simulator, faults
from zkteco_biometric.simulator.faults import Fault


def to(url: str, status: int) -> Fault:
	"""A redirect with that status."""
	moved = faults.redirect(url)

	def fault(request, answer):  # type: ignore[no-untyped-def]
		response = moved(request, answer)
		response.status_code = status
		return response

	return fault


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/iclock/", "token-auth/"])
def test_a_redirect_to_another_server_is_not_followed(
	start: StartSimulator, connect: Connect, path: str, status: int
) -> None:
	sim, other = start(), start()
	sim.faults.add(to(f"{other.url}/iclock/api/transactions/", status), path=path, times=None)
	with pytest.raises(Redirected) as caught:
		connect(sim).page(PageQuery(1, 10))
	assert other.url in caught.value.message
	assert caught.value.needs_a_person
	assert other.log.entries == []
	assert [entry.path for entry in sim.log.entries][-1] in (TRANSACTIONS, GENERAL_LOGIN)
	assert len(sim.log.entries) == 2


def test_a_redirect_on_the_same_server_is_not_followed(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(faults.redirect_to_login(), path="/iclock/")
	with pytest.raises(Redirected):
		connect(sim).page(PageQuery(1, 10))
	assert sim.log.count("/login/") == 0


def test_a_netrc_on_this_machine_does_not_replace_the_token(
	sim: Simulator, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	netrc = tmp_path / "netrc"
	netrc.write_text("machine 127.0.0.1 login somebody password something\n")
	netrc.chmod(0o600)
	monkeypatch.setenv("NETRC", str(netrc))
	client = connect(sim)
	token = client.ensure_token()
	client.page(PageQuery(1, 10))
	assert "Authorization" not in sim.log.entries[0].headers
	assert page_requests(sim)[0].headers["Authorization"] == f"JWT {token.value}"


def test_a_request_without_a_token_has_no_header(sim: Simulator) -> None:
	transport = Transport(sim.url)
	transport.get("/iclock/api/transactions/")
	transport.post("/api-token-auth/", {})
	transport.close()
	assert all("Authorization" not in entry.headers for entry in sim.log.entries)


def test_a_token_is_not_kept_for_the_next_request(sim: Simulator) -> None:
	transport = Transport(sim.url)
	transport.get("/iclock/api/transactions/", authorization="JWT abc")
	transport.get("/iclock/api/transactions/")
	transport.close()
	assert ["Authorization" in entry.headers for entry in sim.log.entries] == [True, False]


def test_a_transport_prints_no_secrets(sim: Simulator) -> None:
	transport = Transport(sim.url)
	transport.get("/iclock/api/transactions/", authorization="JWT secret-token")
	assert "secret-token" not in repr(transport) + repr(vars(transport)) + repr(vars(transport._session))
	transport.close()


def test_the_path_of_the_configured_address_is_kept(sim: Simulator, connect: Connect) -> None:
	with pytest.raises(NotBioTime):
		connect(f"{sim.url}/zk/").log_in()
	assert sim.log.entries[0].path == f"/zk{JWT_LOGIN}"
