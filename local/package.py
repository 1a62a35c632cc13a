"""Packages the app for a stage: a staged copy with policies for that stage, through `chalice package`.

`python -m local.package STAGE` prints where the template is; production pipelines run this too.
"""

import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import contents, programmes, sbom
from local.stages import EMULATED, LOCAL_STAGE, ROOT, is_local

BUILD = ROOT / ".local" / "build"
API_ID = "envoi"
# What Lambda runs in production (docs/deploying): wheels and byte code are chosen for it.
PRODUCTION_PYTHON = (3, 13)
PRODUCTION_ARCHITECTURE = "arm64"
MERGED = (
    "resources.json",
    "queues.json",
    "alarms.json",
    "signals.json",
    "dashboard.json",
    "edge.json",
    "overrides.json",
)
SHIPPED = ("app.py", "requirements.txt", ".chalice", "chalicelib")
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "deployments", "deployed", "venv", "merge.json")


class PackagingFailed(Exception):
    """`chalice package` did not succeed; the message holds what it said."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A packaged app: the merged SAM template, the code it runs, and the digest of what both were made from.

    `bill` is the code's bill of materials, `project` the staged copy that it was packaged from.
    """

    template: Path
    code: Path
    bill: Path
    project: Path
    stage: str
    digest: str


def package(stage: str) -> Package:
    """Package the app for a stage under `.local/build`; nothing is done when no input changed.

    Raises PackagingFailed, also for a programme that could not start.
    """
    known = stages()
    refused = refusal(stage, known, python=sys.version_info[:2]) or _broken(known[stage])
    if refused:
        raise PackagingFailed(refused)
    BUILD.mkdir(parents=True, exist_ok=True)
    with _locked(BUILD / f"{stage}.lock"):
        out = BUILD / f"{stage}-package"
        package = Package(
            template=out / "sam.json",
            code=out / "deployment.zip",
            bill=out / "bill.json",
            project=BUILD / stage,
            stage=stage,
            digest=_digest(stage),
        )
        seal = out / "digest"
        if not (seal.exists() and seal.read_text() == package.digest):
            _build(stage, out)
            seal.write_text(package.digest)
        return package


def stages() -> Mapping[str, Mapping[str, Any]]:
    """The stages that the project knows, with their settings, as `.chalice/config.json` has them."""
    known: Mapping[str, Mapping[str, Any]] = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]
    return known


def refusal(stage: str, known: Mapping[str, Mapping[str, Any]], *, python: tuple[int, int]) -> str | None:
    """Why a stage is not packaged with this Python, and what to do; None if it is.

    Every stage but those of the emulator runs on Python 3.13 and arm64, and what is packaged elsewhere would hold
    wheels that do not load there.
    """
    if stage not in known:
        return f"there is no stage {stage} in .chalice/config.json; it has {', '.join(known)}"
    if stage in EMULATED:
        return None
    wanted, ours = (".".join(map(str, number)) for number in (PRODUCTION_PYTHON, python))
    if python != PRODUCTION_PYTHON:
        return (
            f"stage {stage} runs on Python {wanted}, and this is {ours}: make the environment with that version "
            f"(`make clean`, then `make check PYTHON=python{wanted}`) and try again"
        )
    architecture = known[stage].get("lambda_architecture", "x86_64")
    if architecture != PRODUCTION_ARCHITECTURE:
        return (
            f"stage {stage} runs on {PRODUCTION_ARCHITECTURE}, and .chalice/config.json has {architecture}: "
            f'set its "lambda_architecture" to "{PRODUCTION_ARCHITECTURE}"'
        )
    return None


def _broken(settings: Mapping[str, Any]) -> str | None:
    """Why no function of a stage would start: its programme breaks a rule."""
    fault = programmes.fault(programmes.of_stage(settings))
    return f"Nothing done: {fault}." if fault else None


def render_policy(source: str, stage: str) -> dict[str, Any]:
    """A function's policy for one stage.

    The emulator asks for two rights under other names than AWS: a key by its alias, where AWS has a condition, and
    `SendMessageBatch`, which AWS has under `SendMessage`.
    """
    policy: dict[str, Any] = json.loads(source.replace("STAGE", stage))
    for statement in policy["Statement"] if stage in EMULATED else []:
        aliases = statement.get("Condition", {}).get("ForAnyValue:StringEquals", {}).get("kms:ResourceAliases")
        if aliases:
            del statement["Condition"]
            statement["Resource"] = f"arn:aws:kms:*:*:{aliases}"
        if statement["Action"] == "sqs:SendMessage":
            statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
    return policy


def merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one template over another, dictionary by dictionary, as `chalice package --merge-template` does."""
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = merge(below[name], value) if both else value
    return merged


def _build(stage: str, out: Path) -> None:
    project = BUILD / stage
    for folder in (project, out):
        shutil.rmtree(folder, ignore_errors=True)
    _stage_copy(project, stage)
    said = _chalice(project, "package", "--stage", stage, "--pkg-format", "cloudformation",
                    "--merge-template", ".chalice/merge.json", str(out))  # fmt: skip
    if "Could not install dependencies" in said:
        raise PackagingFailed(f"a dependency has no pure or Lambda wheel, so it would be missing:\n{said}")
    _seal(stage, project, out)
    template = json.loads((out / "sam.json").read_text())
    (out / "sam.json").write_text(json.dumps(_completed(template, stage), indent=2))


def _seal(stage: str, project: Path, out: Path) -> None:
    """Replace Chalice's zip by one that is checked, ordered and compiled, and write its bill of materials."""
    code = out / "deployment.zip"
    runtime = contents.Runtime(python=sys.version_info[:2], machine=machine(stage))
    faults = contents.faults(code, (project / "requirements.txt").read_text(), runtime=runtime)
    if faults:
        raise PackagingFailed("\n".join(["the zip would not be what the project says:", *faults]))
    contents.seal(code)
    (out / "bill.json").write_text(json.dumps(sbom.bill(code, chalice=importlib.metadata.version("chalice")), indent=2))


def machine(stage: str) -> str:
    """The machine that a stage's functions run on, as Lambda names it: this one's for a stage of the emulator."""
    if stage in EMULATED:
        return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
    return str(stages()[stage]["lambda_architecture"])


def _stage_copy(project: Path, stage: str) -> None:
    project.mkdir(parents=True)
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=NOT_SHIPPED)
        else:
            shutil.copy2(source, project / name)
    chalice = project / ".chalice"
    for policy in chalice.glob("policies/*.json"):
        policy.write_text(json.dumps(render_policy(policy.read_text(), stage)))
    merged: dict[str, Any] = {}
    for name in MERGED:
        merged = merge(merged, json.loads((chalice / name).read_text()))
    (chalice / "merge.json").write_text(json.dumps(merged))
    _complete_config(chalice / "config.json", stage)


def _complete_config(config_file: Path, stage: str) -> None:
    """Give each function its rendered policy, and the stage its machine.

    The checkout's own config names no policies: `chalice deploy` there fails at once instead of granting rights on
    a stage called STAGE.
    """
    config = json.loads(config_file.read_text())
    for policy in sorted(config_file.parent.glob("policies/*.json")):
        config["lambda_functions"].setdefault(policy.stem, {})["iam_policy_file"] = f"policies/{policy.name}"
    config["stages"][stage]["lambda_architecture"] = machine(stage)
    config_file.write_text(json.dumps(config, indent=2))


def _chalice(project: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "chalice"), "--project-dir", str(project), *arguments]
    # The template names no Region, but Chalice wants one; and it imports the app, whose bytecode is not to be shipped.
    environment = {"AWS_DEFAULT_REGION": "eu-west-3"} | os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    said = f"{ran.stdout}\n{ran.stderr}".strip()
    if ran.returncode != 0:
        raise PackagingFailed(f"chalice package failed (code {ran.returncode}):\n{said}")
    return said


def _completed(template: dict[str, Any], stage: str) -> dict[str, Any]:
    """The template without overrides for functions that the app does not have, and with the stage's own settings."""
    template["Resources"] = {name: body for name, body in template["Resources"].items() if "Type" in body}
    template["Parameters"]["Stage"]["Default"] = stage
    template["Parameters"]["UsesX"]["Default"] = programmes.uses_x(stages()[stage])
    if is_local(stage):  # the emulator's own tag: the API's address is then known before it exists
        api = template["Resources"]["RestAPI"]["Properties"]
        api.update({"Tags": {"ms-custom-id": API_ID}, "PropagateTags": True})
    return template


def _digest(stage: str) -> str:
    digest = hashlib.sha256(f"{stage} {sys.version} {importlib.metadata.version('chalice')}".encode())
    for name in (*SHIPPED, "local/package.py", "local/stages.py", "local/contents.py", "local/sbom.py"):
        top = ROOT / name
        for file in sorted(path for path in (top.rglob("*") if top.is_dir() else [top]) if path.is_file()):
            if not {"__pycache__", "deployments", "deployed", "venv"} & set(file.parts):
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        print(package(sys.argv[1] if len(sys.argv) > 1 else LOCAL_STAGE).template)
    except PackagingFailed as failure:
        sys.exit(str(failure))
