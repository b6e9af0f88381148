"""Pages, as the build at hand cuts and wraps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ApiError, json_answer
from zkteco_biometric.simulator.variant import Variant

DEFAULT_SIZE = 10


@dataclass(frozen=True)
class Cut:
	"""Which rows a request asks for."""

	number: int
	size: int

	@property
	def offset(self) -> int:
		return (self.number - 1) * self.size


def asked_cut(request: Request, variant: Variant) -> Cut:
	"""The page that the request asks for.

	:raises ApiError: 404, the page number is none.
	"""
	number = _positive(request.args.get("page", "1"))
	if number is None:
		raise invalid_page()
	return Cut(number, _asked_size(request, variant))


def page_answer(request: Request, variant: Variant, cut: Cut, count: int, rows: list[Any]) -> Response:
	"""The rows of that page in their envelope.

	:raises ApiError: 404, the page lies past the end; page 1 never does.
	"""
	if cut.number > 1 and cut.offset >= count:
		raise invalid_page()
	following = cut.number + 1 if cut.offset + cut.size < count else 0
	envelope = {
		"count": count,
		"next": _link(request, variant, following),
		"previous": _link(request, variant, cut.number - 1),
		"msg": "",
		"code": 0,
		variant.envelope: rows,
	}
	return json_answer(envelope)


def invalid_page() -> ApiError:
	"""What a page past the end answers."""
	return ApiError.detail(404, "Invalid page.")


def _asked_size(request: Request, variant: Variant) -> int:
	sizes = (_positive(request.args.get(name, "")) for name in variant.page_size_names)
	size = next((size for size in sizes if size), DEFAULT_SIZE)
	return max(min(size, variant.max_page_size or size), variant.min_page_size or 1)


def _positive(text: str) -> int | None:
	return int(text) if re.fullmatch("0*[1-9][0-9]{0,8}", text) else None


def _link(request: Request, variant: Variant, number: int) -> str | None:
	if not number:
		return None if variant.next_null == "null-value" else "null"
	kept = request.args.to_dict() if variant.next_keeps_filters else {}
	base = (variant.next_host or request.host_url).rstrip("/")
	return f"{base}{request.path}?{urlencode({**kept, 'page': number})}"
