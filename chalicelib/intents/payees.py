"""Whom an order pays: the people whom a message names, other than the bot that it is addressed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.channels import Named
from chalicelib.config import Bot
from chalicelib.intents.tokens import Token
from chalicelib.refusals import Refusal, first


@dataclass(frozen=True, kw_only=True)
class Payees:
    """The payees of a message, the places of all @names that are read, and those of them that name the bot."""

    payees: tuple[Named, ...]
    places: frozenset[int]
    bot_places: tuple[int, ...]
    is_author: bool

    def refusal(self, *, before: int) -> Refusal | None:
        """Why nobody can be paid; the bot's name before this place is the address of the message, no payee."""
        refusals = [Refusal.PAYEE_SELF] if self.is_author else []
        if len(self.payees) > 1:
            refusals.append(Refusal.PAYEE_SEVERAL)
        if not self.payees:
            addressed = bool(self.bot_places) and self.bot_places[0] < before
            refusals.append(Refusal.PAYEE_BOT if len(self.bot_places) > addressed else Refusal.PAYEE_MISSING)
        return first(refusals)


def others(named: Sequence[Named], bot: Bot) -> tuple[Named, ...]:
    """The people of a message other than the bot, each once."""
    people = {(person.user_id or person.handle.casefold()): person for person in named if not is_bot(person, bot)}
    first_named = {(person.user_id or person.handle.casefold()): person for person in reversed(named)}
    return tuple(first_named[key] for key in people)


def is_bot(person: Named, bot: Bot) -> bool:
    """Whether a name means the bot: by id, or by @name when the message has no ids."""
    return person.user_id == bot.user_id if person.user_id else person.handle.casefold() == bot.handle.casefold()


def find(tokens: Sequence[Token], named: Sequence[Named], *, bot: Bot, author_id: str) -> Payees:
    """Read the payees of a message from its entities, and where their @names stand in it."""
    payees = others(named, bot)
    handles = {person.handle.casefold(): is_bot(person, bot) for person in named}
    ats = [place for place, token in enumerate(tokens) if token.kind == "at" and token.text.casefold() in handles]
    return Payees(
        payees=payees,
        places=frozenset(ats),
        bot_places=tuple(place for place in ats if handles[tokens[place].text.casefold()]),
        is_author=any(person.user_id == author_id for person in payees if person.user_id),
    )
