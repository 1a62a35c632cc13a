"""Whether a programme can start: asked before anything is packaged, and when a command of the console fails."""

import tomllib
from collections.abc import Mapping
from typing import Any

from chalicelib import config


def of_stage(settings: Mapping[str, Any]) -> str:
    """The programme that a stage of `.chalice/config.json` runs."""
    return str(settings.get("environment_variables", {}).get("ENVOI_PROGRAMME") or config.stage({}).programme)


def uses_x(settings: Mapping[str, Any]) -> str:
    """Whether a stage's programme is on X, as the template's parameter has it: `yes` or `no`."""
    return "yes" if "twitter" in config.programme(of_stage(settings)).bots else "no"


def fault(name: str) -> str | None:
    """What keeps a programme from starting, in one clause that begins with its file; None if nothing does."""
    for file in ("defaults", name):
        try:
            tomllib.loads((config.PROGRAMMES / f"{file}.toml").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return f"programmes/{file}.toml: there is no such file"
        except ValueError as error:  # no TOML, or not even text
            return f"programmes/{file}.toml: {error}"
    try:
        config.programme(name)
    except ValueError as error:
        return str(error)
    except KeyError as error:
        return f"programmes/{name}.toml: {error.args[0]} is not set"
    except (TypeError, AttributeError) as error:
        return f"programmes/{name}.toml: a setting is unknown or of a wrong kind ({error})"
    return None
