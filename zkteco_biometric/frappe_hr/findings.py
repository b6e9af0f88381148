"""What a test has found out, line by line, for the dialog that shows it."""

from dataclasses import dataclass, field

from zkteco_biometric.frappe_hr.wording import translated


@dataclass
class Findings:
	"""The lines of the dialog, in the order in which things were tried."""

	lines: list[dict] = field(default_factory=list)
	remedy: str = ""
	may_pass: bool = True
	"""Of what is bad: whether all of it may pass without anybody doing anything. Else a person is needed."""

	def good(self, text: str) -> None:
		self.lines.append({"ok": True, "text": translated(text)})

	def bad(self, text: str, remedy: str, may_pass: bool = False) -> None:
		self.lines.append({"ok": False, "text": translated(text), "remedy": translated(remedy)})
		self.remedy = translated(remedy)
		self.may_pass = self.may_pass and may_pass

	def as_dict(self) -> dict:
		"""`remedy` is that of the last bad line."""
		return {
			"ok": all(line["ok"] for line in self.lines),
			"lines": self.lines,
			"remedy": self.remedy,
			"may_pass": self.may_pass,
		}
