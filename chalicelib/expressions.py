"""Writes as DynamoDB's API wants them: expressions, placeholders and attribute values."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.table import Key, Put, Update, Write

AttributeValue = dict[str, Any]


def encode(value: Any) -> AttributeValue:
    """Encode a value; raises TypeError for a float or any other type that the table does not hold."""
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case None:
            return {"NULL": True}
        case Mapping():
            return {"M": {name: encode(part) for name, part in value.items()}}
        case list() | tuple():
            return {"L": [encode(part) for part in value]}
        case _:
            raise TypeError(f"the table holds no {type(value).__name__}")


def decode(value: AttributeValue) -> Any:
    """Decode an attribute value; numbers are integers always."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content)
        case "M":
            return decode_item(content)
        case "L":
            return [decode(part) for part in content]
        case "NULL":
            return None
        case _:
            return content


def encode_item(item: Item) -> dict[str, AttributeValue]:
    """Encode a whole item."""
    return {name: encode(value) for name, value in item.items()}


def decode_item(image: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Decode a whole item, as a read, a stream record or a rejected write brings it."""
    return {name: decode(value) for name, value in image.items()}


def encode_key(key: Key) -> dict[str, AttributeValue]:
    """Encode a key."""
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def request(write: Write, *, table: str) -> dict[str, Any]:
    """The parameters of one write, alone or as an action of a transaction; a rejection brings the old item."""
    names: dict[str, str] = {}
    values: dict[str, AttributeValue] = {}
    parameters: dict[str, Any] = {"TableName": table, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    match write:
        case Put():
            parameters["Item"] = encode_item(write.item)
        case Update():
            parameters["Key"] = encode_key(write.key)
            parameters["UpdateExpression"] = _change(write, names, values)
    if write.clauses:
        parameters["ConditionExpression"] = _condition(write.clauses, names, values)
    if names:
        parameters["ExpressionAttributeNames"] = names
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def _change(write: Update, names: dict[str, str], values: dict[str, AttributeValue]) -> str:
    sets = [f"{_name(name, names)} = {_value(value, values)}" for name, value in write.assign.items()]
    for name, amount in write.add.items():
        placeholder = _name(name, names)
        sets.append(f"{placeholder} = {placeholder} + {_value(amount, values)}")
    removes = [_name(name, names) for name in write.remove]
    actions = [f"SET {', '.join(sets)}"] if sets else []
    return " ".join(actions + ([f"REMOVE {', '.join(removes)}"] if removes else []))


def _condition(clauses: Iterable[Clause], names: dict[str, str], values: dict[str, AttributeValue]) -> str:
    return " AND ".join(_clause(clause, names, values) for clause in clauses)


def _clause(clause: Clause, names: dict[str, str], values: dict[str, AttributeValue]) -> str:
    name = _name(clause.attribute, names)
    if clause.operator == "absent":
        return f"attribute_not_exists({name})"
    if clause.operator == "present":
        return f"attribute_exists({name})"
    comparison = f"{name} {clause.operator} {_value(clause.value, values)}"
    return f"(attribute_not_exists({name}) OR {comparison})" if clause.or_absent else comparison


def _name(name: str, names: dict[str, str]) -> str:
    placeholder = f"#{name}"
    names[placeholder] = name
    return placeholder


def _value(value: Any, values: dict[str, AttributeValue]) -> str:
    placeholder = f":v{len(values)}"
    values[placeholder] = encode(value)
    return placeholder
