"""Faults ordered by name, as over the control routes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from zkteco_biometric.simulator.faults import BY_NAME, Fault

QUEUE_FIELDS = {"path": str, "method": str | None, "after": int, "times": int | None}


def ordered_fault(order: Mapping[str, Any]) -> Fault:
	"""The fault of an order such as `{"fault": "status", "code": 503, "times": 3}`.

	:raises ValueError: the name, an argument, or where and when it shall strike is wrong; the text says how.
	"""
	make = BY_NAME.get(str(order.get("fault")))
	if make is None:
		raise ValueError(
			f"There is no fault {order.get('fault')!r}: use one of {', '.join(sorted(BY_NAME))}."
		)
	arguments = {name: value for name, value in order.items() if name not in ("fault", *QUEUE_FIELDS)}
	hints = get_type_hints(make) | QUEUE_FIELDS
	_bind(make, arguments)
	for name, value in order.items():
		if name != "fault" and not _fits(value, hints[name]):
			raise ValueError(
				f"{name} {value!r} does not fit {_usage(make)}; after and times are whole numbers."
			)
	return make(**arguments)


def _bind(make: Callable[..., Fault], arguments: Mapping[str, Any]) -> None:
	try:
		inspect.signature(make).bind(**arguments)
	except TypeError as error:
		raise ValueError(f"The arguments do not fit {_usage(make)}: {error}.") from error


def _fits(value: object, hint: Any) -> bool:
	if hint is Any:
		return True
	if hint is float:
		return isinstance(value, int | float) and value >= 0
	return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def _usage(make: Callable[..., Fault]) -> str:
	return (
		f"{make.__name__}({', '.join(map(str, inspect.signature(make, eval_str=True).parameters.values()))})"
	)
