"""What a test has found out, line by line, for the dialog that shows it."""

from dataclasses import dataclass, field


@dataclass
class Findings:
	"""The lines of the dialog, in the order in which things were tried."""

	lines: list[dict] = field(default_factory=list)
	remedy: str = ""

	def good(self, text: str) -> None:
		self.lines.append({"ok": True, "text": text})

	def bad(self, text: str, remedy: str) -> None:
		self.lines.append({"ok": False, "text": text})
		self.remedy = remedy

	def as_dict(self) -> dict:
		return {"ok": all(line["ok"] for line in self.lines), "lines": self.lines, "remedy": self.remedy}
