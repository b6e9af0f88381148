"""What must stay true of the Frappe side, read from its files: no Frappe is needed here."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import zkteco_biometric
from zkteco_biometric.cycle.terminals import Clock
from zkteco_biometric.cycle.terminals import Status as TerminalStatus
from zkteco_biometric.device_users.states import Kind, Outcome, Status

PACKAGE = Path(zkteco_biometric.__file__).parent
DOCTYPES = sorted((PACKAGE / "zkteco_biometric" / "doctype").glob("*/*.json"))
SETTINGS = next(path for path in DOCTYPES if path.stem == "zkteco_biometric_settings")
DEVICE_USER = next(path for path in DOCTYPES if path.stem == "zkteco_device_user")
TERMINAL = next(path for path in DOCTYPES if path.stem == "zkteco_terminal")
MASTER = {"create", "delete", "email", "export", "print", "read", "report", "share", "write"}
READER = {"email", "print", "read", "report"}
ENDPOINTS = re.compile(r"\bzkteco_biometric(?:\.\w+)+")
OUTSIDE = {"frappe.core.doctype.user.user.get_timezones"}


def sources() -> list[Path]:
	"""The app's own modules, without its tests."""
	return [path for path in sorted(PACKAGE.rglob("*.py")) if "tests" not in path.relative_to(PACKAGE).parts]


def parsed(path: Path) -> ast.Module:
	return ast.parse(path.read_text())


def doctype(path: Path) -> dict[str, Any]:
	loaded: dict[str, Any] = json.loads(path.read_text())
	return loaded


def fields(path: Path) -> dict[str, dict[str, Any]]:
	return {field["fieldname"]: field for field in doctype(path)["fields"]}


def assigned(path: Path, name: str) -> Any:
	"""The literal that a module gives this name."""
	for node in parsed(path).body:
		if isinstance(node, ast.Assign) and any(
			isinstance(to, ast.Name) and to.id == name for to in node.targets
		):
			return ast.literal_eval(node.value)
	raise AssertionError(f"{path} has no {name}")


def function(dotted: str) -> ast.FunctionDef | None:
	"""The function of that dotted path, where one of our modules has it."""
	module, _, name = dotted.rpartition(".")
	path = PACKAGE.parent / (module.replace(".", "/") + ".py")
	if not path.is_file():
		return None
	return next((node for node in functions(path) if node.name == name), None)


def functions(path: Path) -> Iterator[ast.FunctionDef]:
	return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef))


def strings(node: ast.AST) -> list[str]:
	return [
		part.value
		for part in ast.walk(node)
		if isinstance(part, ast.Constant) and isinstance(part.value, str)
	]


# Doctypes


@pytest.mark.parametrize("path", DOCTYPES, ids=lambda path: path.stem)
def test_the_order_names_every_field_once(path: Path) -> None:
	order = doctype(path)["field_order"]
	assert sorted(order) == sorted(fields(path))
	assert len(doctype(path)["fields"]) == len(order)


@pytest.mark.parametrize("path", DOCTYPES, ids=lambda path: path.stem)
def test_every_field_has_a_label_and_names_no_field_that_is_missing(path: Path) -> None:
	for name, field in fields(path).items():
		assert field.get("label") or field["fieldtype"] in ("Section Break", "Column Break"), name
		conditions = " ".join(str(field.get(key, "")) for key in ("depends_on", "mandatory_depends_on"))
		assert set(re.findall(r"doc\.(\w+)", conditions)) <= set(fields(path)), name


@pytest.mark.parametrize("path", DOCTYPES, ids=lambda path: path.stem)
def test_a_password_is_not_copied_and_never_listed(path: Path) -> None:
	for name, field in fields(path).items():
		if field["fieldtype"] == "Password":
			assert field.get("no_copy"), name
			shown = ("in_list_view", "in_standard_filter", "in_global_search", "in_preview", "bold")
			assert not any(field.get(place) for place in shown), name


def test_password_and_token_are_password_fields() -> None:
	assert [fields(SETTINGS)[name]["fieldtype"] for name in ("password", "token")] == ["Password"] * 2


def test_what_only_the_app_writes_cannot_be_entered_or_copied() -> None:
	owned = assigned(PACKAGE / "frappe_hr" / "device_state.py", "OWNED")
	assert len(set(owned)) == len(owned) > 10
	for name in owned:
		field = fields(SETTINGS)[name]
		assert field.get("read_only") or field.get("hidden"), name
		assert field.get("no_copy"), name


def test_what_cannot_be_entered_is_owned_by_the_app() -> None:
	owned = assigned(PACKAGE / "frappe_hr" / "device_state.py", "OWNED")
	closed = {
		name for name, field in fields(SETTINGS).items() if field.get("read_only") or field.get("hidden")
	}
	assert closed <= set(owned)


