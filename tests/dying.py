"""A run of `zoufang` that kills itself at one step, for tests of what it leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

_SCRIPT = """
import os, shutil, signal, sys
{imports}

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(function):
    def both(*arguments, **options):
        function(*arguments, **options)
        die()
    return both

{step}
from indexer.cli import main
main(sys.argv[1:])
"""


def die_at(imports: str, step: str, *arguments: object, **options: Any) -> None:
    """Run `zoufang` with these arguments. `step` puts `die`, or `then_die` around what is there, in the
    place of something that `imports` names.
    """
    script = _SCRIPT.format(imports=imports, step=step)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    died = subprocess.run(command, capture_output=True, timeout=60, check=False, **options)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
