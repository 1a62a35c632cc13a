"""What everything here is measured with: the payment of 1 € that a customer of the test bank posts on X."""

from collections.abc import Sequence

from chalicelib.channels import Event, Named
from chalicelib.channels.networks import network
from local import x
from tests.bank import BOT, NOON, PROGRAMME

TEXT = f"@{BOT.handle} #envoyer 1 € @bob pour le café"
SECRET = "a consumer secret of nobody"  # noqa: S105  # signs bodies for this process alone
ALICE = Named(user_id="101", handle="alice")
BOB = Named(user_id="102", handle="bob")


def webhook(*, author: Named = ALICE, payee: Named = BOB, sent_at: float = NOON) -> bytes:
    """The body of X's webhook for a new post with the order."""
    named: Sequence[Named] = (Named(user_id=BOT.user_id, handle=BOT.handle), payee)
    return x.mention(TEXT.replace(f"@{BOB.handle}", f"@{payee.handle}"), author=author, named=named, sent_at=sent_at)


def event(body: bytes, *, received_at: int = NOON) -> Event:
    """The one event of a webhook's body."""
    (found,) = network("twitter", PROGRAMME).split(body, received_at=received_at)
    if not isinstance(found, Event):
        raise TypeError(f"no event: {found}")
    return found
