"""`python -m zkteco_biometric.standalone`."""

import sys

try:
	from zkteco_biometric.standalone.cli import standalone
except ModuleNotFoundError as missing:
	print(
		f"The package {missing.name!r} is not installed. In the directory of this app, run: "
		"python -m pip install '.[standalone]'",
		file=sys.stderr,
	)
	sys.exit(2)

if __name__ == "__main__":
	standalone(prog_name="python -m zkteco_biometric.standalone")
