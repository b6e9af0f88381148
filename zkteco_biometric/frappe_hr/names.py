"""Names on the site that more than one module uses."""

from hashlib import sha1

SETTINGS = "ZKTeco Biometric Settings"
PENDING = "ZKTeco Pending Punch"
SYNC_LOG = "ZKTeco Sync Log"
DEVICE_USER = "ZKTeco Device User"
TERMINAL = "ZKTeco Terminal"
INCIDENT = "ZKTeco Incident"
SITE_SETTINGS = "ZKTeco Site Settings"
USER_ID = "zkteco_user_id"
CHECK_IN = "Employee Checkin"
BIOMETRIC_ID = "attendance_device_id"
KEY_FIELD = "zkteco_key"
DEVICE_FIELD = "zkteco_device"
TRANSACTION_FIELD = "zkteco_transaction_id"
PUNCH_FIELD = "zkteco_punch_key"
LOG_FIELD = "zkteco_sync_log"
HIDDEN_PASSWORD = "********"


def job_id(purpose: str, device: str) -> str:
	"""The id of a device's background job: letters, digits and underscores only, whatever the device is called."""
	return f"zkteco_{purpose}_{sha1(device.encode()).hexdigest()[:16]}"
