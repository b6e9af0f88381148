"""Everything that a request may need."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from zkteco_biometric.simulator.accounts import Account
from zkteco_biometric.simulator.fault_queue import Faults
from zkteco_biometric.simulator.late import Late
from zkteco_biometric.simulator.request_log import RequestLog
from zkteco_biometric.simulator.store import Store
from zkteco_biometric.simulator.variant import Variant
from zkteco_biometric.simulator.wallclock import Clock


@dataclass
class State:
	"""The parts of one simulator; `stopping` is set while it shuts down, `late` holds what is still to be carried out."""

	store: Store
	account: Account
	variant: Variant
	clock: Clock
	faults: Faults = field(default_factory=Faults)
	log: RequestLog = field(default_factory=RequestLog)
	stopping: Event = field(default_factory=Event)
	late: Late = field(default_factory=Late)
