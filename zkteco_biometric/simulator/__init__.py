"""A BioTime server to develop, test and demonstrate against.

It keeps the contract of the REST API as far as it is known, and can be made to fail in the ways that real
servers do. `python -m zkteco_biometric.simulator` runs one by hand.
"""

from zkteco_biometric.simulator import faults
from zkteco_biometric.simulator.fault_queue import Faults
from zkteco_biometric.simulator.models import Area, Person, Terminal, Transaction
from zkteco_biometric.simulator.request_log import Entry, RequestLog
from zkteco_biometric.simulator.server import Simulator
from zkteco_biometric.simulator.store import Store
from zkteco_biometric.simulator.variant import Variant

__all__ = [
	"Area",
	"Entry",
	"Faults",
	"Person",
	"RequestLog",
	"Simulator",
	"Store",
	"Terminal",
	"Transaction",
	"Variant",
	"faults",
]
