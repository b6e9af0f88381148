"""No password stays readable in what Frappe has written down."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.takeover.secrets_in_json import document_without_secrets, version_without_secrets

SECRET = "s3cret"


def version(*changes: list[object], **more: object) -> str:
	return json.dumps({"added": [], "changed": list(changes), "removed": [], **more})


def test_a_version_keeps_what_else_has_changed() -> None:
	wiped = version_without_secrets(version(["token", None, SECRET], ["url", "http://a", "http://b"]))
	assert json.loads(wiped or "")["changed"] == [["url", "http://a", "http://b"]]


@pytest.mark.parametrize(
	"text",
	[
		version(["password", SECRET, "********"]),
		version(["password", "********", SECRET], ["token", SECRET, None]),
		f'{{"changed": [["password", "{SECRET}',
		f'["{SECRET}"]',
		json.dumps({"changed": SECRET}),
	],
)
def test_a_version_of_nothing_but_secrets_goes(text: str) -> None:
	assert version_without_secrets(text) is None


@pytest.mark.parametrize(
	"text", [version(["password", "********", "********"]), version(["url", "a", "b"]), version(), "{}"]
)
def test_a_version_without_readable_secrets_stays_as_it_is(text: str) -> None:
	assert version_without_secrets(text) in (text, None) and SECRET not in text
	assert version_without_secrets(text) == text


def test_a_version_keeps_a_change_of_the_url_without_what_stands_before_its_host() -> None:
	wiped = version_without_secrets(
		version(
			["url", f"http://admin:{SECRET}@a", "http://b"], ["enable", 0, 1], ["url", None, f"u:{SECRET}/@c"]
		)
	)
	assert json.loads(wiped or "")["changed"] == [
		["url", "http://a", "http://b"],
		["enable", 0, 1],
		["url", None, "c"],
	]


def test_a_deleted_document_keeps_its_url_without_what_stands_before_its_host() -> None:
	wiped = document_without_secrets(json.dumps({"name": "admin", "url": f"http://admin:pa/{SECRET}@a:80"}))
	assert json.loads(wiped) == {"name": "admin", "url": "http://a:80"}


def test_a_deleted_document_keeps_all_but_its_secrets() -> None:
	text = json.dumps({"name": "admin", "password": SECRET, "token": SECRET, "url": "http://a"})
	assert json.loads(document_without_secrets(text)) == {
		"name": "admin",
		"password": None,
		"token": None,
		"url": "http://a",
	}


@pytest.mark.parametrize(
	"text",
	[
		'{"password": "********", "token": null}',
		'{"name": "admin"}',
		'{"url":  "http://a",  "enable": 1}',
		'{"url": null}',
		"{}",
	],
)
def test_a_deleted_document_without_readable_secrets_stays_as_it_is(text: str) -> None:
	assert document_without_secrets(text) == text


def test_a_deleted_document_that_nobody_can_read_is_emptied() -> None:
	assert document_without_secrets(f'{{"password": "{SECRET}"') == "{}"


changes = st.lists(
	st.tuples(
		st.sampled_from(["password", "token"]),
		st.sampled_from([None, SECRET, "***", "", "x"]),
		st.just(SECRET),
	).map(list)
	| st.tuples(
		st.just("url"),
		st.sampled_from(["http://a", None, f"http://u:{SECRET}@a", f"u:pa/{SECRET}#@"]),
		st.text(max_size=3).map(lambda signs: f"https://u:{signs}{SECRET}{signs}@b"),
	).map(list)
)


@given(changes)
def test_no_secret_is_left_and_wiping_again_changes_nothing(changed: list[list[object]]) -> None:
	wiped = version_without_secrets(version(*changed))
	assert SECRET not in (wiped or "")
	kept = json.loads(wiped)["changed"] if wiped else []
	assert len(kept) == sum(change[0] == "url" for change in changed)
	assert wiped is None or version_without_secrets(wiped) == wiped
