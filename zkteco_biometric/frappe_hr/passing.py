"""Which failures may pass without anybody doing anything, where only what was told of them is kept."""

from zkteco_biometric.biotime.errors import remedies_that_may_pass
from zkteco_biometric.frappe_hr.wording import stored


def may_pass(remedy: str | None) -> bool:
	"""By the remedy, as it stands on a document: that of a device which is off, slow or failing."""
	return remedy in map(stored, remedies_that_may_pass())
