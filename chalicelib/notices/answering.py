"""The answer to an order in private: what it shows is read now, and nothing of it is kept."""

from dataclasses import replace

from chalicelib.identity import store as people
from chalicelib.identity.person import handle_from_item, linked
from chalicelib.intents import looking, store, who
from chalicelib.intents.decision import PAYMENTS
from chalicelib.intents.intent import Intent
from chalicelib.notices import waiting
from chalicelib.notices.chat_shown import Facts
from chalicelib.notices.chat_words import Said, said
from chalicelib.services import Services
from chalicelib.table import handle_key

_LOOKS = ("balance", "history", "contacts")


def answer(services: Services, intent: Intent, *, message_id: str, first: bool) -> Said:
    """The words and the buttons that answer a private order, see `said`; raises Unavailable.

    Whom money is held for reads of that first; `message_id` is that of the queue's message that is answered.
    """
    before = waiting.told(services, intent, message_id=message_id)
    return said(intent, programme=services.programme, first=first, facts=facts(services, intent, before=before))


def facts(services: Services, intent: Intent, *, before: str = "") -> Facts:
    """What the answer to an order shows: nothing for one that was refused, but what became of its payment."""
    return replace(_facts(services, intent), before=before)


def _facts(services: Services, intent: Intent) -> Facts:
    now = services.clock.now()
    if intent.order in _LOOKS and not intent.refusal:
        return _of_account(services, intent, now=now)
    if intent.order in PAYMENTS:
        return Facts(now=now, payment=intent, phone_end=_phone_end(services, intent))
    if intent.order in ("confirm", "cancel") and intent.target:
        payment = store.read(services.table, intent.target, consistent=True)
        return Facts(now=now, payment=payment, phone_end=_phone_end(services, intent))
    return Facts(now=now)


def _of_account(services: Services, intent: Intent, *, now: int) -> Facts:
    """What an account shows, if the author is still linked with it."""
    table, account = services.table, intent.payer
    item = table.get(handle_key(intent.network, intent.page, intent.author_id), consistent=True)
    if item is None or not linked(item) or handle_from_item(item).account != account:
        return Facts(now=now, linked=False)
    if intent.order == "balance":
        return Facts(now=now, balance=looking.balance(table, account))
    if intent.order == "history":
        return Facts(now=now, movements=tuple(looking.movements(table, account, now=now)))
    if intent.target:
        return Facts(now=now, payment=store.read(table, intent.target))
    return Facts(now=now, payees=tuple(who.payees(table, account)))


def _phone_end(services: Services, intent: Intent) -> str:
    """The last two digits of the number that the SMS goes to."""
    person = people.person(services.table, intent.payer_person) if not intent.refusal else None
    return person.phone[-2:] if person else ""
