"""The grammar of orders: what a message asks for, or why it cannot be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.channels import Mention, Named
from chalicelib.config import Bot, Programme
from chalicelib.intents import amount, caution, choice, payees, verbs
from chalicelib.intents.note import note
from chalicelib.intents.tokens import Token, tokenise, verb_orders
from chalicelib.refusals import Refusal, first

PAYING = frozenset({"send", "give", "request"})
PRIVATE = frozenset({"balance", "history", "confirm", "repeat", "contacts"})
# Orders that also count inside a sentence; `confirm` and `repeat` do something, so they must come first.
ASKING = frozenset({"balance", "history", "help"})
PAIRING = frozenset({"pair"})

_CODE = re.compile(r"(?<![0-9.,'])(?:[0-9]{6}|[0-9]{3}[ -][0-9]{3})(?![.,']?[0-9])")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a message asks for. `order` is None when it is no order, else an order's name of the programme.

    `language` is the verb's, None when several languages have it.
    With a refusal the order cannot be carried out and the other values are what could be read. Without one, an
    order to pay has an `amount_minor` from 1 to 10^13 and exactly one payee; `pair` has its 6-digit `code`, or None
    when the message holds none or several.
    """

    order: str | None
    amount_minor: int | None = None
    currency: str | None = None
    payees: tuple[Named, ...] = ()
    note: str | None = None
    code: str | None = None
    language: str | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, kw_only=True)
class _Message:
    text: str
    tokens: list[Token]
    amounts: list[amount.Amount]
    named: Sequence[Named]
    programme: Programme
    bot: Bot
    author_id: str


def read(  # noqa: PLR0913  (the six facts of one message; every caller has all of them)
    text: str, *, named: Sequence[Named], programme: Programme, bot: Bot, author_id: str, private: bool
) -> Reading:
    """Read one message; `named` are the people it names, the bot included (see `mentions.named_in` for plain text).

    Never raises, whatever the text, and takes time linear in its length. Refuses `sensitive` to `not_offered`, the
    first that applies; of a private message that holds a secret nothing is read.
    """
    tokens = tokenise(text, programme.verbs)
    message = _Message(
        text=text,
        tokens=tokens,
        amounts=amount.find(tokens),
        named=named,
        programme=programme,
        bot=bot,
        author_id=author_id,
    )
    found = verbs.with_hash(tokens) or (_bare(message) if private else [])
    reading = _reading(message, found, private=private) if found else Reading(order=None)
    language = _language(message, found[0]) if found else None
    if private and caution.holds_secret(text, order=reading.order, note=reading.note):
        return Reading(order="help", language=language, refusal=Refusal.SENSITIVE)
    return replace(reading, language=language)


def read_mention(programme: Programme, mention: Mention) -> Reading:
    """Read a message as its network has told it; as `read`."""
    return read(
        mention.text,
        named=mention.named,
        programme=programme,
        bot=programme.bots[mention.network],
        author_id=mention.author.user_id,
        private=mention.private,
    )


def _reading(message: _Message, found: Sequence[verbs.Verb], *, private: bool) -> Reading:
    order = found[0].order
    if any(verb.order != order for verb in found):
        return Reading(order=order, refusal=Refusal.VERB_SEVERAL)
    if order in PAYING:
        return _payment(message, found)
    if order == "pair":
        return Reading(order=order, code=_code(message.tokens))
    return Reading(order=order, refusal=Refusal.PRIVATE_ONLY if order in PRIVATE and not private else None)


def _language(message: _Message, verb: verbs.Verb) -> str | None:
    token = message.tokens[verb.place]
    return verbs.language(message.text[token.start : token.end], message.programme.verb_languages)


def _bare(message: _Message) -> list[verbs.Verb]:
    counted = [found for found in message.amounts if not found.loose]
    payable = counted and payees.others(message.named, message.bot)
    return verbs.bare(
        message.tokens,
        verb_orders(message.programme.verbs),
        amounts={place for found in counted for place in range(found.start, found.stop)},
        complete=PAYING if payable else ASKING | (PAIRING if _code(message.tokens) else frozenset()),
    )


def _payment(message: _Message, found: Sequence[verbs.Verb]) -> Reading:
    places = {verb.place for verb in found}
    chosen = choice.choose(message.tokens, message.amounts, verbs=places, currency=message.programme.currency)
    whom = payees.find(message.tokens, message.named, bot=message.bot, author_id=message.author_id)
    after = min([*places, *chosen.used], default=0)
    refusals = [chosen.refusal, whom.refusal(before=after)]
    reading = Reading(
        order=found[0].order,
        amount_minor=chosen.amount_minor,
        currency=message.programme.currency if chosen.amount_minor else None,
        payees=whom.payees,
        note=note(
            message.text,
            message.tokens,
            used=places | chosen.used | whom.places,
            characters=message.programme.caps.note_characters,
        ),
    )
    refusals += [Refusal.NOT_OFFERED] if reading.order == "request" else []
    return replace(reading, refusal=first([refusal for refusal in refusals if refusal]))


def _code(tokens: Sequence[Token]) -> str | None:
    plain = "".join(token.text if token.kind in {"number", "space"} or token.text == "-" else "|" for token in tokens)
    codes = {re.sub("[ -]", "", code) for code in _CODE.findall(plain)}
    return codes.pop() if len(codes) == 1 else None
