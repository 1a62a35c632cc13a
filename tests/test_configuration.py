"""Settings: what a programme may not set, and the page that explains each of them."""

import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chalicelib import config
from chalicelib.programme_rules import broken_rules

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
DEFAULTS = tomllib.loads((config.PROGRAMMES / "defaults.toml").read_text(encoding="utf-8"))
PROGRAMMES = [path.stem for path in config.PROGRAMMES.glob("*.toml") if path.stem != "defaults"]
WHOLE: dict[str, Any] = config._overlay(DEFAULTS, config._toml("smoney"))


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_shipped_programme_breaks_no_rule(name: str) -> None:
    """Each is read, whole."""
    assert config.programme(name).name == name


@pytest.mark.parametrize(
    ("section", "setting", "value", "told"),
    [
        ("durations", "link_seconds", 601, "ASVS 6.5.5"),
        ("durations", "link_seconds", 0, "no whole number above zero"),
        ("durations", "remembered_seconds", 86_400, "paid twice"),
        ("durations", "intent_seconds", 300, "longer than the intent"),
        ("caps", "code_tries", 6, "RTS art. 4(3)(b)"),
        ("caps", "code_tries", True, "no whole number"),
        ("caps", "note_characters", "100", "no whole number"),
        ("sms", "sender_id", "LA BANQUE", "letters and digits"),
        ("sms", "sender_id", "12345", "letters and digits"),
        ("sms", "max_price_usd", "0", "no price"),
        ("sms", "max_price_usd", "20", "no price"),
        ("private", "proof_seconds", 15_552_001, "RTS art. 10"),
        ("claims", "payout_seconds", 0, "no whole number above zero"),
        ("claims", "payout_seconds", "24", "no whole number above zero"),
        ("private", "proof_seconds", 0, "no whole number above zero"),
        ("private", "proof_seconds", True, "no whole number above zero"),
        ("private", "balance", 1, "neither true nor false"),
        ("private", "repeat", "yes", "neither true nor false"),
    ],
)
def test_a_setting_against_law_or_sense_is_named(section: str, setting: str, value: Any, told: str) -> None:
    """A programme with such a setting does not start."""
    settings = deepcopy(WHOLE)
    settings[section][setting] = value
    assert any(told in sentence and section in sentence for sentence in broken_rules(settings))


@pytest.mark.parametrize(
    ("setting", "value"), [("currency", "FRF"), ("language", "de"), ("zone", "Europe/Lutece"), ("limit", 5)]
)
def test_an_unknown_name_is_no_setting(setting: str, value: Any) -> None:
    """A misspelt or impossible setting is told, not passed over."""
    assert any(sentence.startswith(f"{setting}:") for sentence in broken_rules({**WHOLE, setting: value}))


def test_a_day_holds_at_least_one_transfer() -> None:
    """Limits grow from transfer to day to month."""
    settings = deepcopy(WHOLE)
    settings["limits"]["person"]["day_minor"] = 100
    assert broken_rules(settings) == ["limits.person: a transfer is at most a day's limit, and that at most a month's"]


def test_a_broken_programme_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file and the rule."""
    (tmp_path / "defaults.toml").write_bytes((config.PROGRAMMES / "defaults.toml").read_bytes())
    text = (config.PROGRAMMES / "smoney.toml").read_text(encoding="utf-8")
    (tmp_path / "greedy.toml").write_text(f"{text}\n[caps]\ncode_tries = 9\n", encoding="utf-8")
    monkeypatch.setattr(config, "PROGRAMMES", tmp_path)
    with pytest.raises(ValueError, match=r"greedy\.toml: caps\.code_tries"):
        config.programme("greedy")


def test_every_setting_is_explained() -> None:
    """The page names each setting of a programme with its default, and each variable of a stage."""
    for section in ("durations", "caps"):
        for setting, value in DEFAULTS[section].items():
            assert re.search(rf"\| `{setting}` \| {value:,} ".replace(",", "[,_]?"), PAGE), f"{section}.{setting}"
    assert f"| `payout_seconds` | {DEFAULTS['claims']['payout_seconds']:,} |" in PAGE
    for setting, value in DEFAULTS["private"].items():
        shown = str(value).lower() if isinstance(value, bool) else f"{value:,}"
        assert f"| `{setting}` | {shown} |" in PAGE, f"private.{setting}"
    for kind, amounts in DEFAULTS["limits"].items():
        row = " \\| ".join(f"{value:,}" for value in amounts.values())
        assert re.search(rf"\| `{kind}` \| {row} \|", PAGE), kind
    source = (ROOT / "chalicelib" / "config.py").read_text(encoding="utf-8")
    for variable in set(re.findall(r'"(ENVOI_[A-Z_]+)"', source)) | {"ENVOI_STREAM_ARN", "ENVOI_DYNAMODB_ENDPOINT"}:
        assert f"`{variable}`" in PAGE, variable
