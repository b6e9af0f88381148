"""The address of a server, as people type it and as we store it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkteco_biometric.biotime.url import normalise_url


@pytest.mark.parametrize(
	("typed", "stored"),
	[
		("http://192.0.2.10:8081", "http://192.0.2.10:8081"),
		("http://192.0.2.10:8081/", "http://192.0.2.10:8081"),
		("  http://192.0.2.10:8081/ \n", "http://192.0.2.10:8081"),
		("http:// 192.0.2.10 : 8081", "http://192.0.2.10:8081"),
		("HTTP://BioTime.Example.COM", "http://biotime.example.com"),
		("https://biotime.example.com/", "https://biotime.example.com"),
		("https://biotime.example.com/zk/", "https://biotime.example.com/zk"),
		("https://biotime.example.com/zk//", "https://biotime.example.com/zk"),
		("https://biotime.example.com/Zk?next=1#top", "https://biotime.example.com/Zk"),
		("http://[2001:DB8::1]:8081/", "http://[2001:db8::1]:8081"),
		("http://host:", "http://host"),
		("http://host:0080", "http://host:80"),
	],
)
def test_an_address_is_stored_in_one_form(typed: str, stored: str) -> None:
	assert normalise_url(typed) == stored


@pytest.mark.parametrize(
	"typed",
	[
		"",
		"192.0.2.10:8081",
		"biotime.example.com",
		"//biotime.example.com",
		"ftp://biotime.example.com",
		"javascript:alert(1)",
		"file:///etc/hosts",
		"http",
	],
)
def test_an_address_without_http_is_refused_with_an_example(typed: str) -> None:
	with pytest.raises(ValueError, match=r"(?s)http.*such as http://192\.0\.2\.10:8081"):
		normalise_url(typed)


@pytest.mark.parametrize(
	"typed", ["http://", "http:///path", "https://?x=1", "http:", "http:biotime.example.com", "http://:8081"]
)
def test_an_address_without_a_server_is_refused(typed: str) -> None:
	with pytest.raises(ValueError, match="names no server"):
		normalise_url(typed)


@pytest.mark.parametrize(
	"typed",
	[
		"http://host:99999",
		"http://host:-1",
		"http://host:x",
		"http://[::1",
		"http://[x]/",
		"http://[]/",
		"HTTP://[[]",
		"http://[[::1]]/",
		"http://a[::1]/",
		"http://[::1]a:80/",
		"http://[192.0.2.10]/",
		"http://[v1.x]/",
		"http://host]/",
	],
)
def test_an_impossible_address_is_refused(typed: str) -> None:
	with pytest.raises(ValueError, match="no valid URL"):
		normalise_url(typed)


@pytest.mark.parametrize(
	"typed",
	[
		"http://admin:secret-word@host:8081",
		"http://admin@host",
		"http://:secret-word@host",
		"http://admin:secret-word@host:x",
		"admin:secret-word@host",
		"ftp://admin:secret-word@host",
	],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
	with pytest.raises(ValueError) as caught:
		normalise_url(typed)
	assert "secret-word" not in str(caught.value)


@given(
	st.text(max_size=30)
	| st.text(alphabet="abc:/?#@[]%. 0189", max_size=20).map("http://".__add__)
	| st.text(max_size=20).map("https://".__add__)
)
@settings(max_examples=1000)
def test_a_stored_address_is_stored_unchanged(typed: str) -> None:
	try:
		stored = normalise_url(typed)
	except ValueError as error:
		assert str(error)
	else:
		assert normalise_url(stored) == stored
		assert not stored.endswith("/")
