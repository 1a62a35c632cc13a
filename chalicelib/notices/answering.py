"""The answer to an order in private: what it shows is read now, and nothing of it is kept."""

from dataclasses import replace

from chalicelib.identity import store as people
from chalicelib.identity.person import handle_from_item, linked
from chalicelib.intents import looking, store, who
from chalicelib.intents.intent import PAYMENTS, Intent
from chalicelib.intents.withholding import withheld
from chalicelib.notices import once, waiting
from chalicelib.notices.change import LINKS, Notice
from chalicelib.notices.chat_shown import Facts, waits
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
        return _of_payment(services, intent, intent, now=now)
    if intent.order in ("confirm", "cancel") and intent.target:
        return _of_payment(services, intent, store.read(services.table, intent.target, consistent=True), now=now)
    return Facts(now=now)


def _of_payment(services: Services, intent: Intent, payment: Intent | None, *, now: int) -> Facts:
    """What became of a payment; and whether its SMS was held back, where the answer says how to pay by it."""
    how = not intent.refusal and intent.order != "cancel"
    unsent = how and payment is not None and waits(payment, now) and _unsent(services, payment)
    return Facts(now=now, payment=payment, phone_end=_phone_end(services, intent), unsent=unsent)


def _unsent(services: Services, payment: Intent) -> bool:
    """Whether a payment's newest link is held back, and no SMS with it was sent so far.

    One that was sent has its claim: an order that came earlier may have been listed since.
    """
    link = Notice(kind="link", road=LINKS, subject=payment.id, link_number=payment.link_number)
    return withheld(services, payment) and services.table.get(once.key_of(link), consistent=True) is None


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
