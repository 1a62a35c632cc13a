"""What a Lambda zip may hold, checked against lock file and wheels, and how it is sealed: ordered, dated, compiled."""

import base64
import csv
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, parse_tag
from packaging.utils import canonicalize_name

# Our own files: a new kind of file is added here, or the build fails.
SUFFIXES = {".py", ".toml", ".html"}
ALONE = {"app.py", "chalice/__init__.py", "chalice/app.py"}
# A wheel's file that nothing imports may be there or not; all else must be there and be what its RECORD says.
UNHASHED = {"RECORD", "RECORD.jws", "RECORD.p7s"}
ELF_MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}
WHEEL_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
# Lambda's Amazon Linux 2023, from Python 3.12 on, has this glibc; Amazon Linux 2, before, the other.
GLIBC_MINOR, OLD_GLIBC_MINOR = 34, 26
LAMBDA_FOLDER = "/var/task"
DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What a function runs on: Python's version and Lambda's name of the machine, `arm64` or `x86_64`."""

    python: tuple[int, int]
    machine: str


def faults(code: Path, requirements: str, *, runtime: Runtime) -> list[str]:
    """A sentence for each thing in a zip that should not be there, is missing, or does not run on the runtime.

    `requirements` is the text of the lock file that the zip was made from.
    """
    found = installed(code)
    with zipfile.ZipFile(code) as opened:
        return [
            *_unlocked(found, requirements, runtime),
            *_unfit(found, runtime),
            *_strays(opened, found),
            *_foreign(opened, runtime),
        ]


def installed(code: Path) -> list[Distribution]:
    """The distributions in a zip, by name; Chalice's own runtime comes without one."""
    return sorted(distributions(path=[str(code)]), key=lambda one: str(canonicalize_name(one.name)))


def seal(code: Path) -> None:
    """Rewrite a zip with byte code beside each module, its files in order and without dates: same files, same bytes.

    The byte code is Lambda's to trust (its invalidation mode is `unchecked-hash`) and spares a cold start half of its
    imports. It is of the Python that seals.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(code) as opened:
            opened.extractall(folder)
        _compile(folder)
        sealed = code.with_suffix(".sealed")
        with zipfile.ZipFile(sealed, "w") as made:
            for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), DATE)
                entry.external_attr = 0o100644 << 16
                made.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    sealed.replace(code)


def _compile(folder: str) -> None:
    # A process of its own and a fixed hash seed: what else is interned or hashed here would show in the byte code.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
         "-s", folder, "-p", LAMBDA_FOLDER, folder],
        env=os.environ | {"PYTHONHASHSEED": "0"}, check=True,
    )  # fmt: skip


def _unlocked(found: list[Distribution], requirements: str, runtime: Runtime) -> Iterator[str]:
    """The zip holds the locked distributions, all of them, in the locked version, and no others."""
    locked = dict(_locked(requirements, runtime))
    there = {str(canonicalize_name(one.name)): one.version for one in found}
    for name in sorted(locked.keys() | there.keys()):
        if name not in there:
            yield f"{name} {locked[name]} is locked and not in the zip"
        elif name not in locked:
            yield f"{name} {there[name]} is in the zip and not locked"
        elif there[name] != locked[name]:
            yield f"{name} is {there[name]} in the zip and {locked[name]} in the lock file"


def _locked(requirements: str, runtime: Runtime) -> Iterator[tuple[str, str]]:
    version = ".".join(map(str, runtime.python))
    environment = {
        "python_version": version, "python_full_version": f"{version}.0", "sys_platform": "linux",
        "platform_system": "Linux", "os_name": "posix", "platform_machine": WHEEL_MACHINES[runtime.machine],
    }  # fmt: skip
    for line in requirements.splitlines():
        if line[:1].isalnum():
            one = Requirement(line.removesuffix("\\"))
            if one.marker is None or one.marker.evaluate(environment):
                yield str(canonicalize_name(one.name)), str(one.specifier).removeprefix("==")


def _unfit(found: list[Distribution], runtime: Runtime) -> Iterator[str]:
    """Each wheel has a tag that the runtime can load."""
    fitting = _fitting(runtime)
    for one in found:
        lines = (one.read_text("WHEEL") or "").splitlines()
        tags = [line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: ")]
        if not any(fitting & parse_tag(tag) for tag in tags):
            version = ".".join(map(str, runtime.python))
            yield f"{one.name} is for {', '.join(tags) or 'no tag'}, not for Python {version} on {runtime.machine}"


def _fitting(runtime: Runtime) -> frozenset[Tag]:
    machine = WHEEL_MACHINES[runtime.machine]
    newest = GLIBC_MINOR if runtime.python >= (3, 12) else OLD_GLIBC_MINOR
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    if machine == "x86_64":
        platforms += ["manylinux2010_x86_64", "manylinux1_x86_64"]
    interpreter = "cp{}{}".format(*runtime.python)
    return frozenset(cpython_tags(runtime.python, platforms=platforms)) | frozenset(
        compatible_tags(runtime.python, interpreter=interpreter, platforms=platforms)
    )


def _strays(opened: zipfile.ZipFile, found: list[Distribution]) -> Iterator[str]:
    """Every file is the app's or is in a wheel's RECORD, as that says; and every file of a RECORD is there."""
    recorded = {name: digest for one in found for name, digest in _record(one)}
    names = opened.namelist()
    yield from (f"{name} is twice in the zip" for name in sorted({name for name in names if names.count(name) > 1}))
    for name in sorted(set(names)):
        if name not in recorded:
            if not _ours(name):
                yield f"{name} is neither the app's nor a locked wheel's"
        elif recorded[name] and recorded[name] != _digest(opened.read(name)):
            yield f"{name} is not what its wheel's RECORD says"
    yield from (f"{name} is missing from its wheel" for name in sorted(recorded.keys() - set(names)))


def _ours(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part in ("__pycache__", "tests") for part in path.parts)
    return name in ALONE or (path.parts[0] == "chalicelib" and path.suffix in SUFFIXES and not hidden)


def _record(one: Distribution) -> Iterator[tuple[str, str]]:
    """Each file of a distribution, as it lies when Chalice has unpacked its wheel, with its digest if it has one."""
    data = f"{one.name.replace('-', '_')}-{one.version}.data/".lower()
    for name, digest, *_ in csv.reader((one.read_text("RECORD") or "").splitlines()):
        moved = name.lower().startswith((f"{data}purelib/", f"{data}platlib/"))
        yield name.split("/", 2)[2] if moved else name, "" if PurePosixPath(name).name in UNHASHED else digest


def _digest(content: bytes) -> str:
    """A digest as a RECORD has it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def _foreign(opened: zipfile.ZipFile, runtime: Runtime) -> Iterator[str]:
    """Compiled modules are of the runtime's machine, whatever their wheel's tag says."""
    for name in opened.namelist():
        if name.endswith(".so"):
            header = opened.read(name)[:20]
            if header[:4] != b"\x7fELF" or int.from_bytes(header[18:20], "little") != ELF_MACHINES[runtime.machine]:
                yield f"{name} is not compiled for {runtime.machine}"
