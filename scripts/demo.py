"""Set up, index the sample corpus, and serve it: python3 scripts/demo.py [--port N]"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, ready

if __name__ == "__main__":
    zoufang = str(ready("requirements.lock") / "zoufang")
    try:
        subprocess.run([zoufang, "index", str(ROOT / "examples")], cwd=ROOT, check=True)
        subprocess.run([zoufang, "serve", *sys.argv[1:]], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except KeyboardInterrupt:
        pass
