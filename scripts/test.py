"""Set up and run the tests: python3 scripts/test.py [pytest's options]"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, ready

if __name__ == "__main__":
    python = str(ready("requirements-dev.lock") / "python")
    sys.exit(subprocess.run([python, "-m", "pytest", *sys.argv[1:]], cwd=ROOT, check=False).returncode)
