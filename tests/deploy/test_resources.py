"""The resource stack: what it holds of the one-stack template, and what it gives to Chalice."""

import json
import re
from typing import Any

import pytest

from local import resources
from local.package import MERGED, merge
from local.resources import resource_stack
from local.stages import ROOT


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The project's files laid over one another."""
    merged: dict[str, Any] = {}
    for name in MERGED:
        merged = merge(merged, json.loads((ROOT / ".chalice" / name).read_text()))
    return merged


def test_nothing_is_in_neither_way(whole: dict[str, Any]) -> None:
    """Each resource of the template is in the stack, is Chalice's to make, or is said to be left out."""
    stack = resource_stack()
    ours = {name for name, body in whole["Resources"].items() if "Type" in body}
    assert ours == (set(stack.template["Resources"]) & ours) | set(stack.left_out)
    assert not {"Table", "CodeKey", "DataKey", "LinkSecret", "XSecret", "InboxQueue", "Events"} & set(stack.left_out)
    assert {re.sub("Logs$", "", name) for name in set(stack.template["Resources"]) - ours} == {
        name for name, body in whole["Resources"].items() if "FunctionName" in body.get("Properties", {})
    }


def test_the_stack_refers_to_nothing_that_it_has_not() -> None:
    """No function, no API: only its own resources and parameters."""
    template = resource_stack().template
    known = {*template["Resources"], *template["Parameters"]}
    for body in (*template["Resources"].values(), *template["Outputs"].values()):
        assert resources._referred(body) <= known


def test_every_variable_of_a_function_is_an_output(whole: dict[str, Any]) -> None:
    """What the template gives to some function, Chalice gets as a value."""
    stack = resource_stack()
    functions = [body for body in whole["Resources"].values() if "Type" not in body]
    wanted = {name for one in functions for name in one["Properties"].get("Environment", {}).get("Variables", {})}
    assert set(stack.variables) == wanted >= {"ENVOI_STREAM_ARN", "ENVOI_INBOX_URL", "ENVOI_PAGE_URL"}
    assert set(stack.variables.values()) <= set(stack.template["Outputs"])


def test_a_log_group_stands_where_its_function_writes(whole: dict[str, Any]) -> None:
    """Kept as long as the other way keeps them, and with its settings."""
    template = resource_stack().template
    for name, body in whole["Resources"].items():
        if function := body.get("Properties", {}).get("FunctionName"):
            group = template["Resources"][f"{name}Logs"]["Properties"]
            assert group["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/{function['Fn::Sub']}"}
            assert group["RetentionInDays"] == 90


def test_one_variable_has_one_meaning() -> None:
    """Chalice gives all functions the same values; two for one name would be a function's undoing."""
    functions = {
        name: {"Properties": {"Environment": {"Variables": {"ENVOI_QUEUE": {"Ref": name}}}}} for name in ("A", "B")
    }
    with pytest.raises(ValueError, match="ENVOI_QUEUE has two meanings"):
        list(resources._variables(functions))


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ({"Ref": "A"}, {"A"}),
        ({"Ref": "AWS::Region"}, set()),
        ({"Fn::GetAtt": ["A", "Arn"]}, {"A"}),
        ({"Fn::GetAtt": "A.Arn"}, {"A"}),
        ({"Fn::Sub": "x-${A}-${B.Arn}-${AWS::Region}"}, {"A", "B"}),
        ({"Fn::Sub": ["x-${A}-${v}", {"v": {"Ref": "B"}}]}, {"A", "B"}),
        ({"DependsOn": ["A", "B"]}, {"A", "B"}),
        ({"x": [{"y": {"Fn::If": ["C", {"Ref": "A"}, "no"]}}]}, {"A"}),
    ],
)
def test_references_are_found(piece: dict[str, Any], named: set[str]) -> None:
    """In all the forms that a template has for them."""
    assert resources._referred(piece) == named
