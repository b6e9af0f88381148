"""An employee's punches on their own form, and reading them again for that person alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from e2e.conftest import LogIn
from e2e.desk import PATIENCE
from e2e.services import Site
from zkteco_biometric.simulator import Simulator


def test_an_employee_s_check_ins_are_fetched_from_their_form(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	employee = world["employees"]["1001"]
	desk = log_in("HR Manager")
	desk.open_form("Employee", employee)
	desk.see_field("attendance_device_id")
	desk.picture("employee")
	desk.press("Fetch Check-ins", "ZKTeco")
	dialog = desk.dialog("Fetch Check-ins")
	desk.picture("fetch-check-ins")
	dialog.locator(".btn-modal-primary").click()
	desk.settle()
	desk.wait_until(
		lambda: desk.count("ZKTeco Sync Log", {"trigger": "Import", "status": "Success"}) == 1,
		"an import of that person's punches has come to its end",
	)
	asked = [entry for entry in device.log.matching("/iclock/api/transactions/") if "emp_code" in entry.query]
	assert {entry.query["emp_code"] for entry in asked} == {"1001"}


def test_a_check_in_says_where_it_came_from(log_in: LogIn, device: Simulator, site: Site, world: Any) -> None:
	site.run("device", device.url)
	desk = log_in("HR Manager")
	desk.open("List", "Employee Checkin", "List")
	desk.form.locator(".list-row .list-subject a").first.click()
	desk.page.wait_for_function("window.cur_frm?.doctype === 'Employee Checkin'", timeout=PATIENCE)
	desk.settle()
	expect(desk.form.locator(".zkteco-head")).to_contain_text(world["device"], timeout=PATIENCE)
	desk.picture("check-in")
