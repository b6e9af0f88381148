"""People who are still disabled on devices that this site has no longer: only a person can bring them back."""

from collections.abc import Collection

from zkteco_biometric.frappe_hr.device_user_release import held_people

DELETED = "The device has been deleted here, so that this app cannot ask it any more."
BY_HAND = "Give them back on the BioTime server what stood there before; then press Settled by Hand on their ZKTeco Device User."


def people_left_behind(devices: Collection[str]) -> list:
	"""Rows as of `held_people`, with what is in the way and what to do. `devices`: all that there are."""
	rows = [row for row in held_people() if row.device not in devices]
	for row in rows:
		row.update(error=DELETED, error_code=None, remedy=BY_HAND)
	return rows
