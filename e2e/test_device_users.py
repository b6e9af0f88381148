"""An OUT disables a person on the device, and HR brings everybody back."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from e2e.conftest import LogIn
from e2e.desk import PATIENCE
from e2e.services import Site
from zkteco_biometric.simulator import Simulator


def areas_of(device: Simulator, code: str) -> list[str]:
	person = device.store.person_by_code(code)
	assert person
	return [area.name for area in person.areas]


def test_enable_everyone_brings_back_whom_an_out_has_disabled(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	before = areas_of(device, "1001")
	site.run("device", device.url, "control")
	now = device.store.wall_clock().replace(microsecond=0)
	device.store.punch("1001", now, "1")
	desk = log_in("HR Manager")
	desk.open_form("ZKTeco Biometric Settings", world["device"])
	desk.press("Sync Now")
	expect(desk.glance).to_contain_text("1 person disabled", timeout=PATIENCE)
	assert areas_of(device, "1001") == ["Not Authorized"]
	desk.picture("people-disabled")
	desk.press("Show Device Users", "Device Users")
	expect(desk.form.locator(".list-row").first).to_be_visible(timeout=PATIENCE)
	desk.settle()
	desk.picture("device-users")

	desk.press("Enable Everyone")
	dialog = desk.dialog("Enable Everyone")
	desk.picture("enable-everyone")
	dialog.locator(".btn-modal-primary").click()
	desk.page.wait_for_timeout(500)
	desk.wait_until(lambda: areas_of(device, "1001") == before, "the person has the areas of before")
	desk.open_form("ZKTeco Biometric Settings", world["device"])
	desk.reload()
	expect(desk.glance).not_to_contain_text("disabled", timeout=PATIENCE)
