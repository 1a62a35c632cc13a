"""`python -m console COMMAND`; without a command it lists them."""

import argparse
import importlib
import sys
from collections.abc import Sequence

# One line a command: a module of this package with `register(subparsers)`, whose parser sets `run`.
COMMANDS = ("parse", "person", "account", "inbox")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; 2 for an unknown command or a wrong argument."""
    parser = argparse.ArgumentParser(prog="python -m console", description="Envoi's console for support and operators.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        importlib.import_module(f"console.{command}").register(subparsers)
    options = parser.parse_args(arguments)
    if "run" not in options:
        parser.print_help()
        return 0
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
