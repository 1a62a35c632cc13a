"""What both sides of a payment are told when money of it went back."""

from chalicelib.config import Programme
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import store
from chalicelib.intents.intent import reference
from chalicelib.ledger import reversing
from chalicelib.ledger.reversal import Reversal
from chalicelib.money import format_amount_sms
from chalicelib.notices.change import Notice
from chalicelib.notices.message import Names, fit, payee_name
from chalicelib.services import Services


def reversed_sms(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """The person with their number, and the text; None where there is nobody to tell.

    Who gets the money back was the original's payer, who gives it the payee. Raises Unavailable when the reversal
    cannot be read yet.
    """
    reversal = reversing.read(services.table, notice.subject)
    if reversal is None:
        raise Unavailable(f"the reversal {notice.subject} of a notice cannot be read")
    sides = people.persons(services.table, [reversal.payer_person, reversal.payee_person])
    payer, payee = sides.get(reversal.payee_person), sides.get(reversal.payer_person)
    person = payer if notice.kind == "returned" else payee
    if person is None or not person.phone:
        return None
    original = store.read(services.table, reversal.original)
    known_as = payee_name(original, payee) if original and payee else payee.name if payee else ""
    names = Names(payer=payer.name if payer else "", payee=known_as)
    values = words(reversal, programme=services.programme, language=person.language, names=names)
    return person, fit(person.language, f"sms.{notice.kind}", values)


def words(reversal: Reversal, *, programme: Programme, language: str, names: Names) -> dict[str, str]:
    """The values of either text: the amount that went back, the payment's own sides and its own reference."""
    return {
        "brand": programme.brand,
        "amount": format_amount_sms(reversal.amount_minor, reversal.currency, language),
        "payer": names.payer,
        "payee": names.payee,
        "reference": reference(reversal.original),
    }
