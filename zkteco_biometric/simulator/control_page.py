"""The page that shows a person what the simulator is doing."""

from __future__ import annotations

from html import escape

from zkteco_biometric.simulator.models import Transaction
from zkteco_biometric.simulator.rows import STATE_DISPLAY
from zkteco_biometric.simulator.state import State
from zkteco_biometric.simulator.store import Store
from zkteco_biometric.simulator.wallclock import written

SHOWN = 20

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>BioTime simulator</title></head>
<body>
<h1>BioTime simulator</h1>
<dl>
{facts}
</dl>
<h2>Last punches</h2>
<table>
<thead><tr><th>Id</th><th>Person</th><th>Time</th><th>State</th><th>Terminal</th></tr></thead>
<tbody>
{punches}
</tbody>
</table>
<h2>Steer it</h2>
<ul>
<li><a href="/simulator/requests">Requests so far</a></li>
<li>A new punch: <code>POST /simulator/punches {{"emp_code": "1001", "punch_state": "0"}}</code></li>
<li>Somebody tries to punch: <code>POST /simulator/person-punches {{"emp_code": "1001", "punch_state": "0"}}</code></li>
<li>A fault: <code>POST /simulator/faults {{"fault": "status", "code": 503, "times": 3}}</code></li>
<li>No more faults: <code>DELETE /simulator/faults</code></li>
<li>What a fault has kept for later: <code>POST /simulator/late {{}}</code></li>
</ul>
</body>
</html>
"""


def page(state: State) -> str:
	"""The state, the newest punches, and how to steer."""
	facts = {
		"User name": state.account.username,
		"Wall clock": written(state.store.wall_clock()),
		"People": len(state.store.people),
		"Terminals": ", ".join(terminal.sn for terminal in state.store.terminals) or "none",
		"Punches": state.store.punch_count,
		"Requests": len(state.log.entries),
		"Rejected log-ins": state.account.rejected_logins,
		"Faults waiting": len(state.faults),
	}
	return _PAGE.format(
		facts="\n".join(f"<dt>{name}</dt><dd>{escape(str(fact))}</dd>" for name, fact in facts.items()),
		punches="\n".join(map(_row, _newest(state.store))),
	)


def _newest(store: Store) -> list[Transaction]:
	first = max(0, store.punch_count - SHOWN)
	return store.punch_page(offset=first, size=SHOWN)[1][::-1]


def _row(row: Transaction) -> str:
	state = STATE_DISPLAY.get(str(row.punch_state), "Unknown")
	cells = (row.id, row.emp_code, written(row.punch_time), state, row.terminal_sn)
	return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"
