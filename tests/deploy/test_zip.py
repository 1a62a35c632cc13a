"""The zip that is shipped: what it holds, that it can be made again, and that every function starts from it alone."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import boto3
import pytest
from packaging.requirements import Requirement

from local.contents import ALONE, Runtime, faults, installed
from local.package import Package, machine, package
from local.stages import LOCAL_STAGE, ROOT
from tests.deploy.zips import copy_of_project, package_in, wheel

RUNTIME_OF_LAMBDA = ("boto3", "botocore", "s3transfer", "dateutil", "six.py", "urllib3")
API = "app.app"
# What a function is called with; an empty batch is nothing to do, and the page's shell asks nobody.
GATEWAY: dict[str, object] = {
    "httpMethod": "GET", "resource": "/p", "path": "/p", "headers": {}, "multiValueHeaders": {}, "body": None,
    "multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None, "isBase64Encoded": False,
    "requestContext": {"httpMethod": "GET", "resourcePath": "/p", "identity": {}},
}  # fmt: skip
CALLED = """
import json, sys
sys.path[:0] = [{code!r}, {runtime!r}]
from types import SimpleNamespace
module, name = {handler!r}.split(".")
handler = getattr(__import__(module), name)
context = SimpleNamespace(function_name="f", memory_limit_in_mb=128, invoked_function_arn="a", aws_request_id="r")
answer = handler({event!r}, context) if {event!r} is not None else None
outside = sorted({{module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)
                  and not module.__file__.startswith(({code!r}, {runtime!r}, {standard!r}))}})
print("\\n" + json.dumps({{"status": (answer or {{}}).get("statusCode"), "outside": outside}}))
"""
IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path[:0] = [{code!r}, {runtime!r}]
import chalicelib
names = [found.name for found in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.fixture(scope="module")
def made() -> Package:
    """The package of the local stage."""
    return package(LOCAL_STAGE)


@pytest.fixture(scope="module")
def unpacked(made: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(made.code) as code:
        code.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda's runtime itself holds: boto3 with what it needs, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("runtime")
    packages = Path(boto3.__file__).parents[1]
    for name in RUNTIME_OF_LAMBDA:
        (folder / name).symlink_to(packages / name)
    return folder


def handlers(made: Package) -> dict[str, dict[str, object]]:
    """Each function's handler in the template, with its first kind of event."""
    resources = json.loads(made.template.read_text())["Resources"]
    found = (one["Properties"] for one in resources.values() if one["Type"] == "AWS::Serverless::Function")
    return {one["Handler"]: one.get("Events", {}) for one in found}


def run(program: str, folder: Path) -> str:
    """The last line that a fresh process prints: no site-packages, no checkout, no byte code written."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", program],
        cwd=folder, env=environment | {"AWS_DEFAULT_REGION": "eu-west-3"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip().splitlines()[-1]


def test_the_shipped_zip_was_checked(made: Package, tmp_path: Path) -> None:
    """Without its byte code the zip has no fault: only app.py, chalicelib, the locked wheels and Chalice's runtime."""
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(made.code) as code, zipfile.ZipFile(plain, "w") as without:
        for name in code.namelist():
            if "__pycache__" not in name:
                without.writestr(name, code.read(name))
    runtime = Runtime(python=sys.version_info[:2], machine=machine(LOCAL_STAGE))
    assert faults(plain, (ROOT / "requirements.txt").read_text(), runtime=runtime) == []


def test_every_module_has_byte_code_of_its_own_source(made: Package) -> None:
    """One .pyc a module and none without one, each marked as not to be checked against times."""
    with zipfile.ZipFile(made.code) as code:
        names = set(code.namelist())
        flags = {code.read(name)[4:8] for name in names if name.endswith(".pyc")}
    tag = sys.implementation.cache_tag
    wanted = {
        f"{Path(name).parent / '__pycache__' / Path(name).stem}.{tag}.pyc" for name in names if name.endswith(".py")
    }
    assert wanted == {name for name in names if name.endswith(".pyc")}
    assert flags == {b"\x01\x00\x00\x00"}
    assert names >= ALONE


