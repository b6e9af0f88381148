"""Puts the pictures that the documentation shows where it looks for them, from the last run of the browser tests."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "e2e" / "output"
SHOWN = ROOT / "docs" / "images"


def main() -> None:
	SHOWN.mkdir(exist_ok=True)
	missing = [name for name in sorted(wanted()) if not (TAKEN / name).exists()]
	if missing:
		sys.exit(f"{', '.join(missing)} not in {TAKEN.relative_to(ROOT)}: run make e2e first.")
	for name in wanted():
		shutil.copyfile(TAKEN / name, SHOWN / name)


def wanted() -> set[str]:
	"""The names of the pictures that pages of the documentation refer to."""
	pages = (ROOT / "docs").glob("*.md")
	return {name for page in pages for name in re.findall(r"\]\(images/([\w.-]+)\)", page.read_text())}


if __name__ == "__main__":
	main()
