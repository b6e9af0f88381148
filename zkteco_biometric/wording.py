"""Sentences for people that remember how they were made, so that the site can say them in its reader's language. Pure.

The heart writes `_("No answer within {0} seconds.").format(40)`, with literals as anywhere in a Frappe app, so that Frappe's
extractor of texts finds them. What comes of it *is* the English sentence, for logs, comparisons and the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter

Translate = Callable[[str], str]
"""From an English template to that of a language; to itself where there is none."""


class Wording(str):
	"""An English sentence with its `template` and its `arguments`, which may be wordings themselves.

	Any method of `str` but `format` returns a plain text, which is English for good.
	"""

	template: str
	arguments: tuple[str, ...]

	def __new__(cls, template: str, *arguments: object) -> Wording:
		told = tuple(one if isinstance(one, str) else str(one) for one in arguments)
		wording = super().__new__(cls, template.format(*told) if told else template)
		wording.template, wording.arguments = template, told
		return wording

	def __getnewargs__(self) -> tuple[str, ...]:  # type: ignore[override]
		return self.template, *self.arguments

	def __str__(self) -> str:
		"""Itself, so that what an exception says is still a wording."""
		return self

	def format(self, *arguments: object, **named: object) -> Wording:
		"""The template filled in: its placeholders are positional. What is no text is told as `str` has it."""
		if named:
			raise TypeError("placeholders are positional")
		return Wording(self.template, *arguments)

	def said(self, translate: Translate) -> str:
		"""In another language, as a plain text; in English where a translator has lost or invented placeholders."""
		template = translate(self.template) if _has_words(self.template) else self.template
		if not self.arguments:
			return template
		if _placeholders(template) != _placeholders(self.template):
			return plain(self)
		return template.format(*(said(one, translate) for one in self.arguments))

	def without(self, secret: str, mask: str) -> str:
		"""With the mask for the secret, also in the arguments. A plain text where our own words hold it."""
		hidden = plain(self).replace(secret, mask)
		wording = Wording(self.template, *(without(one, secret, mask) for one in self.arguments))
		return wording if wording == hidden else hidden


def _(template: str) -> Wording:
	"""Marks a literal for Frappe's extractor; nothing is translated before somebody reads it."""
	return Wording(template)


def joined(*parts: str, between: str = " ") -> Wording:
	"""The parts that are not empty, one after the other: sentences, or the items of a list."""
	there = [part for part in parts if part]
	return Wording(between.join(f"{{{number}}}" for number in range(len(there))), *there)


def said(text: str, translate: Translate) -> str:
	"""A wording in another language; any other text as it is."""
	return text.said(translate) if isinstance(text, Wording) else text


def without(text: str, secret: str, mask: str) -> str:
	"""With the mask in place of the secret, in whatever language it will be said."""
	return text.without(secret, mask) if isinstance(text, Wording) else text.replace(secret, mask)


def plain(text: str) -> str:
	"""The English text alone."""
	return str.__str__(text)


def _has_words(template: str) -> bool:
	return any(map(str.isalpha, template))


def _placeholders(template: str) -> set[str] | None:
	"""As they are written between the braces; None where the template cannot be filled in."""
	try:
		parts = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
	except ValueError:
		return None
	if any(not (name and name.isdecimal()) or spec or conversion for name, spec, conversion in parts):
		return None
	return {str(name) for name, _spec, _conversion in parts}
