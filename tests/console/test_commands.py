"""Every command of the console takes the same two options and says what it is for."""

import argparse
import json
import os
from collections.abc import Iterator

import pytest

from console import __main__ as console
from console import output, stage
from local.stages import ROOT


def commands(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command that does something."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from commands(inner, (*path, name))
            return
    yield path


EVERY = sorted(commands(console.parser()))


def at(path: tuple[str, ...]) -> argparse.ArgumentParser:
    """The parser of one command."""
    found = console.parser()
    for name in path:
        (choices,) = (one for one in found._actions if isinstance(one, argparse._SubParsersAction))
        found = choices.choices[name]
    return found


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_takes_a_stage_and_json(path: tuple[str, ...]) -> None:
    """An operator need not remember which ones do."""
    options = {option for action in at(path)._actions for option in action.option_strings}
    assert {"--stage", "--json"} <= options
    assert callable(at(path).get_default("run"))


def test_the_commands_of_the_support_desk_are_there() -> None:
    """One that is left out of the list of commands would be missed by nobody but them."""
    wanted = {("find",), ("explain",), ("tail",), ("alarms",), ("preflight",), ("dead", "list"), ("changes", "replay")}
    wanted |= {("intent", "expire"), ("intent", "resend"), ("inbox", "redrive"), ("deliveries", "redrive")}
    wanted |= {("account", name) for name in ("freeze", "unfreeze", "unblock", "close", "fund", "show")}
    assert wanted <= {*EVERY}


def test_every_command_stands_in_the_manual() -> None:
    """docs/console.md is what the support desk reads."""
    manual = (ROOT / "docs" / "console.md").read_text(encoding="utf-8")
    assert not [path for path in EVERY if f"`console {' '.join(path)}" not in manual]


def test_a_stage_runs_the_programme_that_its_configuration_names(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the shell says; a stage that is not configured yet leaves it as it is."""
    config = tmp_path_factory.mktemp("chalice") / "config.json"
    config.write_text(json.dumps({"stages": {"bank": {"environment_variables": {"ENVOI_PROGRAMME": "tanuki"}}}}))
    monkeypatch.setattr(stage, "CHALICE_CONFIG", config)
    monkeypatch.setenv("ENVOI_PROGRAMME", "smoney")
    monkeypatch.setenv("ENVOI_STAGE", "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    stage.use("other")
    assert (stage.programme_of("other"), os.environ["ENVOI_PROGRAMME"]) == ("", "smoney")
    stage.use("bank")
    assert os.environ["ENVOI_PROGRAMME"] == "tanuki"


@pytest.mark.parametrize(
    "command", ["find", "explain", "account show", "intent show", "person link --handle x --user-id"]
)
def test_an_argument_longer_than_any_key_is_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before AWS is asked: DynamoDB would refuse the key, which is no bug of ours to show."""
    last = ["p"] if "person" in command else []
    assert console.main([*command.split(), "x" * 401, *last]) == 1
    assert "longer than anything" in capsys.readouterr().err


def test_rows_are_json_lines_or_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs always get a list; people are told when there is nothing."""
    rows = [{"a": 1, "b": "é"}]
    for json_wanted, given, told in ((True, rows, '[{"a": 1, "b": "é"}]\n'), (False, rows, "a=1  b=é\n")):
        assert output.tell(argparse.Namespace(json=json_wanted), given, none="Nothing.") == 0
        assert capsys.readouterr().out == told
    output.tell(argparse.Namespace(json=False), [], none="Nothing.")
    output.tell(argparse.Namespace(json=True), [], none="Nothing.")
    assert capsys.readouterr().out == "Nothing.\n[]\n"
