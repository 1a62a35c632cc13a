"""What people post: mentions that are read already, so that a history spends its time on money, not on grammar."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.channels import Mention, Named
from chalicelib.config import Programme
from chalicelib.intents.intent import intent_id
from chalicelib.intents.order import Reading
from tests.simulation.bank import BOT, NETWORK, Customer
from tests.simulation.scheduler import Violation

# One text in so many is read by the grammar too, and must say what was meant.
SAMPLED = 50
_BOT = Named(user_id=BOT.user_id, handle=BOT.handle)


@dataclass(frozen=True, kw_only=True)
class ReadMention(Mention):
    """A mention with its reading."""

    reading: Reading


@dataclass(frozen=True)
class Post:
    """A post on its way through the inbox, and the id that its order will have."""

    mention: ReadMention
    intent_id: str


def payment(author: Customer, payee: Customer, amount_minor: int, *, number: int, now: int) -> Post:
    """An order to pay."""
    named = Named(user_id=payee.user_id, handle=payee.name)
    order = "give" if payee.kind == "charity" else "send"
    reading = Reading(
        order=order, amount_minor=amount_minor, currency="EUR", payees=(named,), note="merci", language="fr"
    )
    verb = "#donner" if order == "give" else "#envoyer"
    text = f"@{BOT.handle} {verb} {amount_minor // 100},{amount_minor % 100:02} € @{payee.name} merci"
    return _post(author, reading, text=text, named=(_BOT, named), number=number, now=now)


def cancel(author: Customer, *, number: int, now: int, in_reply_to: str | None = None) -> Post:
    """An order to cancel the payment replied to, or the newest that waits."""
    reading = Reading(order="cancel", language="fr")
    text = f"@{BOT.handle} #annuler"
    return _post(author, reading, text=text, named=(_BOT,), number=number, now=now, in_reply_to=in_reply_to)


def pair(author: Customer, code: str, *, number: int, now: int) -> Post:
    """A pairing code, written by who was invited."""
    reading = Reading(order="pair", code=code, language="fr")
    return _post(author, reading, text=f"@{BOT.handle} #associer {code}", named=(_BOT,), number=number, now=now)


def prose(author: Customer, *, number: int, now: int) -> Post:
    """A post that orders nothing."""
    text = f"@{BOT.handle} quelle belle journée"
    return _post(author, Reading(order=None), text=text, named=(_BOT,), number=number, now=now)


def edited(post: Post, *, number: int) -> Post:
    """The next version of a post: another id, the same origin."""
    return replace(post, mention=replace(post.mention, message_id=str(number)))


def _post(
    author: Customer,
    reading: Reading,
    *,
    text: str,
    named: tuple[Named, ...],
    number: int,
    now: int,
    in_reply_to: str | None = None,
) -> Post:
    mention = ReadMention(
        network=NETWORK,
        page=BOT.user_id,
        origin_id=str(number),
        message_id=str(number),
        author=Named(user_id=author.user_id, handle=author.name),
        text=text,
        named=named,
        private=False,
        sent_at=now,
        received_at=now,
        in_reply_to=in_reply_to,
        correlation_id=f"event{number}",
        reading=reading,
    )
    return Post(mention, intent_id(NETWORK, BOT.user_id, str(number)))


def already_read(read: Callable[[Programme, Mention], Reading]) -> Callable[[Programme, Mention], Reading]:
    """`place` may take the reading that a mention brings; one in `SAMPLED` goes through the grammar and is compared."""

    def shortcut(programme: Programme, mention: Mention) -> Reading:
        assert isinstance(mention, ReadMention)
        if int(mention.message_id) % SAMPLED == 0:
            found = read(programme, mention)
            if found != mention.reading:
                raise Violation(f"{mention.text!r} was read as {found}")
        return mention.reading

    return shortcut
