"""`python -m local up [--programme NAME] [--json] | down | status`: the local AWS with Envoi on it."""

import argparse
import json
import sys

from botocore.exceptions import BotoCoreError, ClientError

from local import stack
from local.deploy import DeployFailed
from local.ministack import NotReady
from local.package import PackagingFailed
from local.stages import PROGRAMME, STAGES, NotPlayed


def main() -> int:
    """Run one command; 0 when it did what it says, 1 with a sentence on standard error otherwise."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The local AWS with Envoi on it.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("up", "start it, or deploy what has changed"), ("status", "tell where everything is")):
        command = commands.add_parser(name, help=what)
        command.add_argument("--json", action="store_true", help="as JSON")
        command.add_argument("--programme", default=PROGRAMME, help="whose: %(default)s, unless another is named")
    down = commands.add_parser("down", help="stop it and forget what was in it")
    down.add_argument("--programme", help="only this one's; else every programme's")
    arguments = parser.parse_args()
    try:
        return _down(arguments) if arguments.command == "down" else _tell(arguments)
    except (PackagingFailed, NotPlayed) as failure:
        print(failure, file=sys.stderr)
        return 1
    except (NotReady, DeployFailed, BotoCoreError, ClientError) as failure:
        print(f"{failure}\n`python -m local down` clears the way for another try.", file=sys.stderr)
        return 1


def _tell(arguments: argparse.Namespace) -> int:
    start = stack.up if arguments.command == "up" else stack.status
    found = start(programme=arguments.programme)
    if found is None:
        print("Nothing is running. Start it with `python -m local up`.", file=sys.stderr)
        return 1
    told = found.told()
    if arguments.json:
        print(json.dumps(told, indent=2))
        return 0
    for name in ("sandbox_url", "api_url", "page_url", "aws_endpoint_url", "table"):
        print(f"{name:18}{told[name]}")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    names = [arguments.programme] if arguments.programme else list(STAGES)
    stopped = [name for name in names if stack.down(programme=name)]
    print("Stopped." if stopped else "Nothing was running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