def test_the_three_roles_and_nobody_else() -> None:
	granted = {
		rule["role"]: {name for name, value in rule.items() if value == 1}
		for rule in doctype(SETTINGS)["permissions"]
	}
	assert granted == {"System Manager": MASTER, "HR Manager": MASTER, "HR User": READER}
	assert len(doctype(SETTINGS)["permissions"]) == len(granted)


@pytest.mark.parametrize("path", DOCTYPES, ids=lambda path: path.stem)
def test_a_child_table_has_no_permissions_of_its_own(path: Path) -> None:
	assert bool(doctype(path).get("istable")) != bool(doctype(path).get("permissions"))


def test_every_status_that_is_set_is_one_of_the_field_s() -> None:
	options = set(fields(SETTINGS)["status"]["options"].split("\n"))
	listed = set(re.findall(r'^\t"?([\w -]+)"?: "\w+",$', list_script(), re.MULTILINE))
	assert listed == options
	assert fields(SETTINGS)["status"]["default"] in options
	assert doctype(SETTINGS)["states"] == [], "they would hide that a device is disabled"


def list_script() -> str:
	return (SETTINGS.parent / f"{SETTINGS.stem}_list.js").read_text()


# Device users


def test_only_the_app_writes_what_it_remembers_of_a_device_user() -> None:
	for name, field in fields(DEVICE_USER).items():
		if field["fieldtype"] not in ("Section Break", "Column Break"):
			assert field.get("read_only"), name
			assert field.get("no_copy"), name
	rules = doctype(DEVICE_USER)["permissions"]
	assert {rule["role"] for rule in rules} == {"System Manager", "HR Manager", "HR User"}
	assert not any(rule.get("write") or rule.get("create") for rule in rules)


def test_states_outcomes_and_methods_are_those_of_the_fields() -> None:
	for kind, field in (
		(Status, fields(DEVICE_USER)["status"]),
		(Outcome, fields(DEVICE_USER)["outcome"]),
		(Kind, fields(SETTINGS)["control_method"]),
	):
		assert {one.value for one in kind} == set(field["options"].split("\n"))


def test_a_person_only_decides_whether_the_silence_of_a_terminal_matters() -> None:
	open_fields = {
		name
		for name, field in fields(TERMINAL).items()
		if field["fieldtype"] not in ("Section Break", "Column Break") and not field.get("read_only")
	}
	assert open_fields == {"watch"}
	assert not any("_seen" in name for name in fields(TERMINAL)), "Frappe leaves them out of what it reads"
	assert {one.value for one in TerminalStatus} == set(fields(TERMINAL)["status"]["options"].split("\n"))
	assert {one.value for one in Clock} == set(fields(TERMINAL)["clock"]["options"].split("\n"))


@pytest.mark.parametrize("table", ["indicators", "states"])
def test_every_outcome_of_a_device_user_is_shown(table: str) -> None:
	script = (PACKAGE / "public" / "js" / "device_users.js").read_text()
	shown = script.split(f"const {table} = {{")[1].split("\n\t\t};")[0]
	keys = re.findall(r'^\t\t\t"?([A-Z][\w ]*)"?: ', shown, re.MULTILINE)
	assert sorted(keys) == sorted(one.value for one in Outcome)


# Dotted paths


def test_every_dotted_path_of_a_hook_is_a_function() -> None:
	paths = [text for text in strings(parsed(PACKAGE / "hooks.py")) if ENDPOINTS.fullmatch(text)]
	assert paths
	assert [path for path in paths if function(path) is None] == []


def test_every_job_that_is_enqueued_is_a_function_which_takes_what_it_is_given() -> None:
	jobs = [call for path in sources() for call in ast.walk(parsed(path)) if is_enqueue(call)]
	assert jobs
	for call in jobs:
		assert isinstance(call, ast.Call)
		job = function(ast.literal_eval(call.args[0]))
		assert job is not None, ast.unparse(call)
		given = {keyword.arg for keyword in call.keywords} - QUEUEING
		assert given == {argument.arg for argument in job.args.args}, ast.unparse(call)


QUEUEING = {"queue", "timeout", "job_id", "deduplicate", "enqueue_after_commit", "at_front", "now"}


def is_enqueue(node: ast.AST) -> bool:
	return isinstance(node, ast.Call) and ast.unparse(node.func) == "frappe.enqueue"


def test_every_method_that_a_script_calls_exists_and_is_whitelisted() -> None:
	called = [name for path in sorted(PACKAGE.rglob("*.js")) for name in methods_of(path.read_text())]
	assert len(called) > 2
	for name in called:
		found = function(name)
		assert name in OUTSIDE or (found is not None and whitelisting(found) is not None), name


