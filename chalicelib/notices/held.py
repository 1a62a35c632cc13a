"""What both sides of held money are told by SMS: that it is held, and how it ended."""

from chalicelib.channels.networks import address
from chalicelib.config import Programme
from chalicelib.dates import format_day
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claiming
from chalicelib.ledger.account import BANK
from chalicelib.ledger.claim import CLAIMED, Claim
from chalicelib.money import format_amount_sms
from chalicelib.notices.change import Notice
from chalicelib.notices.message import fit
from chalicelib.services import Services

# To the payee, once it is theirs; everything else about a claim is for its payer.
RECEIVED = "claim_received"


def held_sms(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """The person with their number, and the text; None where there is nobody to tell.

    Raises Unavailable when order or claim cannot be read yet.
    """
    intent = store.read(services.table, notice.subject, consistent=True)
    claim = claiming.read(services.table, notice.subject)
    if intent is None or claim is None:
        raise Unavailable(f"the claim {notice.subject} of a notice cannot be read")
    sides = people.persons(services.table, [claim.payer_person, claim.payee_person])
    person = sides.get(claim.payee_person if notice.kind == RECEIVED else claim.payer_person)
    if person is None or not person.phone:
        return None
    payer = sides.get(claim.payer_person)
    values = words(intent, claim, programme=services.programme, language=person.language)
    values["payer"] = payer.name if payer else ""
    return person, fit(person.language, f"sms.{_text(notice, claim)}", values)


def _text(notice: Notice, claim: Claim) -> str:
    if notice.kind == "held" and claim.fee_minor:
        return "held_fee"
    if notice.kind == "claim_claimed" and claim.payee == BANK:
        return "claim_paid_out"
    return "received" if notice.kind == RECEIVED else notice.kind


def words(intent: Intent, claim: Claim, *, programme: Programme, language: str) -> dict[str, str]:
    """The values of each text: what the payee has, or what the payer has paid and gets back, the fee included."""
    amount_minor = claim.amount_minor if claim.status == CLAIMED else claim.held_minor
    return {
        "brand": programme.brand,
        "amount": format_amount_sms(amount_minor, claim.currency, language),
        "fee": format_amount_sms(claim.fee_minor, claim.currency, language),
        "payee": intent.held_for,
        "bot": address(intent.network, programme),
        "until": format_day(claim.expires_at, zone=programme.zone, language=language),
        "reference": intent.reference,
    }