def test_the_lock_file_has_hashes_for_everything() -> None:
    """Every requirement is pinned to one version, and its files to their hashes."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line[:1].isalnum()]
    assert starts
    for start in starts:
        requirement = Requirement(lines[start].removesuffix("\\"))
        assert str(requirement.specifier).startswith("==")
        assert lines[start + 1].strip().startswith("--hash=sha256:")


def test_the_same_sources_make_the_same_bytes_elsewhere(made: Package, tmp_path: Path) -> None:
    """Another folder, other file times and modes, another hash seed: the same zip and the same bill."""
    elsewhere = copy_of_project(tmp_path / "another checkout")
    for number, file in enumerate(sorted(path for path in elsewhere.rglob("*") if path.is_file())):
        os.utime(file, (number, 86_400 * number))
        file.chmod(0o640)
    ran = package_in(elsewhere, PYTHONHASHSEED="7")
    assert ran.returncode == 0, ran.stderr
    again = elsewhere / ".local" / "build" / "local-package"
    assert _sha256(again / "deployment.zip") == _sha256(made.code)
    assert (again / "bill.json").read_text() == made.bill.read_text()


def test_a_missing_wheel_fails_the_build(tmp_path: Path) -> None:
    """Chalice only warns of a wheel that Lambda cannot load and leaves it out; here nothing is packaged."""
    elsewhere = copy_of_project(tmp_path / "checkout")
    tag = f"cp3{sys.version_info[1]}-cp3{sys.version_info[1]}-linux_{os.uname().machine}"
    file = elsewhere / f"native-1.0-{tag.replace('linux', _too_new())}.whl"
    with zipfile.ZipFile(file, "w") as built:
        for name, content in wheel("native", "1.0", {"native.py": b""}, tag).items():
            built.writestr(name, content)
    (elsewhere / "requirements.txt").write_text(f"{file}\n")
    ran = package_in(elsewhere, PIP_NO_INDEX="1")
    assert ran.returncode == 1
    assert "native" in ran.stderr
    assert "Could not install dependencies" in ran.stderr
    assert not (elsewhere / ".local" / "build" / "local-package" / "digest").exists()


def test_a_stray_file_fails_the_build(tmp_path: Path) -> None:
    """What an editor left in chalicelib is named, and nothing is packaged."""
    elsewhere = copy_of_project(tmp_path / "checkout")
    (elsewhere / "chalicelib" / ".env").write_text("KEY=1\n")
    ran = package_in(elsewhere)
    assert ran.returncode == 1
    assert "chalicelib/.env is neither the app's nor a locked wheel's" in ran.stderr
    assert not (elsewhere / ".local" / "build" / "local-package" / "digest").exists()


def test_every_handler_starts_from_the_zip_alone(made: Package, unpacked: Path, runtime: Path) -> None:
    """Each function of the template in a fresh process, from the zip and Lambda's own boto3, with an empty event."""
    found = handlers(made)
    assert len(found) >= 6 and API in found
    standard = str(Path(os.__file__).parent)
    for handler, events in found.items():
        kinds = {str(event["Type"]) for event in events.values()}  # type: ignore[index]  # parsed JSON
        batch: dict[str, object] = {"Records": []}
        event = GATEWAY if handler == API else batch if kinds & {"SQS", "DynamoDB"} else None
        program = CALLED.format(
            code=str(unpacked), runtime=str(runtime), handler=handler, event=event, standard=standard
        )
        told = json.loads(run(program, unpacked))
        assert told == {"status": 200 if handler == API else None, "outside": []}, handler


def test_every_module_loads_from_the_zip(unpacked: Path, runtime: Path) -> None:
    """Also what a function imports only when it is called."""
    assert int(run(IMPORT_ALL.format(code=str(unpacked), runtime=str(runtime)), unpacked)) > 80


def test_the_bill_lists_exactly_the_zip(made: Package) -> None:
    """CycloneDX, with each distribution's version and licence, and the digest of the very zip."""
    told = json.loads(made.bill.read_text())
    parts = {part["name"]: part["version"] for part in told["components"]}
    assert parts == {one.name.lower().replace("_", "-"): one.version for one in installed(made.code)} | {
        "chalice": version("chalice")
    }
    assert all(part["licenses"] for part in told["components"])
    assert told["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": _sha256(made.code)}]
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")


def _too_new() -> str:
    """A platform that this machine's pip takes and Lambda's C library is too old for."""
    return f"manylinux_2_{35 if sys.version_info >= (3, 12) else 28}"


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
