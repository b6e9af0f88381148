"""Desk as a person uses it, on a desktop or a phone; and pictures of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PATIENCE = 45_000
"""Milliseconds. Servers for development are slow, and nothing here is a measurement."""


@dataclass(frozen=True)
class Screen:
	"""What a person looks at Desk with."""

	name: str
	width: int
	height: int

	@property
	def is_phone(self) -> bool:
		return self.width < 768


DESKTOP = Screen("desktop", 1366, 850)
PHONE = Screen("phone", 390, 844)


class Desk:
	"""One user's Desk in one browser page."""

	def __init__(self, page: Page, url: str, screen: Screen, pictures: Path) -> None:
		self.page = page
		self.screen = screen
		self._url = url
		self._pictures = pictures

	def log_in(self, user: str, password: str) -> None:
		answer = self.page.request.post(
			f"{self._url}/api/method/login", form={"usr": user, "pwd": password}, timeout=60_000
		)
		assert answer.ok, f"{user} cannot log in: {answer.status}"

	def open(self, *route: str) -> None:
		"""A place in Desk, as `frappe.set_route` names it; the first one loads Desk itself."""
		if not self._is_loaded():
			self.page.goto(f"{self._url}/app")
			self.page.wait_for_function(
				"window.frappe?.router && window.cur_page && frappe.get_route()?.[0]", timeout=90_000
			)
			self.settle()
		if not route:
			return
		self.page.evaluate("route => frappe.set_route(...route)", list(route))
		self.page.wait_for_function(
			"route => frappe.get_route().slice(0, route.length).join('/') === route.join('/')",
			arg=list(route),
			timeout=PATIENCE,
		)
		self.settle()

	def open_new(self, doctype: str) -> None:
		self.open("List", doctype)
		self.page.evaluate("doctype => frappe.new_doc(doctype)", doctype)
		self.page.wait_for_function("window.cur_frm?.is_new()", timeout=PATIENCE)
		self.settle()

	def open_form(self, doctype: str, name: str) -> None:
		self.open("Form", doctype, name)
		self.page.wait_for_function(
			"name => window.cur_frm?.doc?.name === name && !cur_frm.is_new()", arg=name, timeout=PATIENCE
		)
		self.settle()

	def settle(self) -> None:
		"""Until nothing is being asked for, and nothing moves any more."""
		self.page.wait_for_function(
			"!(window.frappe?.request?.ajax_count) && !document.querySelector('.freeze-row, #freeze.in')",
			timeout=PATIENCE,
		)
		self.page.wait_for_timeout(400)

	def fill(self, fieldname: str, value: str) -> None:
		"""A field of the open form, also on another of its tabs; until the form has it."""
		self.page.evaluate("name => cur_frm.scroll_to_field(name)", fieldname)
		field = self.form.locator(f'[data-fieldname="{fieldname}"]').first
		entry = field.locator("input:visible, textarea:visible").first
		for _ in range(3):
			entry.fill(value)
			entry.press("Tab")
			self.settle()
			if self.page.evaluate("name => String(cur_frm.doc[name] ?? '')", fieldname) == value:
				return
		raise AssertionError(f"The form does not take {value!r} as {fieldname}.")

	def choose(self, fieldname: str, option: str) -> None:
		self.page.evaluate("name => cur_frm.scroll_to_field(name)", fieldname)
		self.form.locator(f'[data-fieldname="{fieldname}"] select').first.select_option(option)

	def tick(self, fieldname: str) -> None:
		self.page.evaluate("name => cur_frm.scroll_to_field(name)", fieldname)
		self.form.locator(f'[data-fieldname="{fieldname}"] input[type=checkbox]').first.check()

	def save(self) -> None:
		self.form.locator(".primary-action:visible").first.click()
		self.page.wait_for_function("!cur_frm.is_dirty() && !cur_frm.is_new()", timeout=PATIENCE)
		self.settle()

	def press(self, label: str, group: str = "") -> None:
		"""A button at the head of the page: on a phone it is in the menu."""
		if self.screen.is_phone:
			self._open_menu()
			self._menu_item(f"{group} > {label}" if group else label).click()
		elif group:
			self.head.locator(f'.inner-group-button:has-text("{group}") > button').first.click()
			self.head.locator(f'.inner-group-button .dropdown-item:has-text("{label}"):visible').first.click()
		else:
			self.head.locator(f'button:visible:has-text("{label}")').first.click()

	def offers(self, label: str, group: str = "") -> bool:
		"""Whether that button is there for this user."""
		if not self.screen.is_phone:
			if not group:
				return self.head.locator(f'button:has-text("{label}") >> visible=true').count() > 0
			items = f'.inner-group-button:has-text("{group}") .dropdown-item:has-text("{label}")'
			return self.head.locator(items).count() > 0
		if not self.head.locator(".menu-btn-group:visible").count():
			return False
		self._open_menu()
		found = self._menu_item(f"{group} > {label}" if group else label).count() > 0
		self.page.keyboard.press("Escape")
		return found

	def fill_link(self, dialog: Locator, fieldname: str, value: str) -> None:
		"""A link in a dialog, chosen from what Desk suggests."""
		field = dialog.locator(f'[data-fieldname="{fieldname}"] input:visible').first
		field.click()
		field.press_sequentially(value, delay=30)
		dialog.locator(f'.awesomplete [role=option]:has-text("{value}")').first.click(timeout=PATIENCE)
		self.settle()

	def reload(self) -> None:
		self.page.evaluate("cur_frm.reload_doc()")
		self.settle()

	def count(self, doctype: str, filters: dict[str, str]) -> int:
		"""As this user counts them."""
		found: int = self.page.evaluate(
			"([doctype, filters]) => frappe.db.count(doctype, {filters})", [doctype, filters]
		)
		return found

	def call(self, method: str, **arguments: str) -> int:
		"""The status of a POST that this user sends by hand."""
		token = self.page.request.get(f"{self._url}/app").text().split('csrf_token = "')[-1].split('"')[0]
		return self.page.request.post(
			f"{self._url}/api/method/{method}", data=arguments, headers={"X-Frappe-CSRF-Token": token}
		).status

	def status_of_list(self, doctype: str) -> int:
		return self.page.request.get(f"{self._url}/api/resource/{doctype}").status

	def workspaces(self) -> list[str]:
		"""Those that this user is offered."""
		found: list[str] = self.page.evaluate(
			"(frappe.boot.allowed_workspaces || frappe.boot.workspaces?.pages || []).map((page) => page.title)"
		)
		return found

	def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
		"""What happens outside of the browser."""
		for _ in range(PATIENCE // 250):
			if is_so():
				return
			self.page.wait_for_timeout(250)
		raise AssertionError(f"It does not come true that {what}.")

	def dialog(self, title: str) -> Locator:
		"""The open dialog of that title."""
		shown = self.page.locator(".modal.show").filter(has=self.page.locator(".modal-title", has_text=title))
		expect(shown.last).to_be_visible(timeout=PATIENCE)
		self.page.wait_for_timeout(300)
		return shown.last

	def close_dialogs(self) -> None:
		for dialog in reversed(self.page.locator(".modal.show").all()):
			dialog.locator(".btn-modal-close").first.click()
			expect(dialog).to_be_hidden(timeout=PATIENCE)

	def picture(self, name: str, full: bool = False) -> None:
		"""Kept by the run, for whoever wants to see what people see."""
		self.page.wait_for_timeout(500)
		path = self._pictures / f"{name}-{self.screen.name}.png"
		self.page.screenshot(path=str(path), full_page=full, animations="disabled")

	@property
	def glance(self) -> Locator:
		"""The line at the head of a device's form."""
		return self.form.locator(".zkteco-glance")

	@property
	def form(self) -> Locator:
		return self.page.locator(".page-container:visible").last

	@property
	def head(self) -> Locator:
		return self.form.locator(".page-head").first

	def hear(self, event: str, message: dict[str, str]) -> None:
		"""As if the site's live updates had brought it."""
		heard = self.page.evaluate(
			"""([event, message]) => {
				const listeners = frappe.realtime.socket.listeners(event);
				listeners.forEach((listener) => listener(message));
				return listeners.length;
			}""",
			[event, message],
		)
		assert heard, f"Nobody listens to {event}."

	def see_field(self, fieldname: str) -> None:
		"""Its tab is opened, and it is brought into view."""
		self.page.evaluate("name => cur_frm.scroll_to_field(name)", fieldname)
		expect(self.form.locator(f'[data-fieldname="{fieldname}"]').first).to_be_visible(timeout=PATIENCE)
		self.settle()

	def see(self, text: str | re.Pattern[str]) -> None:
		"""It stands somewhere on the page."""
		expect(self.form.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

	def _open_menu(self) -> None:
		self.head.locator(".menu-btn-group > button").first.click()
		self.page.wait_for_timeout(200)

	def _menu_item(self, label: str) -> Locator:
		return self.head.locator(".menu-btn-group .dropdown-menu .menu-item-label").filter(
			has_text=re.compile(f"^\\s*{re.escape(label)}\\s*$")
		)

	def _is_loaded(self) -> bool:
		return bool(self.page.url.startswith(self._url) and self.page.evaluate("!!window.frappe?.router"))
