"""A second look at a mutant of what runs while modules are imported: a process that imports the mutant itself.

As a pytest plugin (`-p tests.mutants.fresh`) it loads the module named in the environment from another file.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

from tests.mutants import draw_few
from tests.mutants.making import whole
from tests.mutants.mutant import Mutant

MODULE, FILE = "ENVOI_MUTANT_MODULE", "ENVOI_MUTANT_FILE"
SECONDS = 300


def survives(mutant: Mutant, pytest_arguments: Sequence[str]) -> bool:
    """Whether all tests pass in a new process that has imported the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutant.py"
        file.write_text(whole(mutant), encoding="utf-8")
        environment = {**os.environ, MODULE: mutant.module, FILE: str(file)}
        command = [sys.executable, "-m", "pytest", "-x", "-p", "tests.mutants.fresh", *pytest_arguments]
        try:
            run = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
    return run.returncode == 0


class _Mutated(MetaPathFinder):
    """Finds one module in another file."""

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """The mutant's file for its module; any other module is found as ever."""
        return (
            importlib.util.spec_from_file_location(fullname, os.environ[FILE])
            if fullname == os.environ[MODULE]
            else None
        )


if MODULE in os.environ:
    draw_few()
    sys.meta_path.insert(0, _Mutated())
