"""Somebody punches whom HR does not know yet: HR says who it is, and the punches become check-ins."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from e2e.conftest import LogIn
from e2e.desk import PATIENCE
from e2e.services import Site
from zkteco_biometric.simulator import Simulator

PENDING = "ZKTeco Pending Punch"


def test_an_unknown_code_is_linked_and_its_punches_become_check_ins(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	desk = log_in("HR Manager")
	desk.open_form("ZKTeco Biometric Settings", world["device"])
	desk.glance.get_by_text(re.compile(r"punch(es)? waits?")).click()
	expect(desk.form.locator(".list-row").first).to_be_visible(timeout=PATIENCE)
	desk.settle()
	desk.picture("pending-punches")
	desk.form.locator(".list-row .list-subject a").first.click()
	desk.page.wait_for_function("window.cur_frm?.doctype === 'ZKTeco Pending Punch'", timeout=PATIENCE)
	desk.settle()
	desk.picture("pending-punch")

	desk.press("Link to Employee")
	dialog = desk.dialog("Link to Employee")
	desk.fill_link(dialog, "employee", world["without_code"])
	expect(dialog).to_contain_text("gets the Biometric ID V1", timeout=PATIENCE)
	desk.picture("link-to-employee")
	dialog.locator(".btn-modal-primary").click()
	desk.settle()
	desk.close_dialogs()
	desk.open_form("Employee", world["without_code"])
	assert desk.page.evaluate("cur_frm.doc.attendance_device_id") == "V1"
	desk.open_form("ZKTeco Biometric Settings", world["device"])
	expect(desk.glance).to_contain_text("No punch waits", timeout=PATIENCE)
	assert desk.count("Employee Checkin", {"employee": world["without_code"]}) > 0
	assert desk.count(PENDING, {"status": "Waiting"}) == 0
