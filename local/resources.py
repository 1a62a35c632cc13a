"""The resource stack: everything of a stage but Chalice's functions and API, for stages of `chalice deploy`.

It is the one-stack template without what Chalice makes itself. What the template gives to functions as references
becomes an output here, so that `chalice deploy` can be given it as a value.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.package import MERGED, merge
from local.stages import ROOT

SUBSTITUTED = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")


@dataclass(frozen=True, kw_only=True)
class ResourceStack:
    """A template; `variables` names the output of each environment variable, `left_out` what needs the API itself."""

    template: Mapping[str, Any]
    variables: Mapping[str, str]
    left_out: tuple[str, ...]


def resource_stack() -> ResourceStack:
    """The resource stack of any stage, from the same files as the one-stack template."""
    whole: dict[str, Any] = {}
    for name in MERGED:
        whole = merge(whole, json.loads((ROOT / ".chalice" / name).read_text()))
    made: dict[str, Any] = {}
    chalices: dict[str, Any] = {}
    for name, resource in whole["Resources"].items():
        (made if "Type" in resource else chalices)[name] = resource
    made |= _log_groups(chalices)
    kept = _standing_alone(made, known=set(whole["Parameters"]))
    variables = dict(_variables(chalices))
    outputs = {_output(name): {"Description": name, "Value": value} for name, value in variables.items()}
    known = {*kept, *whole["Parameters"]}
    named = {name: body for name, body in whole.get("Outputs", {}).items() if _referred(body) <= known}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Envoi: all but its functions and its API, which `chalice deploy` makes.",
        **whole,
        "Resources": kept,
        "Outputs": named | outputs,
    }
    return ResourceStack(
        template=template,
        variables={name: _output(name) for name in variables},
        left_out=tuple(sorted(made.keys() - kept.keys())),
    )


def _standing_alone(made: Mapping[str, Any], *, known: set[str]) -> dict[str, Any]:
    """What refers to nothing of Chalice's, nor to anything that does."""
    kept = dict(made)
    while lost := [name for name, body in kept.items() if _referred(body) - {*kept, *known}]:
        for name in lost:
            del kept[name]
    return kept


def _log_groups(chalices: Mapping[str, Any]) -> dict[str, Any]:
    """A log group for each function, with the settings that the template has for it.

    Chalice takes those that are there. It would make its own without a key, and the API's under another name
    (`…-api_handler`), so that the API's function, which may not make one either, would log nothing.
    """
    days = json.loads((ROOT / ".chalice" / "config.json").read_text())["log_retention_in_days"]
    settings = {name.lower(): body["Properties"] for name, body in chalices.items()}
    groups = {}
    for name, body in chalices.items():
        function = body["Properties"].get("FunctionName")
        if function:
            named = {"LogGroupName": {"Fn::Sub": f"/aws/lambda/{function['Fn::Sub']}"}, "RetentionInDays": days}
            properties = named | settings.get(f"{name}LogGroup".lower(), {})
            groups[f"{name}Logs"] = {"Type": "AWS::Logs::LogGroup", "Properties": properties}
    return groups


def _variables(functions: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each environment variable that the template gives to some function; one name has one meaning."""
    seen: dict[str, Any] = {}
    for function in functions.values():
        for name, value in function.get("Properties", {}).get("Environment", {}).get("Variables", {}).items():
            if seen.setdefault(name, value) != value:
                raise ValueError(f"{name} has two meanings in overrides.json; `chalice deploy` can give it but one")
    yield from sorted(seen.items())


def _output(variable: str) -> str:
    """The name of the output for a variable: outputs have no underscore."""
    return "".join(part.title() for part in variable.split("_"))


def _referred(value: Any) -> set[str]:
    """Every logical name that a piece of template refers to, pseudo parameters aside."""
    return {name for name in _references(value) if "::" not in name}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    if not isinstance(value, dict):
        return
    for key, one in value.items():
        if key == "Ref":
            yield one
        elif key == "Fn::GetAtt":
            yield one.split(".")[0] if isinstance(one, str) else one[0]
        elif key == "DependsOn":
            yield from [one] if isinstance(one, str) else one
        elif key == "Fn::Sub":
            text, values = (one, {}) if isinstance(one, str) else one
            yield from set(SUBSTITUTED.findall(text)) - set(values)
            yield from _references(values)
        else:
            yield from _references(one)
