"""One SMS for many gifts: a payee whom many pay at once is told of all of them, once an hour at the most."""

from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import store
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.money import format_amount_sms
from chalicelib.notices import message
from chalicelib.notices.change import Notice
from chalicelib.services import Services


def gifts_sms(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """All that a payee was ever given on its sub-balances, as it is now: one SMS stands for many gifts."""
    intent = store.read(services.table, notice.subject, consistent=True)
    account = ledger.account(services.table, intent.payee) if intent else None
    if intent is None or account is None:
        raise Unavailable(f"the payee of {notice.subject} cannot be read")
    person = people.person(services.table, account.person)
    if person is None or not person.phone:
        return None
    parts = sharding.balances(services.table, account.id, account.shards)
    amount = format_amount_sms(sum(part["received"] for part in parts), account.currency, person.language)
    number = sum(part["gifts"] for part in parts)
    return person, message.gifts(services.programme, person.language, number=number, amount=amount)
