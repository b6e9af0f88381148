"""What a device is called that was known by its user name or a hash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
		("http://admin:pa/ss@host:80", "http://host:80"),
		("http://admin:12/34@host", "http://host"),
		("http://admin:p#w@host", "http://host"),
		("http://admin:p?w@host", "http://host"),
		("http://admin:a//b@host", "http://host"),
		("admin:a://b@host", "host"),
		("  HTTPS://u:p@host", "HTTPS://host"),
		("http://[u:p@2001:db8::1]", "http://2001:db8::1]"),
		("http://host/a?b#c", "http://host/a?b#c"),
		("  http://host ", "  http://host "),
		("", ""),
	],
)
def test_what_stands_before_the_last_at_sign_is_left_out(url: str, without: str) -> None:
	assert without_credentials(url) == without


@given(
	st.sampled_from(["http://", "https://", ""]),
	st.text(),
	st.text(),
	st.text(),
	st.text(st.characters(blacklist_characters="@")),
)
def test_no_password_survives_whatever_signs_are_around_it(
	scheme: str, user: str, before: str, after: str, host: str
) -> None:
	typed = f"{scheme}{user}:{before}s3cret{after}@{host}"
	bare = without_credentials(typed)
	assert "s3cret" not in bare.removesuffix(host)
	assert bare.endswith(host)
	if scheme:
		assert bare == f"{scheme}{host}"
	assert without_credentials(bare) == bare
