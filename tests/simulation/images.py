"""Items as the stream carries them: attribute values, made when they are read; and what a write makes of an item."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.conditions import Item
from chalicelib.expressions import AttributeValue, decode, encode, encode_item
from chalicelib.table import Put, Write
from tests.simulation.scheduler import Violation

# One image in so many goes through production's encoding and back, and must come out as it was.
SAMPLED = 50
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


class Image(Mapping[str, AttributeValue]):
    """An item's image in a stream record; `item` is not to be changed."""

    __slots__ = ("item",)

    def __init__(self, item: Item) -> None:
        self.item = item

    def __getitem__(self, name: str) -> AttributeValue:
        return encode(self.item[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.item)

    def __len__(self) -> int:
        return len(self.item)


def already_decoded(decode_item: Callable[[Mapping[str, AttributeValue]], dict[str, Any]]) -> Callable[..., Any]:
    """A stream's reader may take items as they are; one in `SAMPLED` is encoded, decoded and compared."""
    count = 0

    def shortcut(image: Mapping[str, AttributeValue]) -> Item:
        nonlocal count
        count += 1
        if not isinstance(image, Image):
            return decode_item(image)
        if count % SAMPLED:
            return image.item
        found = decode_item(encode_item(image.item))
        if found != image.item:
            raise Violation(f"{image.item} came out of the stream as {found}")
        return found

    return shortcut


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as they are; anything else as it comes back from the wire, or TypeError."""
    return {name: value if type(value) in _PLAIN else decode(encode(value)) for name, value in values.items()}
