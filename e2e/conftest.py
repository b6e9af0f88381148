"""A site that is served, users who are logged in, and a device: `make e2e BENCH=path SITE=name`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, sync_playwright

from e2e.desk import DESKTOP, PHONE, Desk, Screen
from e2e.services import Site, running
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.demo import populate

OUTPUT = Path(__file__).parent / "output"
PASSWORD = "simulator"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")

LogIn = Callable[[str], Desk]


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
	bench, name = os.environ["ZKTECO_E2E_BENCH"], os.environ["ZKTECO_E2E_SITE"]
	OUTPUT.mkdir(exist_ok=True)
	with running(Path(bench), name, OUTPUT) as served:
		yield served
		served.run("clean")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	"""Debian's, or whichever the machine has; none is downloaded."""
	path = next(filter(None, map(shutil.which, _BROWSERS)), None)
	if not path:
		pytest.fail(f"No browser is installed. Install one of: {', '.join(_BROWSERS)}.")
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
		yield browser
		browser.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
	chosen: Screen = request.param
	return chosen


@pytest.fixture
def world(site: Site) -> Any:
	"""Users, employees, and no device: as `on_site.py` has made them."""
	return site.run("prepare")


@pytest.fixture
def device(world: Any) -> Iterator[Simulator]:
	"""A BioTime server in the site's time zone, with people whose codes HR knows, and one of whom it does not."""
	with Simulator(password=PASSWORD, time_zone=ZoneInfo(world["time_zone"])) as simulator:
		populate(simulator.store, people=3, days=5)
		lately = simulator.store.wall_clock().replace(microsecond=0) - timedelta(minutes=40)
		for minute, code in enumerate(("1001", "007", "A7")):
			simulator.store.punch(code, lately + timedelta(minutes=minute), "0")
		yield simulator


@pytest.fixture
def log_in(
	browser: Browser, site: Site, screen: Screen, world: Any, request: pytest.FixtureRequest
) -> Iterator[LogIn]:
	"""A Desk for a user with that role. What the browser meets that is broken fails the test."""
	opened, broken = [], []

	def log_in_as(role: str) -> Desk:
		context = browser.new_context(
			viewport={"width": screen.width, "height": screen.height}, locale="en-GB", reduced_motion="reduce"
		)
		opened.append(context)
		page = context.new_page()
		page.on("pageerror", lambda error: broken.append(f"{error.message}: {error.stack}"))
		desk = Desk(page, site.url, screen, OUTPUT)
		desk.log_in(world["users"][role], world["password"])
		return desk

	yield log_in_as
	for context in opened:
		context.pages[0].screenshot(path=str(OUTPUT / f"last-{request.node.name}.png"))
		context.close()
	assert broken == [], "scripts failed in the browser"