def test_no_script_takes_today_from_the_user_s_time_zone() -> None:
	"""Dates that are sent to the server are the site's."""
	for path in sorted(PACKAGE.rglob("*.js")):
		assert not re.search(r"\b(?:get_today|nowdate|now_date)\(", path.read_text()), path.name


def methods_of(script: str) -> Iterator[str]:
	"""The dotted names in calls, where a constant holds their beginning put together."""
	prefixes = dict(re.findall(r'^const (\w+) = "([\w.]+\.)";$', script, re.MULTILINE))
	for prefix, name in re.findall(r'\b([A-Z]+) \+ "(\w+)"', script):
		yield prefixes[prefix] + name
	yield from re.findall(r'(?:xcall|call|method:)\s*\(?\s*"([\w.]+)"', script)


def test_required_apps_is_a_literal_on_one_line() -> None:
	lines = (PACKAGE / "hooks.py").read_text().splitlines()
	(line,) = [line for line in lines if line.startswith("required_apps")]
	assert ast.literal_eval(line.split("=", 1)[1].strip()) == ["frappe/erpnext", "frappe/hrms"]


# Whitelisted methods


def whitelisting(node: ast.FunctionDef) -> ast.expr | None:
	"""The decorator that opens it to browsers, if it has one."""
	found = [one for one in node.decorator_list if ast.unparse(one).startswith("frappe.whitelist")]
	return found[0] if found else None


OPEN = [(path, node) for path in sources() for node in functions(path) if whitelisting(node)]


def test_there_are_methods_for_browsers() -> None:
	assert {node.name for _, node in OPEN} >= {"test_connection", "sync_now", "sync_state"}


@pytest.mark.parametrize(("path", "node"), OPEN, ids=[node.name for _, node in OPEN])
def test_a_method_for_browsers_is_annotated_described_and_names_its_verbs(
	path: Path, node: ast.FunctionDef
) -> None:
	arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
	assert all(argument.annotation for argument in arguments)
	assert node.returns is not None
	assert not node.args.vararg
	assert not node.args.kwarg
	assert ast.get_docstring(node)
	decorator = whitelisting(node)
	assert isinstance(decorator, ast.Call)
	assert [keyword.arg for keyword in decorator.keywords] == ["methods"], "no guests"
	assert ast.literal_eval(decorator.keywords[0].value) in (["GET"], ["POST"], WIDGETS)
	assert "from __future__ import annotations" not in path.read_text(), "it switches off Frappe's validation"


WIDGETS = ["GET", "POST"]
"""Of a method that only reads: Frappe's widgets call by POST."""

DOCUMENTS = {"device": "SETTINGS", "employee": "'Employee'", "check_in": "CHECK_IN"}
"""Arguments that name a document, and its doctype: permission for that document is checked."""

NO_DOCUMENTS = {
	"names",
	"name",
	"comment",
	"code",
	"replaces",
	"from_time",
	"to_time",
	"codes",
	"log",
	"include_left",
	"employees",
}
"""Other arguments; whoever adds one decides which it is. A `log` is looked up among those of the device that was checked,
`employees` among those that the user may see."""


@pytest.mark.parametrize("node", [node for _, node in OPEN], ids=[node.name for _, node in OPEN])
def test_a_method_for_browsers_checks_permission_first_and_throws(node: ast.FunctionDef) -> None:
	"""First of all, and for every document that it is given; each for the verb by which it is called."""
	verb = {"GET": "read", "POST": "write"}[strings(whitelisting(node) or node)[0]]
	checks = list(permission_checks(node.body[1:]))
	assert checks, "the first statement"
	for check in checks:
		assert isinstance(check.args[0], ast.Name | ast.Constant), "a doctype that nobody can choose"
		assert ast.literal_eval(check.args[1]) == verb
		assert len(check.args) == 2
		given = {keyword.arg: ast.unparse(keyword.value) for keyword in check.keywords}
		assert given.pop("throw") == "True"
		assert given.keys() <= {"doc"}
	arguments = {argument.arg for argument in node.args.args}
	assert arguments <= DOCUMENTS.keys() | NO_DOCUMENTS
	assert documents_of(checks) == {(DOCUMENTS[name], name) for name in arguments & DOCUMENTS.keys()}


def permission_checks(body: list[ast.stmt]) -> Iterator[ast.Call]:
	"""Those with which it begins, before anything else is done."""
	for statement in body:
		call = statement.value if isinstance(statement, ast.Expr) else None
		if not isinstance(call, ast.Call) or ast.unparse(call.func) != "frappe.has_permission":
			return
		yield call


def documents_of(checks: list[ast.Call]) -> set[tuple[str, str]]:
	return {
		(ast.unparse(check.args[0]), ast.unparse(keyword.value))
		for check in checks
		for keyword in check.keywords
		if keyword.arg == "doc"
	}
