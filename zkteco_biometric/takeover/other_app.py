"""The other app on the same site: one doctype cannot have two owners."""

import click
import frappe
from frappe import _

from zkteco_biometric.frappe_hr.names import SETTINGS

OTHER_APP = "zkteco_biometric_integration"
_MODULE = "ZKTeco Biometric"


def keep_the_doctype() -> None:
	"""Ours again, where the other app's files were synced after ours; and a word, while that app is installed."""
	if frappe.db.get_value("DocType", SETTINGS, "module") != _MODULE:
		frappe.reload_doc("zkteco_biometric", "doctype", frappe.scrub(SETTINGS), force=True)
	if OTHER_APP in frappe.get_installed_apps():
		click.secho(
			_(
				"The app {0} is still installed, and does nothing any more. Uninstall it now: bench --site {1} uninstall-app {0}. The devices belong to this app and stay."
			).format(OTHER_APP, frappe.local.site),
			fg="yellow",
		)


def refuse_the_other_app(app: str) -> None:
	"""It would take the doctype with every device, and drop it with its table when it is uninstalled."""
	if app == OTHER_APP:
		frappe.throw(
			_(
				"{0} and ZKTeco Biometric keep their devices in a doctype of the same name. Uninstall zkteco_biometric first; its devices go with it."
			).format(app)
		)
