"""Every sentence that people see is translated into every language that the app brings, and stays what it was there."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from babel.messages.catalog import Catalog

from scripts.translations import LANGUAGES, LOCALE, TEMPLATE, gathered, missing, read

PLACEHOLDER = re.compile(r"\{\d*\}")
TAG = re.compile(r"</?[a-z]+[^>]*>")
# Nothing that Python's or a browser's formatting would stumble over.
LOOSE_BRACE = re.compile(r"\{(?!\d*\})|(?<!\{)(?<!\d)\}")
NATIVE = {"ar": re.compile(r"[\u0600-\u06ff]")}


@pytest.fixture(scope="module", params=LANGUAGES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
	return read(LOCALE / f"{request.param}.po")


def translated(catalog: Catalog) -> list[tuple[str, str]]:
	return [(message.id, message.string) for message in catalog if message.id and message.string]


def test_the_template_has_every_sentence_of_the_app_and_no_other() -> None:
	"""`make translations` brings it up to date."""
	now = {message.id for message in gathered() if message.id}
	kept = {message.id for message in read(TEMPLATE) if message.id}
	assert kept == now
	assert len(now) > 500


def test_no_sentence_is_missing(catalog: Catalog) -> None:
	assert missing(catalog) == []


def test_a_language_has_the_sentences_of_the_template_and_no_other(catalog: Catalog) -> None:
	wanted = {message.id for message in read(TEMPLATE)}
	assert {message.id for message in catalog} == wanted


def test_placeholders_are_kept(catalog: Catalog) -> None:
	"""Each as often as in the original: one that is missing hides a name, one too many breaks the sentence."""
	broken = [
		(original, text)
		for original, text in translated(catalog)
		if Counter(PLACEHOLDER.findall(original)) != Counter(PLACEHOLDER.findall(text))
		or LOOSE_BRACE.search(text)
	]
	assert broken == []


def test_tags_are_kept(catalog: Catalog) -> None:
	broken = [
		(original, text)
		for original, text in translated(catalog)
		if Counter(TAG.findall(original)) != Counter(TAG.findall(text))
	]
	assert broken == []


def test_no_sentence_is_marked_as_a_guess(catalog: Catalog) -> None:
	assert [message.id for message in catalog if message.fuzzy and message.id] == []


def test_addresses_and_examples_are_kept(catalog: Catalog) -> None:
	"""What a person types or clicks is the same in every language."""
	typed = re.compile(r"https?://[\w.:/-]*\w|docs/[\w.-]+\w|\*/15 6-20 \* \* 1-6|enable_att")
	broken = [
		(original, text)
		for original, text in translated(catalog)
		if not set(typed.findall(original)) <= set(typed.findall(text))
	]
	assert broken == []


def test_sentences_are_translated_and_not_copied(catalog: Catalog) -> None:
	"""Names and technical words may be the same; sentences are not."""
	copied = [
		original for original, text in translated(catalog) if original == text and original.count(" ") > 4
	]
	assert copied == []


def test_arabic_is_written_in_arabic() -> None:
	wrong = [
		original
		for original, text in translated(read(LOCALE / "ar.po"))
		if original.count(" ") > 2 and not NATIVE["ar"].search(text)
	]
	assert wrong == []
