"""Sentences that can be said in another language: what they are in English, and what a translator can do to them."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from zkteco_biometric.biotime.errors import ServerError, TimedOut, Unreachable, may_pass
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.biotime.url import normalise_url
from zkteco_biometric.cycle.clock_watch import WrongClock
from zkteco_biometric.cycle.plan import Pending, Reason
from zkteco_biometric.cycle.result import CycleResult, Stored
from zkteco_biometric.cycle.schedule import check_cron
from zkteco_biometric.wording import Wording, _, joined, plain, said, without

FRENCH = {
	"The server says {0}.": "Le serveur dit {0}.",
	"{0} of {1}": "{1}, dont {0}",
	"no reason given": "sans motif",
	"Wait.": "Patientez.",
}
TEXTS = st.text(max_size=30)


def in_french(template: str) -> str:
	return FRENCH.get(template, template)


def shouted(template: str) -> str:
	"""A language in which every word is another one, and the placeholders stay."""
	return template.upper()


@examples(tests=200, nightly=5_000)
@given(st.lists(TEXTS | st.integers() | st.floats(allow_nan=False), max_size=4))
def test_in_english_it_is_the_template_filled_in(arguments: list[object]) -> None:
	template = "; ".join(f"part {{{number}}}" for number in range(len(arguments)))
	assert Wording(template).format(*arguments) == template.format(*arguments)


@examples(tests=200, nightly=5_000)
@given(TEXTS, TEXTS)
def test_whatever_a_server_says_is_said_in_every_language(one: str, other: str) -> None:
	nested = Wording("{0} of {1}").format(one, Wording("The server says {0}.").format(other))
	assert said(nested, in_french) == f"Le serveur dit {other}., dont {one}"
	assert said(nested, plain) == nested


@examples(tests=200, nightly=5_000)
@given(TEXTS)
def test_any_other_text_stays_as_it_is(text: str) -> None:
	assert said(text, shouted) == text


def test_braces_in_what_a_server_says_are_no_placeholders() -> None:
	told = Wording("The server says {0}.").format('{"detail": "{0} {name}"}')
	assert told == 'The server says {"detail": "{0} {name}"}.'
	assert said(told, in_french) == 'Le serveur dit {"detail": "{0} {name}"}.'


def test_what_is_told_within_a_sentence_is_said_in_the_same_language() -> None:
	told = Wording("The server says {0}.").format(_("no reason given"))
	assert (told, said(told, in_french)) == ("The server says no reason given.", "Le serveur dit sans motif.")


@pytest.mark.parametrize(
	"wrong",
	[
		"Le serveur.",
		"{0} {1}",
		"{}",
		"{0.__class__}",
		"{0!r}",
		"{0:>9}",
		"{name}",
		"{0",
		"0}",
		"{-1}",
		"{0[0]}",
	],
)
def test_a_translation_with_other_placeholders_is_not_used(wrong: str) -> None:
	told = Wording("The server says {0}.").format("no")
	assert said(told, lambda _template: wrong) == "The server says no."


def test_a_translation_may_tell_things_in_another_order_and_more_than_once() -> None:
	told = Wording("{0} of {1}").format("two", "three")
	assert said(told, lambda _template: "{1} ({1}): {0}") == "three (three): two"


def test_a_translated_text_without_placeholders_may_hold_braces() -> None:
	assert said(_("Wait."), lambda _template: "{Wait}") == "{Wait}"


def test_parts_put_together_are_said_one_by_one() -> None:
	told = joined(_("Wait."), "", "HTTP 500", Wording("The server says {0}.").format("no"))
	assert told == "Wait. HTTP 500 The server says no."
	assert said(told, in_french) == "Patientez. HTTP 500 Le serveur dit no."
	assert (joined(), joined("", "")) == ("", "")
	assert joined("a", "b", between=": ") == "a: b"


def test_what_is_the_same_in_every_language_is_not_translated() -> None:
	assert said(joined("a", "b"), lambda _template: "{1} {0}") == "a b"


def test_placeholders_have_no_names() -> None:
	with pytest.raises(TypeError, match="positional"):
		Wording("{name}").format(name="x")


@examples(tests=100, nightly=2_000)
@given(TEXTS, TEXTS)
def test_it_survives_copies_pickles_and_json(one: str, other: str) -> None:
	told = Wording("{0} of {1}").format(one, Wording("The server says {0}.").format(other))
	for again in (copy.copy(told), copy.deepcopy(told), pickle.loads(pickle.dumps(told))):
		assert (again, said(again, in_french)) == (told, said(told, in_french))
	assert json.loads(json.dumps({"told": told})) == {"told": plain(told)}


def test_plain_is_a_text_and_nothing_else() -> None:
	told = Wording("The server says {0}.").format("no")
	assert (type(plain(told)), plain(told)) == (str, "The server says no.")


def test_what_an_exception_says_can_still_be_translated() -> None:
	with pytest.raises(ValueError, match="no cron expression") as caught:
		check_cron("* *")
	assert said(str(caught.value), shouted).startswith("'* *' IS NO CRON EXPRESSION.")
	with pytest.raises(ValueError, match="brackets are for") as caught:
		normalise_url("http://[::1]x")
	assert "BRACKETS ARE FOR" in said(str(caught.value), shouted)


class TestSecrets:
	def test_are_masked_in_every_language(self) -> None:
		error = ServerError(_("The server says {0}.").format("user admin, password s3cr3t"))
		error.hide("s3cr3t")
		assert error.message == str(error) == "The server says user admin, password ***."
		assert said(error.message, in_french) == "Le serveur dit user admin, password ***."

	def test_are_masked_in_sentences_within_sentences(self) -> None:
		inner = _("The server says {0}.").format("s3cr3t")
		error = ServerError(joined(_("Wait."), inner))
		error.hide("s3cr3t")
		assert said(error.message, in_french) == "Patientez. Le serveur dit ***."

	def test_are_masked_as_json_writes_them(self) -> None:
		error = ServerError(_("The server says {0}.").format(r'{"password": "a\"b\"c"}'))
		error.hide('a"b"c')
		assert said(error.message, in_french) == 'Le serveur dit {"password": "***"}.'

	def test_that_our_own_words_hold_leave_a_text_that_is_not_translated(self) -> None:
		masked = without(_("The server says {0}.").format("no"), "server", "***")
		assert (type(masked), said(masked, in_french)) == (str, "The *** says no.")

	@examples(tests=200, nightly=5_000)
	@given(st.text('"XYZ{}', min_size=4, max_size=12), TEXTS, TEXTS)
	def test_never_show_in_any_language(self, secret: str, before: str, after: str) -> None:
		error = ServerError(_("{0} of {1}").format(f"{before}{secret}{after}", joined(secret, after)))
		error.hide(secret)
		assert secret not in error.message
		assert secret not in said(error.message, in_french)
		assert secret not in str(vars(error))


@pytest.mark.parametrize("told", ["the terminal's clock is ahead", "l'horloge du terminal avance"])
def test_a_punch_that_waits_is_known_again_whatever_was_said_of_it(told: str) -> None:
	result = CycleResult(began=datetime(2026, 1, 2, tzinfo=timezone.utc))
	punch = Punch(5, "007", datetime(2026, 1, 3, 8), "0")
	pending = Pending(Reason.IMPOSSIBLE_TIME, told, {}, punch, "5", "HR-EMP-1", is_new=False)
	result.add_page([pending, Pending(Reason.UNREADABLE_ROW, told, {}, transaction_id="6")], Stored(0))
	assert result.refused == ["5 007 2026-01-03 08:00:00 Impossible Time", "6 Unreadable Row"]
	assert result.rejections[1] == f"Transaction 6: unreadable row: {told}"


def test_a_wrong_clock_is_said_with_its_days_and_hours() -> None:
	told = str(WrongClock("SN1", "Gate", timedelta(days=-1, hours=-2)))
	assert told.startswith("The clock of terminal SN1 (Gate) is 1 day 2 hours behind the server's.")
	french = {"1 day": "1 jour", "{0} hours": "{0} heures"}
	assert "1 jour 2 heures behind" in said(told, lambda template: french.get(template, template))


def test_what_may_pass_is_known_by_its_code() -> None:
	assert may_pass(Unreachable.code)
	assert may_pass(TimedOut.code)
	assert not any(
		map(may_pass, ("wrong_credentials", "control_unsupported", "device_error", "unreadable", ""))
	)
