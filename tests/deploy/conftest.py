"""A stage of `chalice deploy` on an emulator of its own, and the stage of one stack, both reached by this process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import botocore
import pytest

from chalicelib import aws
from chalicelib.config import programme
from local import ministack, people
from local.stack import Stack
from local.stages import PROGRAMME, ROOT
from tests.deploy.gateway import gateway
from tests.deploy.rest_api import api_gateway
from tests.emptying import empty

STAGE = "trial"
SECRET = {name: f"made-up-{name}" for name in ("consumer_key", "consumer_secret", "access_token", "access_secret")}
REACHED = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


# Chalice asks every five seconds whether a function is ready; the emulator's are in half a second.
READY_SECONDS = 1


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The stage `trial` as the two commands have made it, with what they printed."""

    stack: Stack
    project: Path
    records: Path
    resources: "subprocess.CompletedProcess[str]"
    chalice: "subprocess.CompletedProcess[str]"

    def resources_again(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `console resources deploy` on the stage once more."""
        where = ["--to", str(self.project), "--records", str(self.records)]
        return console_resources(self.stack.aws_endpoint_url, *where, *arguments)

    def chalice_again(self, project: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run `chalice deploy` on the stage once more, in the same project unless another is named."""
        return chalice_deploy(self.stack.aws_endpoint_url, project or self.project)


def environment(endpoint: str) -> dict[str, str]:
    """An operator's shell that is signed in to the emulator."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ENVOI_"))},
        "AWS_ENDPOINT_URL": endpoint,
        **ministack.ROOT,
    }


def console_resources(endpoint: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `console resources deploy` as an operator does."""
    return subprocess.run(
        [sys.executable, "-m", "console", "resources", "deploy", "--stage", STAGE, "--yes", *arguments],
        cwd=ROOT, env=environment(endpoint), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def chalice_deploy(endpoint: str, project: Path) -> "subprocess.CompletedProcess[str]":
    """Run `chalice deploy` as an operator does: with nothing but the stage's name."""
    models = {"AWS_DATA_PATH": str(_impatient(project.parent / "models"))}
    with api_gateway(endpoint) as gateway_url:
        shell = environment(endpoint) | models | {"AWS_ENDPOINT_URL_API_GATEWAY": gateway_url}
        return subprocess.run(
            [str(Path(sys.executable).parent / "chalice"), "deploy", "--stage", STAGE],
            cwd=project, env=shell, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


def _impatient(models: Path) -> Path:
    """A folder that makes botocore look more often whether a function is ready."""
    known = Path(botocore.__file__).parent / "data" / "lambda" / "2015-03-31" / "waiters-2.json"
    waiters = json.loads(known.read_text())
    for waiter in waiters["waiters"].values():
        waiter["delay"] = READY_SECONDS
    file = models / "lambda" / "2015-03-31" / "waiters-2.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(waiters))
    return models


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """An emulator without Envoi: its port and its folder."""
    home = tmp_path_factory.mktemp("trial-aws")
    port = ministack.free_port()
    pid = ministack.start(port, home)
    try:
        yield port, home
    finally:
        ministack.stop(pid)
        empty(home)


@pytest.fixture(scope="session")
def trial(emulator: tuple[int, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """The stage `trial`, brought up by `console resources deploy` and `chalice deploy`, with two customers in it."""
    port, home = emulator
    made = tmp_path_factory.mktemp("trial")
    project, records, endpoint = made / "project", made / "deployed", ministack.endpoint(port)
    stack = _stack(port, home)
    with gateway(stack.client("lambda"), f"envoi-{STAGE}") as api_url:
        where = ["--to", str(project), "--records", str(records), "--json"]
        # A port where nobody listens stands for X: a reply would be refused at once.
        values = ["--page-url", f"{api_url}/p", "--set", "XApiUrl=http://127.0.0.1:9"]
        resources = console_resources(endpoint, *values, *where)
        assert resources.returncode == 0, resources.stderr
        chalice = chalice_deploy(endpoint, project)
        assert chalice.returncode == 0, chalice.stdout + chalice.stderr
        stack = _filled(_stack(port, home, api_url=api_url))
        yield Trial(stack=stack, project=project, records=records, resources=resources, chalice=chalice)


@pytest.fixture
def reached(trial: Trial) -> Iterator[Trial]:
    """The stage, with this process as root of its AWS while a test runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in REACHED:
            patch.setenv(name, "")  # so that what was there comes back
        patch.setenv("ENVOI_STAGE", STAGE)
        people.reach(trial.stack.aws_endpoint_url, trial.stack.region, table=trial.stack.table)
        yield trial
    aws.client.cache_clear()


def _stack(port: int, home: Path, *, api_url: str = "") -> Stack:
    bot = programme(PROGRAMME).bots["twitter"]
    return Stack(
        home=str(home), stage=STAGE, programme=PROGRAMME, keep=False, pid=0, port=port, sandbox_pid=0, digest="",
        api_url=api_url, page_url=f"{api_url}/p",
        aws_endpoint_url=ministack.endpoint(port), region=ministack.REGION, table=f"envoi-{STAGE}", inbox_url="",
        sandbox_url="", x_secret=SECRET, meta_secret={}, bot_user_id=bot.user_id, bot_handle=bot.handle,
    )  # fmt: skip


def _filled(stack: Stack) -> Stack:
    """Give the stage what its operator gives it: the keys of X, and customers."""
    sqs = stack.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        # As on the stage local: what a killed function had in work would come again after three minutes only.
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "6"})
    stack.client("secretsmanager").put_secret_value(SecretId=f"envoi-{STAGE}-x", SecretString=json.dumps(SECRET))
    with pytest.MonkeyPatch.context() as patch:
        for name in REACHED:
            patch.setenv(name, "")
        table = people.reach(stack.aws_endpoint_url, stack.region, table=stack.table)
        # The residents of the tests' town have codes under this name.
        key = stack.client("kms").describe_key(KeyId=f"alias/envoi-{STAGE}-code")["KeyMetadata"]["KeyId"]
        stack.client("kms").create_alias(AliasName="alias/envoi-local-code", TargetKeyId=key)
        seeded = people.seed(table, programme=PROGRAMME, code_key=f"alias/envoi-{STAGE}-code")
    aws.client.cache_clear()
    return replace(stack, people=seeded)
