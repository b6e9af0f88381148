"""`python -m zkteco_biometric.simulator`."""

from zkteco_biometric.simulator.cli import simulator

if __name__ == "__main__":
	simulator(prog_name="python -m zkteco_biometric.simulator")
