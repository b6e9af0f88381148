"""Whose name a terminal's name may be: it may lack parts, accents and letters, and begin with the family. Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from operator import itemgetter

ALIKE_ENOUGH = 0.7
"""Two of three parts the same, or all of them nearly; not one of two."""

_AN_INITIAL = 0.8
_A_BEGINNING = 0.9
_SHORTEST_BEGINNING = 3
_WORDS_ALIKE = 0.75
_RUN_TOGETHER = 0.95
_MOST_OTHER_LETTERS = 4
_KEPT = 0.6
"""What a match is worth of which nearly every part of the longer name is missing."""


class Names:
	"""Names to look in; asking for several names of a device costs little more than for one."""

	def __init__(self, names: Mapping[str, str]) -> None:
		self._words = {key: words(name) for key, name in names.items()}
		self._bearers: dict[str, set[str]] = defaultdict(set)
		self._run_together: dict[str, set[str]] = defaultdict(set)
		for key, parts in self._words.items():
			self._run_together["".join(parts)].add(key)
			for word in parts:
				self._bearers[word].add(key)

	def like(self, name: str, most: int = 3) -> list[tuple[str, float]]:
		"""The keys of the names most like this one with their likeness up to 1, the best first; none below `ALIKE_ENOUGH`."""
		wanted = words(name)
		if not wanted:
			return []
		found = {key: likeness(wanted, self._words[key]) for key in self._candidates(wanted)}
		for key in self._run_together.get("".join(wanted), ()):
			found[key] = max(found.get(key, 0), _RUN_TOGETHER)
		good = [(key, score) for key, score in sorted(found.items()) if score >= ALIKE_ENOUGH]
		return sorted(good, key=itemgetter(1), reverse=True)[:most]

	def _candidates(self, wanted: tuple[str, ...]) -> set[str]:
		return {
			key
			for word in set(wanted)
			for known, bearers in self._bearers.items()
			if _word_likeness(word, known)
			for key in bearers
		}


def words(name: str) -> tuple[str, ...]:
	"""The parts of a name without case, accents and punctuation; numbers are no part of a name."""
	letters = "".join(
		" " if unicodedata.category(letter)[0] in "PSZC" else letter
		for letter in unicodedata.normalize("NFKD", name.casefold())
		if not unicodedata.combining(letter)
	)
	return tuple(word for word in letters.split() if not word.isdigit())


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
	"""From 0 to 1: each part of the shorter name beside the best of the longer, in whatever order."""
	short, left = (one, list(other)) if len(one) <= len(other) else (other, list(one))
	if not short:
		return 0.0
	share = len(short) / len(left)
	total = 0.0
	for word in sorted(short, key=len, reverse=True):
		best = max(left, key=lambda known: _word_likeness(word, known))
		total += _word_likeness(word, best)
		left.remove(best)
	return total / len(short) * (_KEPT + (1 - _KEPT) * share)


@lru_cache(maxsize=100_000)
def _word_likeness(one: str, other: str) -> float:
	"""0 for words that are not alike."""
	short, long = sorted((one, other), key=len)
	if short == long:
		return 1.0
	if long.startswith(short):
		return _AN_INITIAL if len(short) == 1 else _A_BEGINNING if len(short) >= _SHORTEST_BEGINNING else 0.0
	if len(set(short) ^ set(long)) > _MOST_OTHER_LETTERS:
		return 0.0
	ratio = SequenceMatcher(None, short, long, autojunk=False).ratio()
	return ratio if ratio >= _WORDS_ALIKE else 0.0
