"""HR configures a device, tests it, and reads its punches for the first time."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from e2e.conftest import PASSWORD, LogIn
from e2e.desk import PATIENCE, Desk
from e2e.services import Site
from zkteco_biometric.simulator import Simulator, faults

SETTINGS = "ZKTeco Biometric Settings"


def configure(desk: Desk, device: Simulator, password: str = PASSWORD) -> None:
	desk.open_new(SETTINGS)
	desk.fill("device_name", "Head Office")
	desk.fill("url", device.url)
	desk.fill("username", "admin")
	desk.fill("password", password)
	desk.save()


def test_a_device_with_the_wrong_password_and_then_the_right_one(
	log_in: LogIn, device: Simulator, world: Any
) -> None:
	desk = log_in("HR Manager")
	configure(desk, device, password="wrong-password")
	desk.picture("device-saved")
	desk.press("Test Connection")
	refused = desk.dialog("Something is in the way")
	expect(refused).to_contain_text("The log-in was rejected")
	expect(refused).to_contain_text("What to do:")
	desk.picture("test-connection-wrong-password")
	desk.close_dialogs()
	expect(desk.glance).to_contain_text("Log-in rejected", timeout=PATIENCE)
	desk.picture("log-in-rejected")

	desk.fill("password", PASSWORD)
	desk.save()
	desk.press("Test Connection")
	ready = desk.dialog("The device is ready")
	expect(ready).to_contain_text("The log-in works")
	expect(ready).to_contain_text("The licence includes the API")
	desk.picture("test-connection-ready")
	desk.close_dialogs()
	assert device.log.matching("/iclock/api/transactions/"), "it has looked at the punches"


def test_sync_now_shows_how_far_it_is_and_what_came_of_it(
	log_in: LogIn, device: Simulator, world: Any
) -> None:
	desk = log_in("HR Manager")
	configure(desk, device)
	desk.fill("page_size", "5")
	desk.save()
	device.faults.add(faults.delay(0.4), path="transactions", times=None)
	desk.press("Sync Now")
	expect(desk.form.locator(".zkteco-progress")).to_contain_text("punches read", timeout=PATIENCE)
	desk.picture("sync-progress")
	expect(desk.glance).to_contain_text("Connected", timeout=60_000)
	expect(desk.page.locator(".desk-alert")).to_contain_text("created", timeout=PATIENCE)
	desk.settle()
	desk.picture("sync-done")
	expect(desk.glance).to_contain_text(re.compile(r"Last sync (just now|\d+ (second|minute)s? ago)"))
	expect(desk.glance).to_contain_text(re.compile(r"\d+ punch(es)? waits?"))

	desk.open("List", "ZKTeco Sync Log")
	expect(desk.form.locator(".list-row").first).to_be_visible(timeout=PATIENCE)
	desk.picture("sync-logs")
	desk.form.locator(".list-row .list-subject a").first.click()
	desk.page.wait_for_function("window.cur_frm?.doctype === 'ZKTeco Sync Log'", timeout=PATIENCE)
	desk.settle()
	desk.picture("sync-log", full=True)

	desk.open("List", "Employee Checkin")
	expect(desk.form.locator(".list-row").first).to_be_visible(timeout=PATIENCE)
	desk.picture("check-ins")


def test_a_device_that_is_switched_off_is_told_with_the_remedy(
	log_in: LogIn, device: Simulator, world: Any
) -> None:
	desk = log_in("HR Manager")
	configure(desk, device)
	device.stop()
	desk.press("Sync Now")
	told = desk.dialog("The Sync Failed")
	expect(told).to_contain_text("What to do:")
	desk.picture("sync-failed")
	desk.close_dialogs()
	expect(desk.glance).to_contain_text("Not connected")
	desk.picture("not-connected")


def test_a_sync_in_the_background_leaves_other_forms_alone(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	"""Frappe tells of a device whose form was open once, for as long as the tab is open."""
	site.run("device", device.url)
	desk = log_in("HR Manager")
	desk.open_form(SETTINGS, world["device"])
	desk.open_form("Employee", world["without_code"])
	desk.hear("zkteco_device_changed", {"device": world["device"]})
	desk.page.wait_for_timeout(1500)
	assert desk.page.evaluate("[cur_frm.doctype, cur_frm.doc.name]") == ["Employee", world["without_code"]]
	assert world["device"] not in desk.page.title()


def test_a_form_that_was_left_open_tells_what_has_come_meanwhile(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	desk = log_in("HR User")
	desk.open_form(SETTINGS, world["device"])
	expect(desk.glance).to_contain_text("6 punches wait", timeout=PATIENCE)
	device.store.punch("V1", device.store.wall_clock().replace(microsecond=0), "0")
	site.run("sync")
	desk.hear("zkteco_device_changed", {"device": world["device"]})
	expect(desk.glance).to_contain_text("7 punches wait", timeout=PATIENCE)
	expect(desk.form.locator(".zkteco-lines")).to_contain_text("1 pending", timeout=PATIENCE)
