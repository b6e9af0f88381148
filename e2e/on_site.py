"""Runs in the bench's own Python, on the site: `on_site.py SITE prepare|clean|tick|sync`, or `... SITE device URL [control]`.

Prints JSON for the tests, which run outside of the bench.
"""

import json
import sys

import frappe
from frappe.utils.password import update_password

USERS = {
	"HR Manager": "zkteco-e2e-hr-manager@example.com",
	"HR User": "zkteco-e2e-hr-user@example.com",
	"Employee": "zkteco-e2e-stranger@example.com",
}
PASSWORD = "zkteco-e2e-password"
CODES = ("1001", "007", "A7")
"""Those of the simulator's first people; V1 is a visitor whom HR does not know."""
DEVICE = "Head Office"
_OURS = "zkteco-e2e-%"


def main(site: str, action: str, *arguments: str) -> None:
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	try:
		print(json.dumps(_ACTIONS[action](*arguments)))
		frappe.db.commit()
	finally:
		frappe.destroy()


def prepare() -> dict:
	"""A site with three users, three employees with a Biometric ID, one without, and no device."""
	from zkteco_biometric.tests.support import ensure_company

	clean()
	ensure_company()
	tick()
	people = {code: _employee(f"Employee {code}", attendance_device_id=code) for code in CODES}
	return {
		"users": {role: _user(role) for role in USERS},
		"password": PASSWORD,
		"employees": people,
		"without_code": _employee("Employee New"),
		"device": DEVICE,
		"time_zone": frappe.utils.get_system_timezone(),
	}


def clean() -> dict:
	"""Devices and everything that came by them, and whoever was made for these tests."""
	people = frappe.get_all("Employee", {"personal_email": ("like", _OURS)}, pluck="name", order_by="name")
	if people:
		frappe.db.delete("Employee Checkin", {"employee": ("in", people)})
	frappe.db.delete("Employee Checkin", {"zkteco_device": DEVICE})
	for doctype in frappe.get_all("DocType", {"module": "ZKTeco Biometric", "istable": 0}, pluck="name"):
		if doctype != "ZKTeco Biometric Settings" and not frappe.get_meta(doctype).issingle:
			frappe.db.delete(doctype)
	for device in frappe.get_all("ZKTeco Biometric Settings", pluck="name", order_by="name"):
		frappe.delete_doc("ZKTeco Biometric Settings", device, force=True)
	frappe.db.delete("Employee", {"personal_email": ("like", _OURS)})
	for user in frappe.get_all("User", {"name": ("like", _OURS)}, pluck="name", order_by="name"):
		frappe.db.delete("Notification Log", {"for_user": user})
		for contact in frappe.get_all("Contact", {"user": user}, pluck="name", order_by="name"):
			frappe.delete_doc("Contact", contact, force=True)
		frappe.delete_doc("User", user, force=True)
	return {}


def tick() -> dict:
	"""What the scheduler's process does with this app's entries: from then on the site knows that it runs."""
	for method in frappe.get_hooks("scheduler_events")["all"]:
		if method.startswith("zkteco_biometric."):
			frappe.get_doc("Scheduled Job Type", {"method": method}).execute()
	return {}


def device(url: str, control: str = "") -> dict:
	"""A device at that address that has been read once; with `control`, its people are enabled and disabled."""
	from zkteco_biometric.sync import sync_device

	values = {"control_users": 1, "parking_area": "Not Authorized"} if control else {}
	doc = frappe.get_doc(
		{
			"doctype": "ZKTeco Biometric Settings",
			"device_name": DEVICE,
			"url": url,
			"username": "admin",
			"password": "simulator",
			"fetch_frequency": "Daily",
			**values,
		}
	)
	doc.insert()
	frappe.db.commit()
	tick()
	sync_device(DEVICE)
	return {}


def sync() -> dict:
	"""As a worker would."""
	from zkteco_biometric.sync import sync_device

	sync_device(DEVICE)
	return {}


def speak(user: str, language: str) -> dict:
	"""That user reads Desk in another language, as it was compiled for this bench."""
	from frappe.gettext.translate import compile_translations

	compile_translations("zkteco_biometric", language)
	frappe.db.set_value("User", user, "language", language)
	frappe.clear_cache()
	return {}


def _user(role: str) -> str:
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": USERS[role],
			"first_name": role,
			"send_welcome_email": 0,
			"user_type": "System User",
			"roles": [{"role": role}],
			"language": "en",
		}
	)
	user.flags.no_welcome_mail = True
	name = user.insert().name
	update_password(name, PASSWORD)
	return name


def _employee(first_name: str, **values: str) -> str:
	return (
		frappe.get_doc(
			{
				"doctype": "Employee",
				"first_name": first_name,
				"personal_email": f"zkteco-e2e-{frappe.scrub(first_name)}@example.com",
				"company": frappe.db.get_value("Company", {}, "name", order_by="creation"),
				"gender": frappe.db.get_value("Gender", {}, "name", order_by="creation"),
				"date_of_birth": "1990-01-01",
				"date_of_joining": "2020-01-01",
				"status": "Active",
				**values,
			}
		)
		.insert()
		.name
	)


_ACTIONS = {"prepare": prepare, "clean": clean, "tick": tick, "device": device, "speak": speak, "sync": sync}

if __name__ == "__main__":
	main(*sys.argv[1:])
