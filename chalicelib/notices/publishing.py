"""The outbox: every change in the table, as its stream tells it, becomes lists and published notices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.expressions import decode_item
from chalicelib.notices import change, claim_changes
from chalicelib.services import Services
from chalicelib.table import Put, Write
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

Park = Callable[[Mapping[str, str]], None]


def publish_changes(services: Services, records: Sequence[Mapping[str, Any]], *, park: Park) -> None:
    """Carry out a batch of stream records in their order; a batch that comes again does nothing new to the lists.

    A record that our own code cannot handle is parked by its keys and the batch goes on, so that one bug does not
    hold up everybody. Raises Unavailable when the table, the topic or the parking queue is down: the batch comes again.
    """
    for record in records:
        images = record["dynamodb"]
        if record["eventName"] == "REMOVE":
            continue
        try:
            _publish(services, images)
        except Unavailable:
            raise
        except Exception:
            keys = {name: str(value) for name, value in decode_item(images["Keys"]).items()}
            LOG.exception("a change could not be published and was parked", extra={"change": keys})
            count("ChangesParked")
            park(keys)


def _publish(services: Services, images: Mapping[str, Any]) -> None:
    new = decode_item(images["NewImage"])
    old = decode_item(images["OldImage"]) if "OldImage" in images else None
    lines = (*change.listed(old, new), *claim_changes.listed(old, new))
    for write in (*lines, *claim_changes.for_the_sweep(old, new, now=services.clock.now())):
        _write(services, write)
    called_for = change.notices(old, new, tries=services.programme.caps.code_tries)
    for notice in (*called_for, *claim_changes.notices(old, new)):
        attributes = {"road": notice.road, "kind": notice.kind}
        services.topic.publish(change.message(notice, new), attributes=attributes)
        count("NoticesPublished", kind=notice.kind)
        told = {"kind": notice.kind, "road": notice.road, "subject": notice.subject}
        LOG.info("published", extra={**told, "correlation_id": new.get("correlation_id")})


def _write(services: Services, write: Write) -> None:
    """Write a line of a list; one that is there already stays as it is."""
    if isinstance(write, Put):
        services.table.put(write)
    else:
        services.table.update(write)
