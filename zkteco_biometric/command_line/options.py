"""What the options and the help texts of several commands have in common."""

import click

device_option = click.option(
	"--device", metavar="NAME", help="Name of the ZKTeco Biometric Settings. [default: all that are enabled]"
)
json_option = click.option(
	"--json", "as_json", is_flag=True, help="Tell the outcome as JSON on standard output."
)


def with_exit_statuses(help_text: str, **statuses: str) -> str:
	"""The help of a command that ends with its exit statuses; `statuses` are said otherwise than usual, as `_0="..."`."""
	told = {
		"0": "all is well",
		"2": "a person must fix something: an option, the device's settings, the licence",
		"3": "it may pass: the device is switched off, slow or failing",
		"130": "stopped with Ctrl-C",
	} | {number.strip("_"): meaning for number, meaning in statuses.items()}
	lines = "\n".join(f"  {number:<4} {meaning}" for number, meaning in told.items())
	return f"{help_text.strip()}\n\n\b\nExit status:\n{lines}\n"
