"""The project's own virtual environment, with exactly the locked packages in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".venv"
BIN = FOLDER / ("Scripts" if os.name == "nt" else "bin")


def ready(lock: str) -> Path:
    """The folder of the environment's commands. It is made, or brought up to a lock file, if need be."""
    if sys.version_info < (3, 11):
        sys.exit(f"Zoufang needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    wanted = hashlib.sha256((ROOT / lock).read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    stamp = FOLDER / f"{lock}.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"setting up {FOLDER.relative_to(ROOT)} from {lock} …", flush=True)
        if not (BIN / "python").exists() and not (BIN / "python.exe").exists():
            venv.create(FOLDER, with_pip=True)
        pip = [str(BIN / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, "--require-hashes", "--requirement", str(ROOT / lock)], check=True)
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], check=True)
        stamp.write_text(wanted)
    return BIN
