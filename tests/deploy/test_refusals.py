"""Which stages are packaged with what, and what is said otherwise."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.package import PRODUCTION_PYTHON, PackagingFailed, package, refusal, stages
from local.stages import EMULATED, ROOT
from tests.deploy.zips import copy_of_project

PRODUCTION = ("dev", "staging", "prod")


def test_the_stages_are_these() -> None:
    """Three of the emulator, three of production."""
    assert tuple(stages()) == (*EMULATED, *PRODUCTION)


@pytest.mark.parametrize("stage", PRODUCTION)
def test_a_production_stage_runs_on_arm64_and_python_3_13(stage: str) -> None:
    """As the project stands, such a stage is packaged with Python 3.13."""
    assert stages()[stage]["lambda_architecture"] == "arm64"
    assert refusal(stage, stages(), python=(3, 13)) is None


@pytest.mark.parametrize("python", [(3, 11), (3, 12), (3, 14)])
@pytest.mark.parametrize("stage", PRODUCTION)
def test_another_python_is_refused(stage: str, python: tuple[int, int]) -> None:
    """The refusal says which version is wanted, which is there, and how to get it."""
    said = refusal(stage, stages(), python=python) or ""
    assert f"stage {stage} runs on Python 3.13, and this is 3.{python[1]}" in said
    assert "PYTHON=python3.13" in said


@pytest.mark.parametrize("settings", [{"lambda_architecture": "x86_64"}, {}])
def test_another_architecture_is_refused(settings: dict[str, str]) -> None:
    """Also none at all, which Chalice takes for x86_64."""
    said = refusal("prod", {"prod": settings}, python=PRODUCTION_PYTHON) or ""
    assert "stage prod runs on arm64" in said
    assert 'set its "lambda_architecture" to "arm64"' in said


def test_a_stage_of_one_s_own_is_production() -> None:
    """A stage that somebody adds is held to the same."""
    assert refusal("canary", {"canary": {"lambda_architecture": "x86_64"}}, python=PRODUCTION_PYTHON)


def test_an_unknown_stage_is_refused() -> None:
    """The refusal names the stages that there are."""
    with pytest.raises(PackagingFailed, match=r"no stage pord in \.chalice/config\.json; it has local, localrakuten"):
        package("pord")


@pytest.mark.parametrize("stage", EMULATED)
@pytest.mark.parametrize("python", [(3, 11), (3, 14)])
def test_a_stage_of_the_emulator_takes_any_python(stage: str, python: tuple[int, int]) -> None:
    """The emulator runs functions on the Python that packages them."""
    assert refusal(stage, stages(), python=python) is None


def test_packaging_and_deploying_refuse_before_anything_is_made() -> None:
    """Both commands print the refusal and exit with 1, or go on where this very Python is the right one."""
    if sys.version_info[:2] == PRODUCTION_PYTHON:
        assert package("prod").code.exists()
        return
    deploy = ["console", "resources", "deploy", "--stage", "prod", "--page-url", "https://pay.example/p", "--yes"]
    for command in (["local.package", "prod"], deploy):
        ran = _run([sys.executable, "-m", *command], ROOT, AWS_ENDPOINT_URL="http://127.0.0.1:9")
        assert ran.returncode == 1
        assert "stage prod runs on Python 3.13" in ran.stderr


def test_chalice_deploys_nothing_from_the_checkout(tmp_path: Path) -> None:
    """Not with another Python, and not with policies that still say STAGE: it ends before its first call."""
    checkout = copy_of_project(tmp_path / "checkout")
    settings = json.loads((checkout / ".chalice" / "config.json").read_text())["lambda_functions"]
    assert not [name for name, one in settings.items() if "iam_policy_file" in one]
    chalice = shutil.which("chalice", path=str(Path(sys.executable).parent))
    assert chalice
    ran = _run([chalice, "deploy", "--stage", "dev"], checkout, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert ran.returncode != 0
    ready = sys.version_info[:2] == (3, 13)
    assert ("policy-dev.json" if ready else "Envoi runs on Python 3.13") in ran.stdout + ran.stderr
    assert "Creating IAM role" not in ran.stdout


def _run(command: list[str], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    credentials = {"AWS_DEFAULT_REGION": "eu-west-3", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    return subprocess.run(
        command, cwd=folder, env=os.environ | credentials | environment, capture_output=True, text=True, check=False
    )
