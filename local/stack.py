"""The local AWS with Envoi on it: up, down and what is where."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from chalicelib import config
from local import holders, ministack, people, sandbox, stages
from local.deploy import deploy
from local.package import API_ID, Package, package
from local.stages import PROGRAMME

X_KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")
META_KEYS = ("app_secret", "verify_token", "facebook_access_token")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running local AWS, as its state file keeps it; every secret in it was made for it alone.

    `bot_user_id` and `bot_handle` are the programme's on X, empty where it is not on X.
    """

    home: str
    stage: str
    programme: str
    keep: bool
    pid: int
    port: int
    sandbox_pid: int
    digest: str
    api_url: str
    page_url: str
    aws_endpoint_url: str
    region: str
    table: str
    inbox_url: str
    sandbox_url: str
    x_secret: Mapping[str, str]
    meta_secret: Mapping[str, str]
    bot_user_id: str = ""
    bot_handle: str = ""
    people: tuple[Mapping[str, str], ...] = ()

    @property
    def x_api_url(self) -> str:
        """Where X's API is, and Meta's: the sandbox plays both."""
        return self.sandbox_url

    def client(self, service: str) -> Any:
        """A boto3 client of this local AWS, with root's rights."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.aws_endpoint_url,
            region_name=self.region,
            aws_access_key_id=ministack.ROOT["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ministack.ROOT["AWS_SECRET_ACCESS_KEY"],
            config=Config(connect_timeout=2, read_timeout=60, retries={"total_max_attempts": 2}),
        )

    def told(self) -> dict[str, Any]:
        """What `python -m local up --json` tells."""
        told = asdict(self)
        secret, of_meta = told.pop("x_secret"), told.pop("meta_secret")
        keys = {"x_consumer_secret": secret["consumer_secret"], "meta_app_secret": of_meta["app_secret"]}
        return told | {"x_api_url": self.x_api_url, **keys}


def up(home: Path | None = None, *, keep: bool | None = None, programme: str = PROGRAMME) -> Stack:
    """Start what is not running, deploy what has changed, and return the stack; seconds when all is there.

    Each programme has a stage, an emulator and a home of its own: they run side by side. With `keep`, or STATE_DIR in
    the environment, the state outlives the stack: the next `up` goes on with it. Raises NotPlayed, NotReady,
    PackagingFailed or DeployFailed, each saying what happened; a stack that never came up is taken down.
    """
    stage = stages.stage_of(programme)
    home = home or stages.home(programme)
    keep = bool(os.environ.get("STATE_DIR")) if keep is None else keep
    home.mkdir(parents=True, exist_ok=True)
    with _locked(home):
        made = package(stage)
        before = _running(home)
        if before and before.digest == made.digest:
            return before
        stack = before or _started(home, keep=keep, programme=programme)
        try:
            wanted = _deployed(replace(stack, digest=made.digest), made)
            if not wanted.people:
                wanted = _filled(wanted)
        except BaseException:
            if not before:
                _end(stack)
            raise
        _write(home, wanted)
        return wanted


def down(home: Path | None = None, *, programme: str = PROGRAMME) -> bool:
    """Stop the local AWS; what was in it is forgotten unless it was asked to keep it. False if none was running."""
    home = home or stages.home(programme)
    if not home.exists():
        return False
    with _locked(home):
        return _stop(home)


def status(home: Path | None = None, *, programme: str = PROGRAMME) -> Stack | None:
    """The running stack, or None."""
    return _running(home or stages.home(programme))


def written(home: Path) -> Stack | None:
    """The stack as its state file tells it, running or not; None while it starts for the first time."""
    return _read(_file(home))


def _deployed(stack: Stack, made: Package) -> Stack:
    played = {"XApiUrl": stack.x_api_url, "GraphUrl": stack.x_api_url}
    checked = {"HoldersFunction": f"envoi-{stack.stage}-holders"} if _pays_out(stack) else {}
    parameters = {"Stage": stack.stage, "PageUrl": stack.page_url, **played, **checked}
    outputs = deploy(made, stack.client, parameters)
    return replace(stack, table=outputs["TableName"], inbox_url=outputs["InboxUrl"])


def _pays_out(stack: Stack) -> bool:
    return config.programme(stack.programme).claims.payout != "none"


def _emulator(home: Path, kept: Stack | None, *, keep: bool) -> tuple[int, int]:
    """The process id and the port of a fresh emulator: the port of before if it goes on, as queues are named by it."""
    if kept:
        if ministack.free_port(kept.port) != kept.port:
            raise ministack.NotReady(f"port {kept.port} is taken, and the kept queues have their addresses there")
        return ministack.start(kept.port, home, keep=keep), kept.port
    port = ministack.free_port(ministack.PREFERRED_PORT)
    try:
        return ministack.start(port, home, keep=keep), port
    except ministack.NotReady:  # another program may have taken the port meanwhile
        port = ministack.free_port()
        return ministack.start(port, home, keep=keep), port


def _started(home: Path, *, keep: bool, programme: str) -> Stack:
    """A fresh emulator, with the people and keys of the state that it goes on with, if any."""
    _stop(home)
    kept = _kept(home) if keep else None
    pid, port = _emulator(home, kept, keep=keep)
    try:
        sandbox_pid, sandbox_port = sandbox.start(home, programme)
    except BaseException:
        ministack.stop(pid)
        raise
    on_x = config.programme(programme).bots.get("twitter")
    api_url = f"{ministack.endpoint(port)}/_aws/execute-api/{API_ID}/api"
    return Stack(
        home=str(home),
        stage=stages.stage_of(programme),
        programme=programme,
        keep=keep,
        pid=pid,
        port=port,
        sandbox_pid=sandbox_pid,
        digest="",
        api_url=api_url,
        page_url=f"{api_url}/p",
        aws_endpoint_url=ministack.endpoint(port),
        region=ministack.REGION,
        table="",
        inbox_url="",
        sandbox_url=ministack.endpoint(sandbox_port),
        x_secret=kept.x_secret if kept else _made_up(X_KEYS),
        meta_secret=kept.meta_secret if kept else _made_up(META_KEYS),
        bot_user_id=on_x.user_id if on_x else "",
        bot_handle=on_x.handle if on_x else "",
        people=kept.people if kept else (),
    )


def _kept(home: Path) -> Stack | None:
    """The stack to go on with: None where the emulator never got to write its state down, as it does when it ends."""
    return _read(_file(home)) if (home / "state" / "dynamodb.json").exists() else None


def _made_up(names: Sequence[str]) -> dict[str, str]:
    return {name: secrets.token_urlsafe(36) for name in names}


def _filled(stack: Stack) -> Stack:
    """Give a fresh stack what its bank gives a real one: the keys of X and of Meta, customers, and the name check."""
    manager = stack.client("secretsmanager")
    for name, keys in (("x", stack.x_secret), ("meta", stack.meta_secret)):
        manager.put_secret_value(SecretId=f"envoi-{stack.stage}-{name}", SecretString=json.dumps(dict(keys)))
    if _pays_out(stack):
        holders.deploy(stack.client, stack.stage)
    table = people.reach(stack.aws_endpoint_url, stack.region, table=stack.table)
    seeded = people.seed(table, programme=stack.programme, code_key=f"alias/envoi-{stack.stage}-code")
    return replace(stack, people=seeded)


def _running(home: Path) -> Stack | None:
    stack = _read(_file(home))
    both = stack and ministack.alive(stack.pid) and sandbox.alive(stack.sandbox_pid)
    return stack if stack and both and ministack.healthy(stack.port, home) else None


def _stop(home: Path) -> bool:
    """Stop what the state file names, also if it no longer answers; False if there was nothing."""
    stack = _read(_file(home))
    running = stack is not None and ministack.alive(stack.pid)
    if stack:
        _end(stack)
    if not (stack and stack.keep):
        _file(home).unlink(missing_ok=True)
    return running


def _end(stack: Stack) -> None:
    sandbox.stop(stack.sandbox_pid)  # first: the emulator waits for who still looks at it
    ministack.stop(stack.pid)


def _read(file: Path) -> Stack | None:
    try:
        kept = json.loads(file.read_text())
        return Stack(**(kept | {"people": tuple(kept["people"])}))
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # none, or one that this version did not write
        return None


def _write(home: Path, stack: Stack) -> None:
    file = _file(home)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(stack), indent=2))


def _file(home: Path) -> Path:
    return home / "stack.json"


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with (home / "stack.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
