"""Faults that change what a simulator says around the rows of a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.faults import Answer, Fault

Envelope = dict[str, Any]
Change = Callable[[Envelope, Request], Envelope]


def said(change: Change) -> Fault:
	"""The page, with its envelope changed; answers without a page stay as they are."""

	def fault(request: Request, answer: Answer) -> Response:
		response = answer(request)
		if response.status_code == 200:
			response.set_data(json.dumps(change(response.get_json(), request)))
		return response

	return fault


def on_page(number: int, fault: Fault) -> Fault:
	"""The fault at that page only."""
	return lambda request, answer: (
		fault(request, answer) if request.args["page"] == str(number) else answer(request)
	)


def always(sim: Simulator, *faults: Fault) -> Simulator:
	"""The simulator, which from now on does all of this to every page, the first of them last."""

	def together(request: Request, answer: Answer) -> Response:
		for fault in faults:
			answer = _around(fault, answer)
		return answer(request)

	sim.faults.add(together, path=TRANSACTIONS, times=None)
	return sim


def _around(fault: Fault, answer: Answer) -> Answer:
	return lambda request: fault(request, answer)


def without(*names: str) -> Fault:
	return said(lambda page, _: {name: value for name, value in page.items() if name not in names})


def with_(**changes: Any) -> Fault:
	return said(lambda page, _: page | changes)


def empty() -> Fault:
	return with_(data=[])


def count_of_this_page() -> Fault:
	return said(lambda page, _: page | {"count": len(page["data"])})


def count_as_text() -> Fault:
	return said(lambda page, _: page | {"count": str(page["count"])})
