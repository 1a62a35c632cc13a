"""The project that `chalice deploy` runs in: the staged copy with a stage's values, its sealed zip and its record.

Chalice reads the checkout as it lies, with whatever an editor, a test or a compiler left in it, and substitutes
nothing in policies. So it is given a folder of its own, in which its own packager finds the checked zip.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from local.package import Package, machine
from local.stages import ROOT

PROJECTS = ROOT / ".local" / "deploy"
# Which API and functions are the stage's: committed, or the next deploy makes others beside them.
RECORDS = ROOT / ".chalice" / "deployed"


class NotOurs(Exception):
    """A folder that would be overwritten was not made here; the message names it."""


def prepare(made: Package, variables: Mapping[str, str], *, to: Path, records: Path) -> None:
    """Make `to` a project for `chalice deploy` of the package's stage, whose record goes to the folder `records`.

    Raises NotOurs when `to` is there and is not such a project.
    """
    if to.exists():
        if not (to / ".chalice" / "prepared").exists():
            raise NotOurs(f"{to} is there and was not made by this command: name another folder, or remove it")
        shutil.rmtree(to)
    shutil.copytree(made.project, to, symlinks=True, ignore=shutil.ignore_patterns("deployments"))
    chalice = to / ".chalice"
    (chalice / "prepared").write_text(made.digest)
    _set_variables(chalice / "config.json", made.stage, variables)
    _put_byte_code_aside(to)
    records.mkdir(parents=True, exist_ok=True)
    (chalice / "deployed").symlink_to(records.resolve(), target_is_directory=True)
    zip_file = _expected_zip(to, made.stage)
    zip_file.parent.mkdir()
    shutil.copy2(made.code, zip_file)


def _set_variables(config_file: Path, stage: str, variables: Mapping[str, str]) -> None:
    config = json.loads(config_file.read_text())
    config["stages"][stage]["environment_variables"] |= variables
    config_file.write_text(json.dumps(config, indent=2))


def _put_byte_code_aside(project: Path) -> None:
    """Let the byte code that Chalice's import of the app writes lie where Chalice's packager does not follow."""
    aside = project / ".chalice" / "byte-code"
    folders = [project / "chalicelib", *(path for path in (project / "chalicelib").rglob("*") if path.is_dir())]
    for folder in folders:
        target = aside / folder.relative_to(project)
        target.mkdir(parents=True)
        (folder / "__pycache__").symlink_to(target, target_is_directory=True)


def _expected_zip(project: Path, stage: str) -> Path:
    """Where Chalice looks for a zip that it has packaged before, and takes it if it is there."""
    utils = OSUtils()
    builder = DependencyBuilder(utils, architecture=machine(stage))
    packager = LambdaDeploymentPackager(utils, builder, UI(), machine(stage))
    python = "python{}.{}".format(*sys.version_info[:2])
    return Path(packager.deployment_package_filename(str(project), python))
