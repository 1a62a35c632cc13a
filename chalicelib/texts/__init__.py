"""Every sentence that Envoi says, one TOML file a language; keys are `section.name`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent
FALLBACK = "en"
LANGUAGES = ("fr", "en", "ja")


def say(language: str, key: str, /, **values: str) -> str:
    """Say a text in a language (`fr`, also `fr-FR`), or in English when that language has no texts.

    Raises KeyError for a key that has no text, or a placeholder that has no value. Values are put in as they are.
    """
    primary = language.partition("-")[0].lower()
    return sentences(primary if primary in LANGUAGES else FALLBACK)[key].format_map(values)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All texts of one of the `LANGUAGES`, by key."""
    with (TEXTS / f"{language}.toml").open("rb") as file:
        sections = tomllib.load(file)
    return {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}
