"""Choosing a payee in a chat: a tap places the order that was asked about, with whom its author chose, once.

What a button carries is a wish: the order itself says who was asked, where, when and about whom.
"""

from dataclasses import replace

from chalicelib.channels import Mention, Named
from chalicelib.identity.person import Handle, handle_from_item, linked, person_from_item
from chalicelib.identity.store import look_up
from chalicelib.intents import chat_pairing, store
from chalicelib.intents.decision import Known, decide, refused
from chalicelib.intents.intent import Intent
from chalicelib.intents.order import Reading
from chalicelib.intents.reached import Reached, by_handle, by_person, labels
from chalicelib.intents.taps import Choice
from chalicelib.ledger.store import accounts
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import Put, Write, absent, notice_key

SECONDS = 3_600


def settle(services: Services, mention: Mention, choice: Choice) -> Intent:
    """Place the order that was asked about, with the payee who was chosen, as an order of the tap's own.

    Only its author can, where it was asked, within the hour and once; else CHOICE_OVER, whatever is wrong. Everything
    else is decided anew: who was chosen may not be linked any more, the payer may have spent what there was. Raises
    Unavailable.
    """
    draft = replace(chat_pairing.drafted(services, mention), order="send")
    asked = store.read(services.table, choice.asked, consistent=True)
    author = look_up(services.table, (mention.network, mention.page), user_ids=[mention.author.user_id], names=[])
    payer = author.handles.get(mention.author.user_id)
    if not (asked and payer and _may_choose(asked, mention, choice, payer=payer)):
        return store.keep(services.table, refused(draft, Refusal.CHOICE_OVER))
    found = _reached(services, asked, choice.number)
    known = Known(
        directory=author,
        accounts=accounts(services.table, [payer.account, *([found.account] if found else [])]),
        lately=store.ordered_lately(services.table, payer.account, now=mention.received_at),
        now=services.clock.now(),
        reached=[found] if found else [],
        payee_unpaired=found is None,
    )
    payee = Named(user_id="", handle=found.handle if found else "")
    reading = Reading(order=asked.order, payees=(payee,))
    order = decide(services.programme, _again(draft, asked), reading=reading, known=known)
    return _placed(services, order, asked=asked, draft=draft)


def _may_choose(asked: Intent, mention: Mention, choice: Choice, *, payer: Handle) -> bool:
    """Whether the order asked the author of this tap, for the account that they order for now, about so many names."""
    by = (asked.network, asked.page, asked.author_id, asked.payer)
    in_time = mention.received_at - asked.received_at <= SECONDS
    is_open = asked.refusal is Refusal.PAYEE_AMBIGUOUS and choice.number < len(labels(asked.said))
    return is_open and in_time and by == (mention.network, mention.page, mention.author.user_id, payer.account)


def _reached(services: Services, asked: Intent, number: int) -> Reached | None:
    """Whom a button meant, as they are now; None if the identity by which they were found is not linked any more."""
    key, label = asked.choices.split()[number], labels(asked.said)[number][1]
    item = services.table.get((key, "0"))
    if item is None:
        return None
    if key.startswith("L#"):
        return by_handle(handle_from_item(item)) if linked(item) else None
    return by_person(person_from_item(item), handle=label.removeprefix("@") if label.startswith("@") else "")


def _again(draft: Intent, asked: Intent) -> Intent:
    """The order that was asked about, as an order of the tap's own."""
    return replace(
        draft,
        order=asked.order,
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        language=asked.language,
        said={name: text for name, text in asked.said.items() if name in ("note", "author_handle")},
    )


def _placed(services: Services, order: Intent, *, asked: Intent, draft: Intent) -> Intent:
    """Store the order and that its question is answered, in one transaction; the order that asked stays as it is."""
    key, sort = notice_key(f"choice#{asked.id}", "once")
    answer = {"PK": key, "SK": sort, "message": order.id, "ttl": order.ttl}
    writes: list[Write] = [store.put(order), Put(item=answer, clauses=(absent(Refusal.CHOICE_OVER),))]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    if rejection is None:
        return order
    return store.seen_before(rejection) or store.keep(services.table, refused(draft, Refusal.CHOICE_OVER))
