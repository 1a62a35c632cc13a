"""Items as the stream carries them: attribute values, made fast; and the change that a write makes of an item."""

from collections.abc import Mapping
from typing import Any

from chalicelib.conditions import Item
from chalicelib.expressions import AttributeValue, decode, encode
from chalicelib.table import Put, Write

_PLAIN = frozenset({str, int, bool, dict, type(None)})


def after(write: Write, old: Item | None) -> dict[str, Any]:
    """The item that a write leaves, with its values as the service would give them back; raises as it would."""
    if isinstance(write, Put):
        return _stored(write.item)
    new: dict[str, Any] = dict(old) if old is not None else {"PK": write.key[0], "SK": write.key[1]}
    new.update(_stored(write.assign))
    for name, amount in write.add.items():
        new[name] += amount
    for name in write.remove:
        new.pop(name, None)
    return new


def encoded(item: Item) -> dict[str, AttributeValue]:
    """An item's image in a stream record."""
    return {name: _FAST.get(type(value), encode)(value) for name, value in item.items()}


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as they are; anything else as it comes back from the wire, or TypeError."""
    return {name: value if type(value) in _PLAIN else decode(encode(value)) for name, value in values.items()}


def _map(value: Mapping[str, Any]) -> AttributeValue:
    return {"M": encoded(value)}


_FAST = {
    str: lambda value: {"S": value},
    int: lambda value: {"N": str(value)},
    bool: lambda value: {"BOOL": value},
    dict: _map,
}
