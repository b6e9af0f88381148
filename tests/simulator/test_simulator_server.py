from __future__ import annotations

import gc
import socket
import ssl
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests
import trustme
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator import Simulator, Store, Variant, faults
from zkteco_biometric.simulator.faults import Answer

from .api import CREDENTIALS, JWT_LOGIN, TRANSACTIONS, Api, SettableClock


def test_it_listens_on_an_ephemeral_port_of_this_machine(sim: Simulator) -> None:
	assert sim.url == f"http://127.0.0.1:{sim.port}"
	assert sim.port > 1023


def test_two_simulators_do_not_meet(sim: Simulator) -> None:
	with Simulator(password="other") as second:
		assert second.url != sim.url
		assert Api(second).log_in().status_code == 400


def test_before_the_start_there_is_no_address() -> None:
	with pytest.raises(RuntimeError, match=r"start\(\)"):
		_ = Simulator().url


def test_after_the_stop_nobody_answers(sim: Simulator) -> None:
	sim.stop()
	with pytest.raises(requests.ConnectionError):
		requests.get(sim.url, timeout=1)


def test_a_second_stop_does_nothing(sim: Simulator) -> None:
	sim.stop()
	sim.stop()


def test_it_cannot_be_started_twice(sim: Simulator) -> None:
	with pytest.raises(RuntimeError, match="stop it first"):
		sim.start()


def test_a_server_that_returns_is_at_the_same_address_with_the_same_state(api: Api, sim: Simulator) -> None:
	before = sim.url
	sim.store.punch("7", "2024-06-05 12:00:00")
	sim.stop()
	sim.start()
	assert sim.url == before
	assert api.ids() == [1]


def test_a_delay_after_the_return_is_a_whole_one(api: Api, sim: Simulator) -> None:
	sim.stop()
	sim.start()
	sim.faults.add(faults.delay(60))
	with pytest.raises(requests.ReadTimeout):
		api.send("GET", TRANSACTIONS, timeout=0.05)


def test_a_port_that_is_taken_is_an_os_error_and_not_the_end_of_the_process() -> None:
	with socket.create_server(("127.0.0.1", 0)) as taken:
		sim = Simulator(port=taken.getsockname()[1])
		with pytest.raises(OSError):
			sim.start()
		sim.stop()


def test_an_address_for_everybody_is_shown_as_one_of_this_machine() -> None:
	with Simulator(host="0.0.0.0") as sim:
		assert sim.url == f"http://127.0.0.1:{sim.port}"
		assert requests.get(sim.url, timeout=5).ok


def test_an_ipv6_address_stands_in_brackets() -> None:
	assert Simulator(host="::1", port=8081).url == "http://[::1]:8081"
	assert Simulator(host="::", port=8081).url == "http://[::1]:8081"


def test_it_leaves_no_thread_and_no_socket_behind() -> None:
	before = threading.active_count()
	with warnings.catch_warnings():
		warnings.simplefilter("error", ResourceWarning)
		with Simulator() as sim:
			Api(sim).use_jwt()
		del sim
		gc.collect()
	for thread in threading.enumerate():
		if thread is not threading.current_thread():
			thread.join(1)
	assert threading.active_count() <= before


