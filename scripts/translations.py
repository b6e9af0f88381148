"""What people see in their own language: `translations.py update` gathers every sentence of the app into
`zkteco_biometric/locale/main.pot` and brings the languages beside it up to date; `translations.py missing` counts what each lacks.

The sentences are those that Frappe translates: `_("…")` in Python, `__("…")` in scripts, labels and descriptions in the
app's JSON. `bench build` compiles what is translated.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "zkteco_biometric"
LOCALE = APP / "locale"
TEMPLATE = LOCALE / "main.pot"
LANGUAGES = ("ar", "es", "fr", "pt", "sw")

Message = tuple[int, str]

_CODE = {".py": ("python", {"_": None, "_lt": None}), ".js": ("javascript", {"__": None})}
_NOT_SHOWN = ("tests", "simulator", "standalone")
_LABELS = ("label", "description", "title")
_NESTED = ("charts", "number_cards", "links", "shortcuts", "items", "roles")


def main(arguments: list[str]) -> int:
	if arguments == ["update"]:
		update()
		return 0
	if arguments == ["missing"]:
		return _tell_missing()
	sys.exit(__doc__)


def update() -> None:
	template = gathered()
	_write(TEMPLATE, template)
	for language in LANGUAGES:
		path = LOCALE / f"{language}.po"
		catalog = read(path) if path.exists() else _new_catalog(language)
		catalog.update(template, no_fuzzy_matching=True)
		catalog.obsolete.clear()
		_write(path, catalog)
	_tell_missing()


def gathered() -> Catalog:
	"""Every sentence of the app, with where it stands."""
	catalog = _new_catalog()
	for path in sorted(APP.rglob("*")):
		if path.suffix not in (".py", ".js", ".json") or _is_not_shown(path):
			continue
		for line, message in _messages(path):
			if message.strip():
				catalog.add(message, locations=[(str(path.relative_to(ROOT)), line or 1)])
	return catalog


def read(path: Path) -> Catalog:
	with path.open("rb") as file:
		return read_po(file, locale=None if path == TEMPLATE else path.stem)


def missing(catalog: Catalog) -> list[str]:
	"""The sentences that it does not translate."""
	return [message.id for message in catalog if message.id and not message.string]


def _messages(path: Path) -> Iterator[Message]:
	if path.suffix == ".json":
		yield from ((1, message) for message in _of_json(json.loads(path.read_text())))
		return
	method, keywords = _CODE[path.suffix]
	found_in = extract_from_file(
		method, str(path), keywords=keywords, options={"parse_template_string": True}
	)
	for line, found, _comments, _context in found_in:
		yield line, found if isinstance(found, str) else found[0]


def _of_json(document: Any) -> Iterator[str]:
	"""Of a doctype, workspace, number card, chart, report, sidebar or desktop icon."""
	kind = document.get("doctype") if isinstance(document, dict) else None
	if kind == "DocType":
		yield document["name"]
		yield from _labels(document)
		for field in document.get("fields", []):
			yield from _labels(field)
			yield from _options(field)
		yield from (link["group"] for link in document.get("links", []) if link.get("group"))
	elif kind:
		yield from (
			document[name] for name in ("chart_name", "report_name", "source_name") if name in document
		)
		yield from _of_page(document)


def _of_page(document: Any) -> Iterator[str]:
	yield from _labels(document)
	for name in _NESTED:
		for row in document.get(name) or []:
			yield from _labels(row)
			yield from filter(None, [row.get("format")])
	for block in json.loads(document.get("content") or "[]"):
		if block.get("type") in ("header", "paragraph"):
			yield block["data"]["text"]


def _labels(row: Any) -> Iterator[str]:
	return (row[name] for name in _LABELS if row.get(name))


def _options(field: Any) -> Iterator[str]:
	options = field.get("options") or ""
	if field["fieldtype"] == "Select":
		yield from (option for option in options.split("\n") if option and not option.isdigit())
	elif field["fieldtype"] == "HTML" and options:
		yield options


def _is_not_shown(path: Path) -> bool:
	"""What only developers see, and English."""
	return any(part in _NOT_SHOWN for part in path.relative_to(APP).parts)


def _new_catalog(language: str | None = None) -> Catalog:
	return Catalog(
		locale=language,
		project="ZKTeco Biometric",
		copyright_holder="ZKTeco Biometric contributors",
		msgid_bugs_address="zkteco-biometric@example.com",
		creation_date=_A_DAY,
		revision_date=_A_DAY,
		fuzzy=False,
	)


_A_DAY = datetime(2026, 11, 22, tzinfo=timezone.utc)
"""Dates of the files would change with every run, and say nothing that the history does not."""


def _write(path: Path, catalog: Catalog) -> None:
	catalog.creation_date = catalog.revision_date = _A_DAY
	text = BytesIO()
	write_po(text, catalog, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
	path.write_bytes(text.getvalue())


def _tell_missing() -> int:
	lacking = {language: len(missing(read(LOCALE / f"{language}.po"))) for language in LANGUAGES}
	for language, number in lacking.items():
		print(f"{language}: {number} of {len(read(TEMPLATE))} sentences are missing")
	return 1 if any(lacking.values()) else 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
