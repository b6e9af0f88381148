"""Commands of bench: `bench zkteco-simulator`, and with `--site` those that need a site."""

from zkteco_biometric.command_line.connection_command import zkteco_test
from zkteco_biometric.command_line.doctor_command import zkteco_doctor
from zkteco_biometric.command_line.enable_command import zkteco_enable_everyone
from zkteco_biometric.command_line.import_command import zkteco_import
from zkteco_biometric.command_line.retry_command import zkteco_retry
from zkteco_biometric.command_line.simulator_command import zkteco_simulator
from zkteco_biometric.command_line.status_command import zkteco_status
from zkteco_biometric.command_line.sync_command import zkteco_sync

commands = [
	zkteco_status,
	zkteco_test,
	zkteco_sync,
	zkteco_import,
	zkteco_retry,
	zkteco_enable_everyone,
	zkteco_doctor,
	zkteco_simulator,
]
