"""What a device is called that was known by its user name or a hash."""

from __future__ import annotations

import pytest

from zkteco_biometric.takeover.naming import device_name, without_credentials

URL = "http://192.0.2.10:8081"


@pytest.mark.parametrize(
	("name", "username", "url", "taken", "becomes"),
	[
		("admin", "admin", URL, (), "192.0.2.10"),
		("a1b2c3d4e5", "admin", URL, (), "192.0.2.10"),
		("Head Office", "admin", URL, (), "Head Office"),
		("Head Office", "admin", URL, ("head office",), "192.0.2.10"),
		("admin", "admin", URL, ("192.0.2.10",), "192.0.2.10:8081"),
		("admin", "admin", URL, ("192.0.2.10", "192.0.2.10:8081"), "192.0.2.10:8081 2"),
		("admin", "admin", "http://BioTime.example", ("BIOTIME.EXAMPLE",), "biotime.example 2"),
		("admin", "admin", "192.0.2.10:8081", (), "192.0.2.10"),
		("admin", "admin", "http://[2001:db8::1]:8081", (), "2001:db8::1"),
		("admin", "admin", "", (), "admin"),
		("admin", "admin", "http://<b>/", (), "admin"),
		("admin", "admin", "http://x:y", ("admin",), "admin 2"),
		("admin", "admin", "http://" + "h" * 200, (), "admin"),
	],
)
def test_the_host_where_nobody_chose_a_name(
	name: str, username: str, url: str, taken: tuple[str, ...], becomes: str
) -> None:
	assert device_name(name, username, url, taken) == becomes


@pytest.mark.parametrize(
	("url", "without"),
	[
		("http://u:p@host:80/x", "http://host:80/x"),
		("http://u@host", "http://host"),
		("http://u:p@q@host/", "http://host/"),
		("u:p@host", "host"),
		("http://host/a@b", "http://host/a@b"),
		("http://host?x=a@b", "http://host?x=a@b"),
		("http://host//u:p@x", "http://host//u:p@x"),
		("  http://host ", "  http://host "),
		("", ""),
	],
)
def test_only_what_stands_before_the_host_is_left_out(url: str, without: str) -> None:
	assert without_credentials(url) == without
