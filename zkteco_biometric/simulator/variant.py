"""How one BioTime build differs from the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args, get_origin, get_type_hints

BulkCall = Literal["works", "error500", "missing_json", "missing_html"]


@dataclass(frozen=True)
class Variant:
	"""The habits of the build to play; the defaults are a ZKBioTime 8.x as recorded.

	Frozen: change a running simulator with `sim.variant = dataclasses.replace(sim.variant, ...)`.

	- `jwt`, `general_token`: which of the two log-ins exists.
	- `jwt_missing_as`: what the JWT log-in answers where it does not exist.
	- `envelope`: the name under which a page carries its rows.
	- `page_size_param`: the parameter name that is honoured; `max_page_size`: a silent cap.
	- `min_page_size`: a silent floor; with an equal cap, the size is ignored.
	- `next_host`: scheme and host of `next` and `previous`, as behind a proxy; None takes the Host header.
	- `next_null`: how "no further page" is written; `next_keeps_filters`: whether links repeat the filters.
	- `loose_emp_code`: `emp_code` filters by "contains".
	- `emp_code_filter`, `time_filters`, `ordering`: False ignores these parameters silently.
	- `coordinates`: rows carry `longitude` and `latitude`, as in 9.5.
	- `adjust_area`, `resync`, `patch_area_alone`: what moves a person; some 8.x answer 500, and a build may lack a route.
	- `licence`: False answers 403 below /personnel/ and /iclock/; `accepts_basic`: HTTP Basic works too.
	"""

	jwt: bool = True
	general_token: bool = True
	jwt_missing_as: Literal["json404", "html"] = "json404"
	envelope: Literal["data", "results"] = "data"
	page_size_param: Literal["both", "page_size", "limit"] = "both"
	max_page_size: int | None = None
	min_page_size: int | None = None
	punch_state: Literal["str", "int"] = "str"
	next_host: str | None = None
	next_null: Literal["null-value", "null-string"] = "null-value"
	next_keeps_filters: bool = True
	loose_emp_code: bool = False
	emp_code_filter: bool = True
	time_filters: bool = True
	ordering: bool = True
	coordinates: bool = False
	adjust_area: BulkCall = "works"
	resync: BulkCall = "works"
	patch_area_alone: Literal["works", "error500"] = "works"
	licence: bool = True
	accepts_basic: bool = False

	def __post_init__(self) -> None:
		for name, hint in get_type_hints(type(self)).items():
			if get_origin(hint) is Literal and getattr(self, name) not in get_args(hint):
				choices = ", ".join(map(repr, get_args(hint)))
				raise ValueError(f"Variant({name}={getattr(self, name)!r}) is unknown: use one of {choices}.")

	@property
	def page_size_names(self) -> tuple[str, ...]:
		"""The query parameters that set the page size, the stronger first."""
		return ("page_size", "limit") if self.page_size_param == "both" else (self.page_size_param,)
