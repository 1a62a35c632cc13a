"""What may be in a zip: read from lock file, RECORDs and tags, with zips made up for it."""

from pathlib import Path

import pytest

from local.contents import Runtime, faults, seal
from local.sbom import bill
from tests.deploy.zips import PURE, wheel, zipped

LAMBDA = Runtime(python=(3, 13), machine="arm64")
ELF_ARM64 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00"
ELF_X86 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00"
LOCK = "speedy==1.2 \\\n    --hash=sha256:00\n    # via envoi\nwinonly==3 ; sys_platform == 'win32' \\\n"
SPEEDY = {"speedy/__init__.py": b"x = 1\n"}


def test_a_truthful_zip_has_no_faults(tmp_path: Path) -> None:
    """The app, Chalice's runtime and the locked wheels: nothing to say, and what is for Windows alone is not missed."""
    assert faults(zipped(tmp_path / "z.zip", wheel("speedy", "1.2", SPEEDY)), LOCK, runtime=LAMBDA) == []


@pytest.mark.parametrize(
    "tag",
    [PURE, "py2.py3-none-any", "cp313-cp313-manylinux_2_17_aarch64", "cp313-cp313-manylinux2014_aarch64",
     "cp39-abi3-manylinux_2_28_aarch64", "py3-none-manylinux_2_34_aarch64"],
)  # fmt: skip
def test_a_wheel_that_lambda_loads(tmp_path: Path, tag: str) -> None:
    """Pure ones, those of this very Python on arm64, and those of the stable ABI."""
    tags = [tag] if "." not in tag.split("-", maxsplit=1)[0] else ["py2-none-any", "py3-none-any"]
    code = zipped(tmp_path / "z.zip", wheel("speedy", "1.2", SPEEDY, *tags))
    assert faults(code, LOCK, runtime=LAMBDA) == []


@pytest.mark.parametrize(
    "tag",
    ["cp313-cp313-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_17_aarch64", "cp313-cp313-manylinux_2_36_aarch64",
     "cp313-cp313-macosx_11_0_arm64", "cp313-cp313-musllinux_1_2_aarch64", "py2-none-any"],
)  # fmt: skip
def test_a_wheel_that_lambda_does_not_load(tmp_path: Path, tag: str) -> None:
    """Another machine, another Python, a newer C library, another system: named with what it is for."""
    (fault,) = faults(zipped(tmp_path / "z.zip", wheel("speedy", "1.2", SPEEDY, tag)), LOCK, runtime=LAMBDA)
    assert fault == f"speedy is for {tag}, not for Python 3.13 on arm64"


def test_a_compiled_module_of_another_machine(tmp_path: Path) -> None:
    """A tag that lies is found out by the module itself."""
    name = "speedy/fast.so"
    good = zipped(tmp_path / "good.zip", wheel("speedy", "1.2", SPEEDY | {name: ELF_ARM64}))
    assert faults(good, LOCK, runtime=LAMBDA) == []
    bad = zipped(tmp_path / "bad.zip", wheel("speedy", "1.2", SPEEDY | {name: ELF_X86}))
    assert faults(bad, LOCK, runtime=LAMBDA) == [f"{name} is not compiled for arm64"]


@pytest.mark.parametrize(
    "stray",
    [".env", "app.pyc", "chalicelib/.env", "chalicelib/notes.md", "chalicelib/tests/test_a.py", "tests/test_a.py",
     "chalicelib/__pycache__/config.cpython-313.pyc", "chalicelib/.config.py.swp", "speedy/extra.py",
     "boto3/__init__.py", "chalice/cli.py", "requirements.txt"],
)  # fmt: skip
def test_a_stray_file_is_named(tmp_path: Path, stray: str) -> None:
    """Nothing ships but what is the app's or in a wheel's RECORD."""
    code = zipped(tmp_path / "z.zip", wheel("speedy", "1.2", SPEEDY), {stray: b""})
    assert faults(code, LOCK, runtime=LAMBDA) == [f"{stray} is neither the app's nor a locked wheel's"]


def test_a_file_that_was_changed_or_lost_since_its_wheel(tmp_path: Path) -> None:
    """The RECORD is what was hash-locked: each file is as it says, and there."""
    files = wheel("speedy", "1.2", SPEEDY)
    changed = zipped(tmp_path / "a.zip", files | {"speedy/__init__.py": b"x = 2\n"})
    assert faults(changed, LOCK, runtime=LAMBDA) == ["speedy/__init__.py is not what its wheel's RECORD says"]
    lost = zipped(tmp_path / "b.zip", {name: content for name, content in files.items() if name not in SPEEDY})
    assert faults(lost, LOCK, runtime=LAMBDA) == ["speedy/__init__.py is missing from its wheel"]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "speedy 1.2 is locked and not in the zip"),
        ([wheel("speedy", "1.3", SPEEDY)], "speedy is 1.3 in the zip and 1.2 in the lock file"),
        ([wheel("speedy", "1.2", SPEEDY), wheel("other", "1", {})], "other 1 is in the zip and not locked"),
    ],
)
def test_the_zip_holds_what_is_locked(tmp_path: Path, parts: list[dict[str, bytes]], said: str) -> None:
    """All of it, in the locked version, and no more: a wheel that Chalice left out with a warning is missed here."""
    assert faults(zipped(tmp_path / "z.zip", *parts), LOCK, runtime=LAMBDA) == [said]


def test_sealing_does_not_depend_on_order_or_times(tmp_path: Path) -> None:
    """The same files in another order make the same bytes."""
    files = wheel("speedy", "1.2", SPEEDY)
    one = zipped(tmp_path / "one.zip", files)
    other = zipped(tmp_path / "other.zip", dict(reversed(files.items())))
    assert one.read_bytes() != other.read_bytes()
    for code in (one, other):
        seal(code)
    assert one.read_bytes() == other.read_bytes()


def test_the_bill_lists_what_is_there(tmp_path: Path) -> None:
    """Each distribution with version and licence, and Chalice's runtime, which comes without metadata."""
    made = bill(zipped(tmp_path / "z.zip", wheel("speedy", "1.2", SPEEDY)), chalice="9.9")
    assert [(part["name"], part["version"], part["licenses"]) for part in made["components"]] == [
        ("chalice", "9.9", [{"license": {"id": "Apache-2.0"}}]),
        ("speedy", "1.2", [{"expression": "MIT"}]),
    ]
