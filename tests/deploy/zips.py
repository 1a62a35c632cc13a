"""Small Lambda zips made up for a test, and copies of the project to package elsewhere."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from local.package import SHIPPED
from local.stages import ROOT

PURE = "py3-none-any"


def wheel(name: str, version: str, files: Mapping[str, bytes], *tags: str) -> dict[str, bytes]:
    """What a wheel of these files becomes in a zip, with metadata, tags and a truthful RECORD."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: MIT\n"
    inside = dict(files) | {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": "".join(["Wheel-Version: 1.0\n", *(f"Tag: {tag}\n" for tag in tags or [PURE])]).encode(),
    }
    lines = [f"{path},{_digest(content)},{len(content)}" for path, content in inside.items()]
    return inside | {f"{info}/RECORD": "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()}


def zipped(to: Path, *parts: Mapping[str, bytes]) -> Path:
    """A zip of an app.py, Chalice's two files and these parts."""
    ours = {"app.py": b"", "chalice/__init__.py": b"", "chalice/app.py": b"", "chalicelib/__init__.py": b""}
    with zipfile.ZipFile(to, "w") as made:
        for part in (ours, *parts):
            for name, content in part.items():
                made.writestr(name, content)
    return to


def copy_of_project(to: Path) -> Path:
    """What is packaged and what packages it, as a fresh checkout elsewhere has it: other folder, other file times."""
    to.mkdir()
    for name in (*reversed(SHIPPED), "local"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, copy_function=shutil.copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def package_in(project: Path, stage: str = "local", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Package a copy of the project, by its own `python -m local.package`."""
    return subprocess.run(
        [sys.executable, "-m", "local.package", stage],
        cwd=project, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
