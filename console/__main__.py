"""`python -m console COMMAND`; without a command it lists them."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence

from chalicelib.errors import Unavailable
from console import output, stage

# One line a command: a module of this package with `register(subparsers)`, whose parser sets `run`.
COMMANDS = (
    "parse",
    "audit",
    "person",
    "account",
    "intent",
    "reversal",
    "claim",
    "find",
    "explain",
    "dead",
    "inbox",
    "deliveries",
    "changes",
    "journal",
    "restore",
    "tail",
    "alarms",
    "preflight",
    "resources",
    "measure",
)

# Of an argument, in characters; `parse` alone takes whole messages. Longer keys DynamoDB would refuse.
LONGEST = 400


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    2 for an unknown command or a wrong argument; 1 with a sentence when AWS does not answer or refuses.
    """
    typed = sys.argv[1:] if arguments is None else arguments
    readable = [os.fsencode(word).decode(errors="replace") for word in typed]
    options = parser().parse_args(readable)
    if "run" not in options:
        parser().print_help()
        return 0
    logging.disable(logging.CRITICAL)  # what the library logs is for its functions; here it would mix with the answer
    try:
        return _run(options)
    finally:
        logging.disable(logging.NOTSET)


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    found = argparse.ArgumentParser(prog="python -m console", description="Envoi's console for support and operators.")
    subparsers = found.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        importlib.import_module(f"console.{command}").register(subparsers)
    return found


def _run(options: argparse.Namespace) -> int:
    if too_long := [name for name, value in vars(options).items() if name != "text" and len(str(value)) > LONGEST]:
        return output.refuse(f"Nothing done: {too_long[0]} is longer than anything that is stored.")
    try:
        status: int = options.run(options)
    except Unavailable as error:
        return output.refuse(f"AWS cannot be reached, or refused: {error}. {_LOOK}")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stdout = None
        return 0
    except Exception as error:
        return output.refuse(_said(error, options))
    return status


def _said(error: Exception, options: argparse.Namespace) -> str:
    """A sentence for a broken programme or an error of AWS; raises anything else again: it is a bug."""
    if not type(error).__module__.startswith("botocore"):  # not imported here: `parse` starts without it
        from chalicelib import config
        from local import programmes

        named = getattr(options, "programme", None) or stage.programme_of(options.stage)
        if fault := programmes.fault(named or config.stage().programme):
            return f"Nothing done: {fault}."
        raise error
    return f"AWS cannot be reached, or refused: {_in_short(error)}. {_LOOK}"


def _in_short(error: Exception) -> str:
    """What an error of AWS says in one line, without its final full stop."""
    return " ".join(str(error).split()).rstrip(".")


_LOOK = "Look at --stage, the shell's AWS credentials and the Region, then try again."


if __name__ == "__main__":
    sys.exit(main())
