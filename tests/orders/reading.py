"""Reading a message as the tests of the grammar do: by its text alone, in euros or in yen."""

from dataclasses import replace

from chalicelib.channels import Named
from chalicelib.config import Programme, programme
from chalicelib.intents.mentions import named_in
from chalicelib.intents.order import Reading, read

EUROS = programme("smoney")
YEN = replace(EUROS, currency="JPY", language="ja")
BOT = EUROS.bots["twitter"]


def public(text: str, currency: str = "EUR") -> Reading:
    """Read a public post."""
    return read(text, named=named_in(text), programme=_of(currency), bot=BOT, author_id="", private=False)


def private(text: str, currency: str = "EUR") -> Reading:
    """Read a private message."""
    return read(text, named=named_in(text), programme=_of(currency), bot=BOT, author_id="", private=True)


def by_entities(text: str, *, author_id: str = "1", **ids: str) -> Reading:
    """Read a public post whose network says who is named: `handle=user_id`, in order."""
    named = [Named(user_id=user_id, handle=handle) for handle, user_id in ids.items()]
    return read(text, named=named, programme=EUROS, bot=BOT, author_id=author_id, private=False)


def told(reading: Reading) -> tuple[str | None, int | str | None, list[str], str | None]:
    """A reading in short: order, amount or refusal, handles, note."""
    outcome = str(reading.refusal) if reading.refusal else reading.amount_minor
    return reading.order, outcome, [payee.handle for payee in reading.payees], reading.note


def _of(currency: str) -> Programme:
    return YEN if currency == "JPY" else EUROS
