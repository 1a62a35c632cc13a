"""Whom a private message of a linked payer means, where its network gives no id for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.channels import Mention, Named
from chalicelib.config import Programme
from chalicelib.identity import store as people
from chalicelib.identity.store import Directory
from chalicelib.intents.contacts import contacts
from chalicelib.intents.intent import PAYMENTS
from chalicelib.intents.order import Reading, read_mention
from chalicelib.intents.phones import is_phone
from chalicelib.intents.reached import Reached, by_handle, by_person, distinct
from chalicelib.intents.spoken import MARK, leads, spoken
from chalicelib.intents.tokens import verb_orders
from chalicelib.refusals import Refusal
from chalicelib.services import Services


@dataclass(frozen=True)
class Called:
    """A message as it is read once its payee's plain name is known, and whom that name may mean."""

    reading: Reading
    reached: Sequence[Reached] = ()


def by_name(services: Services, mention: Mention, reading: Reading, *, payer: str) -> Called:
    """Look for a payee among those whom an account has paid, if a private message lacks nothing else.

    Three round trips at the most, none where it is not so. Raises Unavailable.
    """
    programme = services.programme
    if not (mention.private and leads(mention.text) and _lacks_a_payee(programme, mention, reading)):
        return Called(reading)
    known = contacts(services.table, payer)
    found = spoken(mention.text, known, verbs=verb_orders(programme.verbs).keys())
    if not found.meant:
        return Called(reading)
    reached = [by_person(one.person, handle=one.handle) for one in found.meant]
    return Called(read_mention(programme, _with_mark(mention, found.text)), reached)


def reach(services: Services, mention: Mention, payee: Named, *, directory: Directory) -> Sequence[Reached]:
    """Whom a number or an @name in a private message may mean besides whom its network knows by that name.

    A number is looked up in two round trips. An @name is where the author's network knows none: on the others of the
    programme, in two; nobody, if it is one person's everywhere. Raises Unavailable.
    """
    if not mention.private:
        return ()
    if is_phone(payee.handle):
        return [by_person(one) for one in people.holders(services.table, payee.handle)]
    if mention.author.handle:
        return ()
    own = directory.handles.get(payee.user_id)
    bots = services.programme.bots.items()
    elsewhere = [(network, bot.user_id) for network, bot in bots if network != mention.network]
    handles = [*([own] if own else []), *people.named_on(services.table, elsewhere, payee.handle)]
    found = distinct([by_handle(one) for one in handles])
    return () if own and len(found) == 1 else found


def _lacks_a_payee(programme: Programme, mention: Mention, reading: Reading) -> bool:
    """Whether a message would be a payment if it named somebody; a verb inside prose counts only then."""
    if reading.order:
        return reading.order in PAYMENTS and reading.refusal is Refusal.PAYEE_MISSING
    complete = read_mention(programme, _with_mark(mention, f"{mention.text} @{MARK}"))
    return complete.order in PAYMENTS and complete.refusal is None


def _with_mark(mention: Mention, text: str) -> Mention:
    return replace(mention, text=text, named=(*mention.named, Named(user_id="", handle=MARK)))
