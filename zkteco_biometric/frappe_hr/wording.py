"""The heart's sentences in a language: the site's for what is stored, the reader's for what answers somebody.

A job runs as whoever enqueued it, so that the language of the moment must not decide what a document says. The Error Log, the
codes of errors and the command line stay English: a wording as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import frappe

from zkteco_biometric.wording import _, plain, said

_LONGEST_LINE = 400
_MOST_LINES = 20


def translated(text: str, lang: str | None = None) -> str:
	"""A wording in that language, by default the language of who is asking; any other text as it is."""
	return said(text, lambda template: frappe._(template, lang=lang))


def site_language() -> str:
	return frappe.db.get_single_value("System Settings", "language") or "en"


@contextmanager
def speaking_to_the_site() -> Iterator[None]:
	"""For what others say, such as HRMS when it refuses a check-in: a job speaks to whoever enqueued it."""
	before = frappe.local.lang
	frappe.local.lang = site_language()
	try:
		yield
	finally:
		frappe.local.lang = before


def stored(text: str) -> str:
	"""What a document says: in the site's language, and harmless."""
	return harmless(translated(text, site_language()))


def stored_lines(lines: Sequence[str]) -> str:
	"""The same of `first_lines`."""
	return "\n".join(first_lines(lines, stored))


def first_lines(lines: Sequence[str], say: Callable[[str], str] = plain) -> list[str]:
	"""As many, and each as long, as a form can bear; the last one says how many more there are."""
	shown = [_shortened(say(line)) for line in lines[:_MOST_LINES]]
	more = len(lines) - len(shown)
	return [*shown, say(_("and {0} more").format(more))] if more else shown


def harmless(text: str) -> str:
	"""Text of a device for a form: Frappe shows a read-only text as HTML."""
	return text.replace("<", "‹").replace(">", "›")


def _shortened(line: str) -> str:
	return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
