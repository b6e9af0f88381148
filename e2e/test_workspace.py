"""At a glance: the workspace, as an HR Manager meets it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from e2e.conftest import LogIn
from e2e.desk import PATIENCE
from e2e.services import Site
from zkteco_biometric.simulator import Simulator


def test_the_workspace_tells_how_it_goes_and_leads_everywhere(
	log_in: LogIn, device: Simulator, site: Site, world: Any
) -> None:
	site.run("device", device.url)
	desk = log_in("HR Manager")
	desk.open("Workspaces", "ZKTeco Biometric")
	expect(desk.form.locator(".number-widget-box .number").first).to_be_visible(timeout=PATIENCE)
	expect(
		desk.form.locator(
			".dashboard-widget-box .chart-container svg, .dashboard-widget-box .chart-actions"
		).first
	).to_be_visible(timeout=PATIENCE)
	desk.page.wait_for_timeout(1500)
	desk.picture("workspace", full=True)
	for missing in ("not found", "No permission", "Something went wrong"):
		assert not desk.form.get_by_text(missing).count(), missing


def test_the_terminals_of_a_device_are_seen(log_in: LogIn, device: Simulator, site: Site, world: Any) -> None:
	site.run("device", device.url)
	desk = log_in("HR Manager")
	desk.open("List", "ZKTeco Terminal")
	for alias in ("Front door", "Workshop"):
		desk.see(alias)
	desk.picture("terminals")