def test_it_prints_nothing(sim: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
	Api(sim).use_jwt()
	assert capfd.readouterr() == ("", "")


def test_every_answer_has_one_date_by_the_clock_of_the_server(api: Api, clock: SettableClock) -> None:
	clock.now = datetime(2024, 6, 5, 11, 45, 30, tzinfo=timezone.utc)
	for path in (TRANSACTIONS, "/nowhere/", JWT_LOGIN, "/simulator/"):
		date = api.get(path).headers["Date"]
		assert parsedate_to_datetime(date) == clock.now


def test_a_fault_is_dated_too(api: Api, sim: Simulator, clock: SettableClock) -> None:
	sim.faults.add(faults.html_error())
	assert parsedate_to_datetime(api.get(TRANSACTIONS).headers["Date"]) == clock.now


def test_every_answer_closes_the_connection(api: Api) -> None:
	assert api.get(TRANSACTIONS).headers["Connection"] == "close"


def test_the_clock_of_the_server_may_be_off() -> None:
	with Simulator(clock=lambda: datetime.now(timezone.utc) - timedelta(minutes=14.5)) as slow:
		date = parsedate_to_datetime(requests.get(slow.url, timeout=5).headers["Date"])
	assert timedelta(minutes=14) < datetime.now(timezone.utc) - date < timedelta(minutes=15)


def test_credentials_and_variant_can_be_chosen() -> None:
	with Simulator(username="api", password="secret", variant=Variant(envelope="results")) as sim:
		api = Api(sim)
		assert api.log_in().status_code == 400
		token = api.log_in(username="api", password="secret").json()["token"]
		api.headers = {"Authorization": f"JWT {token}"}
		assert api.page()["results"] == []


def test_a_store_can_be_prepared_before(clock: SettableClock) -> None:
	store = Store()
	store.punch("7", "2024-06-05 12:00:00")
	with Simulator(store, clock=clock) as sim:
		api = Api(sim)
		api.use_jwt()
		assert api.ids() == [1]
	assert str(store.wall_clock()) == "2024-06-05 12:00:00"


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
	with pytest.raises(ValueError, match="Europe/Berlin"):
		Simulator(time_zone="Mars/Olympus")


def test_it_is_a_wsgi_application_without_a_socket() -> None:
	for app in (Simulator(), Simulator().wsgi_app):
		response = Client(app).post(JWT_LOGIN, json=CREDENTIALS)
		assert response.status_code == 200
		assert response.json is not None
		assert "token" in response.json


def test_without_a_socket_a_reset_is_raised() -> None:
	sim = Simulator()
	sim.faults.add(faults.reset())
	with pytest.raises(ConnectionResetError):
		Client(sim).get("/")
	assert sim.errors == []


def test_an_error_in_a_hook_is_raised_again_at_the_end() -> None:
	def broken(_request: Request, _answer: Answer) -> Response:
		raise ZeroDivisionError("broken hook")

	with pytest.raises(ZeroDivisionError, match="broken hook"), Simulator() as sim:
		sim.faults.add(broken)
		assert requests.get(sim.url, timeout=5).status_code == 500


def test_an_error_of_the_test_itself_is_not_hidden_by_one_of_a_hook() -> None:
	with pytest.raises(LookupError), Simulator() as sim:
		sim.errors.append(ZeroDivisionError())
		raise LookupError


def test_many_requests_are_answered_at_once(api: Api, sim: Simulator) -> None:
	all_are_here = threading.Barrier(10, timeout=5)

	def meet(request: Request, answer: Answer) -> Response:
		all_are_here.wait()
		return answer(request)

	sim.faults.add(meet, times=None)
	with ThreadPoolExecutor(10) as pool:
		statuses = list(pool.map(lambda _: api.get(TRANSACTIONS).status_code, range(10)))
	assert statuses == [200] * 10


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
	return trustme.CA()


@pytest.fixture
def server_context(authority: trustme.CA) -> ssl.SSLContext:
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	authority.issue_cert("127.0.0.1").configure_cert(context)
	return context


def test_with_a_certificate_it_speaks_https(
	authority: trustme.CA, server_context: ssl.SSLContext, tmp_path: Path
) -> None:
	bundle = tmp_path / "ca.pem"
	authority.cert_pem.write_to_path(bundle)
	with Simulator(ssl_context=server_context) as sim:
		assert sim.url.startswith("https://127.0.0.1:")
		response = requests.post(sim.url + JWT_LOGIN, json=CREDENTIALS, verify=str(bundle), timeout=5)
	assert response.status_code == 200


def test_links_are_https_then(authority: trustme.CA, server_context: ssl.SSLContext, tmp_path: Path) -> None:
	bundle = tmp_path / "ca.pem"
	authority.cert_pem.write_to_path(bundle)
	with Simulator(ssl_context=server_context) as sim:
		sim.store.punches([("7", "2024-06-05 12:00:00", "0")] * 11)
		api = Api(sim)
		token = api.send("POST", JWT_LOGIN, json=CREDENTIALS, verify=str(bundle)).json()["token"]
		api.headers = {"Authorization": f"JWT {token}"}
		page = api.send("GET", TRANSACTIONS, verify=str(bundle)).json()
	assert page["next"].startswith(sim.url)


def test_a_client_that_does_not_know_the_authority_gets_no_further(server_context: ssl.SSLContext) -> None:
	with Simulator(ssl_context=server_context) as sim:
		with pytest.raises(requests.exceptions.SSLError):
			requests.get(sim.url, timeout=5)
		assert sim.log.entries == []
