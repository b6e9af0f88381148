"""The workspace, its cards and charts, and the app's tile name only what exists; read from their files without Frappe."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import zkteco_biometric

PACKAGE = Path(zkteco_biometric.__file__).parent
MODULE = PACKAGE / "zkteco_biometric"
NAME = "ZKTeco Biometric"
ROLES = ["System Manager", "HR Manager", "HR User"]
OTHERS = {"Employee", "Employee Checkin", "Shift Type", "Shift Assignment", "Shift Attendance"}
"""What belongs to ERPNext and HRMS, on both lines."""

READABLE = {"ZKTeco Biometric Settings", "ZKTeco Pending Punch", "ZKTeco Device User", "Employee"}
"""Doctypes that HR may read as a whole, and no employee."""


def documents(kind: str) -> dict[str, dict[str, Any]]:
	"""The documents of a folder of the module, by name."""
	loaded = [json.loads(path.read_text()) for path in sorted((MODULE / kind).glob("*/*.json"))]
	return {one["name"]: one for one in loaded}


def loaded(*parts: str) -> dict[str, Any]:
	found: dict[str, Any] = json.loads(PACKAGE.joinpath(*parts).read_text())
	return found


WORKSPACE = documents("workspace")[NAME]
CARDS = documents("number_card")
CHARTS = documents("dashboard_chart")
SOURCES = documents("dashboard_chart_source")
SIDEBAR = loaded("workspace_sidebar", "zkteco_biometric.json")
ICON = loaded("desktop_icon", "zkteco_biometric.json")
OURS = {**documents("doctype"), **documents("report")}
KINDS = ("workspace", "number_card", "dashboard_chart", "dashboard_chart_source")


def scrubbed(name: str) -> str:
	return name.replace(" ", "_").replace("-", "_").lower()


def hook(name: str) -> Any:
	for node in ast.parse((PACKAGE / "hooks.py").read_text()).body:
		if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
			return ast.literal_eval(node.value)
	raise AssertionError(name)


def asset(address: str) -> Path:
	_, assets, app, *rest = address.split("/")
	assert (assets, app) == ("assets", "zkteco_biometric")
	return PACKAGE.joinpath("public", *rest)


@pytest.mark.parametrize("kind", KINDS)
def test_frappe_finds_each_document_in_the_folder_of_its_name(kind: str) -> None:
	paths = sorted((MODULE / kind).glob("*/*.json"))
	assert paths
	for path in paths:
		document = json.loads(path.read_text())
		assert path.stem == path.parent.name == scrubbed(document["name"])
		assert (scrubbed(document["doctype"]), document["module"]) == (kind, NAME)


def test_the_workspace_shows_every_card_and_chart_and_no_other() -> None:
	assert {row["number_card_name"] for row in WORKSPACE["number_cards"]} == CARDS.keys()
	assert {row["chart_name"] for row in WORKSPACE["charts"]} == CHARTS.keys()
	assert {chart["source"] for chart in CHARTS.values()} == SOURCES.keys()


BLOCKS = {
	"number_card": {row["label"] for row in WORKSPACE["number_cards"]},
	"chart": {row["label"] for row in WORKSPACE["charts"]},
	"shortcut": {row["label"] for row in WORKSPACE["shortcuts"]},
	"card": {row["label"] for row in WORKSPACE["links"] if row["type"] == "Card Break"},
}


@pytest.mark.parametrize("kind", BLOCKS)
def test_each_block_of_the_page_is_one_of_its_table_and_each_of_the_table_is_on_the_page(kind: str) -> None:
	blocks = [block["data"] for block in json.loads(WORKSPACE["content"]) if block["type"] == kind]
	assert sorted(block[f"{kind}_name"] for block in blocks) == sorted(BLOCKS[kind])


def test_no_block_has_the_id_of_another() -> None:
	ids = [block["id"] for block in json.loads(WORKSPACE["content"])]
	assert len(set(ids)) == len(ids)


def links() -> list[tuple[str, str]]:
	"""What is linked from the workspace and from the sidebar of Frappe 16, with its kind."""
	shortcuts = [(row["type"], row["link_to"]) for row in WORKSPACE["shortcuts"]]
	rows = [*WORKSPACE["links"], *SIDEBAR["items"]]
	return shortcuts + [(row["link_type"], row["link_to"]) for row in rows if row["type"] == "Link"]


def test_every_link_leads_to_something_that_exists() -> None:
	for kind, name in links():
		if kind == "Workspace":
			assert name == NAME
		elif name not in OTHERS:
			assert OURS[name]["doctype"] == {"DocType": "DocType", "Report": "Report"}[kind]


def test_every_doctype_and_report_of_ours_that_has_a_page_is_linked_from_the_workspace() -> None:
	paged = {name for name, document in OURS.items() if not document.get("istable")}
	assert paged <= {name for _, name in links()}


def test_each_group_of_links_counts_its_own() -> None:
	counts: list[list[int]] = []
	for row in WORKSPACE["links"]:
		if row["type"] == "Card Break":
			counts.append([row["link_count"], 0])
		else:
			counts[-1][1] += 1
	assert all(said == there > 0 for said, there in counts)


def fields_of(doctype: str) -> set[str]:
	return {field["fieldname"] for field in OURS[doctype]["fields"]}


def test_filters_name_fields_of_their_doctype() -> None:
	for shortcut in WORKSPACE["shortcuts"]:
		if shortcut.get("stats_filter"):
			assert json.loads(shortcut["stats_filter"]).keys() <= fields_of(shortcut["link_to"])
	for card in CARDS.values():
		for doctype, field, *_ in json.loads(card["filters_json"]):
			assert doctype == card["document_type"]
			assert doctype in OTHERS or field in fields_of(doctype)


def test_cards_and_charts_are_shown_to_who_may_see_devices_and_to_nobody_else() -> None:
	for document in (WORKSPACE, *CHARTS.values(), ICON):
		assert [row["role"] for row in document["roles"]] == ROLES
	for card in CARDS.values():
		assert card["document_type"] in READABLE
	for document in (*CARDS.values(), *CHARTS.values()):
		assert (document["is_standard"], document["is_public"]) == (1, 1)


def test_every_custom_card_and_chart_calls_a_method_that_exists() -> None:
	api = PACKAGE / "workspace_api.py"
	there = {node.name for node in ast.parse(api.read_text()).body if isinstance(node, ast.FunctionDef)}
	called = [card["method"] for card in CARDS.values() if card["type"] == "Custom"]
	for name in SOURCES:
		script = (MODULE / "dashboard_chart_source" / scrubbed(name) / f"{scrubbed(name)}.js").read_text()
		assert f'chart_sources["{name}"]' in script
		called += re.findall(r'method: "([\w.]+)"', script)
	assert sorted(called) == sorted(f"zkteco_biometric.workspace_api.{name}" for name in there)


def test_the_app_s_tile_has_a_picture_and_leads_to_the_workspace() -> None:
	(tile,) = hook("add_to_apps_screen")
	assert (tile["name"], tile["title"]) == ("zkteco_biometric", NAME)
	(redirect,) = hook("website_redirects")
	assert tile["route"].rsplit("/", 1)[1] == NAME.lower(), "else Frappe 15 leads to another workspace"
	for desk in ("/app/", "/desk/"):
		led = re.fullmatch(redirect["source"], desk + NAME.lower())
		assert led is not None
		assert led.expand(redirect["target"]) == f"{desk}zkteco-biometric"
	assert ICON["link"].endswith("/zkteco-biometric")
	assert tile["logo"] == ICON["logo_url"]
	picture = ElementTree.parse(asset(tile["logo"])).getroot()
	assert (picture.tag, picture.get("viewBox")) == ("{http://www.w3.org/2000/svg}svg", "0 0 64 64")


@pytest.mark.parametrize("folder", ["workspace_sidebar", "desktop_icon"])
def test_frappe_16_imports_every_file_of_these_folders_so_there_is_nothing_else_in_them(folder: str) -> None:
	assert [path.name for path in (PACKAGE / folder).iterdir()] == ["zkteco_biometric.json"]


def test_scripts_of_desk_exist() -> None:
	for name in ("doctype_js", "doctype_list_js"):
		for scripts in hook(name).values():
			for script in [scripts] if isinstance(scripts, str) else scripts:
				assert (PACKAGE / script).is_file(), script
