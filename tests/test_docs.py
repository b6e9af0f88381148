"""What the documentation refers to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.pictures import SHOWN, wanted

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_links_to_what_there_is(page: Path) -> None:
	gone = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
	assert gone == []


def test_every_picture_is_shown_somewhere() -> None:
	assert {path.name for path in SHOWN.iterdir()} == wanted()
