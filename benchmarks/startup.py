"""How long a process takes: importing hesse beside importing NumPy, and one use of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.timing import Job, medians, print_ratios

LECTURE = "x1^2 + exp(x1*x2) + 2*log(x2)"


def process(command: Sequence[str], environment: Mapping[str, str]) -> Job:
    """The job that runs a command and reads what it prints."""
    return lambda: subprocess.run(command, env=environment, capture_output=True, check=True)


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        # Compiled bytecode is used and kept, as in any installation, wherever the sources lie.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        everything = "import hesse; [getattr(hesse, name) for name in hesse.__all__]"
        programs = {
            "python": "pass",
            "import numpy": "import numpy",
            "import hesse": "import hesse",
            "import hesse, and all of its names": everything,
        }
        jobs = {name: process([sys.executable, "-c", code], environment) for name, code in programs.items()}
        command = str(Path(sys.executable).parent / "hesse")
        jobs["hesse derive, by letters"] = process([command, "derive", LECTURE], environment)
        jobs["hesse derive, and at a point"] = process([command, "derive", LECTURE, "--at", "1,2"], environment)
        print_ratios("Processes", medians(jobs, rounds=15), "import numpy")
