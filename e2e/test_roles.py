"""Who sees what: HR Managers act, HR Users look, and everybody else sees nothing of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from e2e.conftest import LogIn
from e2e.desk import PATIENCE
from e2e.services import Site
from zkteco_biometric.simulator import Simulator

SETTINGS = "ZKTeco Biometric Settings"
OURS = (
	SETTINGS,
	"ZKTeco Sync Log",
	"ZKTeco Pending Punch",
	"ZKTeco Device User",
	"ZKTeco Terminal",
	"ZKTeco Incident",
)


def test_an_hr_user_sees_how_it_goes_and_can_change_nothing(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	desk = log_in("HR User")
	desk.open_form(SETTINGS, world["device"])
	expect(desk.glance).to_contain_text("Connected", timeout=PATIENCE)
	for label in ("Sync Now", "Test Connection", "Import a Date Range"):
		assert not desk.offers(label), label
	desk.picture("hr-user")
	desk.open("Workspaces", "ZKTeco Biometric")
	desk.see("Waiting Punches")
	for doctype in OURS:
		desk.open("List", doctype)
		expect(desk.head).to_be_visible(timeout=PATIENCE)
	assert desk.call("zkteco_biometric.api.sync_now", device=world["device"]) == 403


def test_an_hr_user_sees_what_waits_and_who_is_disabled_and_decides_nothing(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url, "control")
	device.store.punch("1001", device.store.wall_clock().replace(microsecond=0), "1")
	site.run("sync")
	desk = log_in("HR User")
	desk.open("List", "ZKTeco Pending Punch")
	desk.form.locator(".list-row .list-subject a").first.click()
	desk.page.wait_for_function("window.cur_frm?.doctype === 'ZKTeco Pending Punch'", timeout=PATIENCE)
	desk.settle()
	for label in ("Link to Employee", "Retry", "Ignore"):
		assert not desk.offers(label), label
	desk.open("List", "ZKTeco Device User")
	desk.see("Employee 1001")
	assert not desk.offers("Enable Everyone")
	assert desk.call("zkteco_biometric.api.enable_everyone") == 403
	desk.open_form("Employee", world["employees"]["1001"])
	assert not desk.offers("Fetch Check-ins", "ZKTeco")


def test_a_stranger_sees_nothing(log_in: LogIn, device: Simulator, site: Site, world: Any) -> None:
	site.run("device", device.url)
	desk = log_in("Employee")
	for doctype in OURS:
		assert desk.status_of_list(doctype) == 403, doctype
	for method in ("sync_now", "test_connection", "enable_everyone"):
		assert desk.call(f"zkteco_biometric.api.{method}", device=world["device"]) == 403, method
	desk.open()
	assert "ZKTeco Biometric" not in desk.workspaces()
	desk.picture("stranger")


def test_a_message_reaches_whoever_reads_french(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	site.run("speak", world["users"]["HR User"], "fr")
	desk = log_in("HR User")
	desk.open_form(SETTINGS, world["device"])
	expect(desk.glance).not_to_contain_text("Connected", timeout=PATIENCE)
	expect(desk.glance).to_contain_text("Connecté", timeout=PATIENCE)
	desk.picture("french")
