"""Makes the virtual environment of this checkout and installs what a target needs; nothing but Python is required.

`python3 scripts/environment.py EXTRA[,EXTRA]` prints nothing when all is there already.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
OLDEST = (3, 10)


def main(extras: str) -> None:
	if sys.version_info < OLDEST:
		sys.exit("Python 3.10 or later is needed; this is {}.{}.".format(*sys.version_info))
	if _stamp(extras).exists() and PYTHON.exists():
		return
	_make_venv()
	print(f"Installing what is needed into {VENV.name} (once)…", flush=True)
	_pip("install", "--quiet", "--editable", f"{ROOT}[{extras}]")
	_stamp(extras).touch()


def _stamp(extras: str) -> Path:
	"""A file whose name changes with what would be installed, and with the Python that made the environment."""
	wanted = f"{extras} {sys.version_info[:2]} {(ROOT / 'pyproject.toml').read_text()}"
	return VENV / f".installed-{hashlib.sha1(wanted.encode()).hexdigest()[:12]}"


def _make_venv() -> None:
	"""A new environment with pip, also where Debian's package for that is not there yet."""
	if PYTHON.exists() and _succeeds(str(PYTHON), "-m", "pip", "--version"):
		return
	shutil.rmtree(VENV, ignore_errors=True)
	if not _succeeds(sys.executable, "-c", "import ensurepip, venv"):
		_install_venv_package()
	if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
		sys.exit("A virtual environment could not be made; see above.")


def _install_venv_package() -> None:
	package = "python{}.{}-venv".format(*sys.version_info)
	as_root = [] if os.geteuid() == 0 else ["sudo"]
	print(f"Python's venv module is missing: installing Debian's package {package}…", flush=True)
	known = shutil.which("apt-get") and (not as_root or shutil.which("sudo"))
	if not known or not (
		_succeeds(*as_root, "apt-get", "update", "-qq")
		and _succeeds(*as_root, "apt-get", "install", "-qq", "-y", package)
	):
		sys.exit(f"Install Python's venv module, on Debian and Ubuntu: apt-get install {package}")


def _succeeds(*command: str) -> bool:
	return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def _pip(*arguments: str) -> None:
	command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
	if subprocess.run(command).returncode:
		sys.exit("Installing failed; see above. Is there a connection to the Python package index?")


if __name__ == "__main__":
	main(sys.argv[1] if len(sys.argv) > 1 else "standalone")
