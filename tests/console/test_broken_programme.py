"""A programme that makes no sense: nothing is packaged, deployed or started, and every command says which rule."""

from pathlib import Path

import pytest

from chalicelib import config, production
from console import __main__ as console
from console.stage import CHALICE_CONFIG
from local import __main__ as local
from local import package, programmes, stack

NONSENSE = "\n[limits.person]\ntransfer_minor = -5\nday_minor = 100\n"
NO_TOML = "\nbrand = = 3\n"
SAID = {
    NONSENSE: "programmes/smoney.toml: limits.person.transfer_minor: -5 is no whole number above zero",
    NO_TOML: "programmes/smoney.toml: ",
    "\n[limit]\nday = 3\n": "programmes/smoney.toml: limit: there is no such setting",
    '\n[limits.person]\nday_minor = "5"\n': "programmes/smoney.toml: ",
    "\n[caps]\nfoo = 5\n": "programmes/smoney.toml: a setting is unknown or of a wrong kind",
}
COMMANDS = (
    ["parse", "hello"],
    ["parse", "--programme", "smoney", "hello"],
    ["find", "@alice"],
    ["explain", "187"],
    ["account", "show", "a"],
    ["account", "freeze", "a"],
    ["person", "add", "Rose", "--phone", "0612345678"],
    ["intent", "show", "a"],
    ["alarms"],
    ["preflight"],
    ["audit", "--last"],
    ["resources", "deploy", "--page-url", "https://pay.example/p", "--yes"],
)


@pytest.fixture(params=SAID)
def told(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """S-Money's file with nonsense at its end, no AWS anywhere, and what should be said of it."""
    for name in ("defaults", "smoney"):
        (tmp_path / f"{name}.toml").write_bytes((config.PROGRAMMES / f"{name}.toml").read_bytes())
    with (tmp_path / "smoney.toml").open("a", encoding="utf-8") as file:
        file.write(request.param)
    monkeypatch.setattr(config, "PROGRAMMES", tmp_path)
    monkeypatch.setattr(config, "programme", config.programme.__wrapped__)
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "DEFAULT_REGION": "eu-west-3"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(production, "_opened", [])
    monkeypatch.setattr(package, "BUILD", tmp_path / "build")
    return SAID[request.param]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_says_which_rule_is_broken(
    told: str, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one sentence with status 1, whatever the nonsense is."""
    for name in ("ENVOI_STAGE", "ENVOI_PROGRAMME"):
        monkeypatch.setenv(name, "")
    assert console.main([*words, "--stage", "trial"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"Nothing done: {told}")
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)


def test_nothing_is_packaged(told: str, tmp_path: Path) -> None:
    """Neither for production nor for the local AWS; no file is made."""
    with pytest.raises(package.PackagingFailed, match="Nothing done: programmes/smoney") as failure:
        package.package("trial")
    assert told in str(failure.value)
    assert not (tmp_path / "build").exists()


def test_the_local_aws_does_not_start(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m local up` ends with the sentence and status 1, and nothing runs."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("sys.argv", ["local", "up"])
    assert local.main() == 1
    assert told in capsys.readouterr().err
    assert stack.status() is None


def test_a_programme_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage may name a file that nobody wrote; one that can start has no fault."""
    assert programmes.fault("smoney") is None
    assert programmes.fault("nobody") == "programmes/nobody.toml: there is no such file"
    (tmp_path / "defaults.toml").write_bytes((config.PROGRAMMES / "defaults.toml").read_bytes())
    (tmp_path / "bare.toml").write_text('brand = "B"\n', encoding="utf-8")
    monkeypatch.setattr(config, "PROGRAMMES", tmp_path)
    assert (programmes.fault("bare") or "").startswith("programmes/bare.toml: ")


def test_a_stage_without_a_programme_runs_the_default_one() -> None:
    """As its functions do."""
    assert programmes.of_stage({}) == config.stage({}).programme
    assert programmes.of_stage({"environment_variables": {"ENVOI_PROGRAMME": "tanuki"}}) == "tanuki"
    assert CHALICE_CONFIG.exists()
