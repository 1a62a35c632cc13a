"""Whom a notice is for, and its words: what `send_sms` sends."""

from chalicelib import link as links
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import link as confirm_links
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.intents.withholding import withheld
from chalicelib.ledger import store as ledger
from chalicelib.link import Link
from chalicelib.notices import message
from chalicelib.notices.change import Notice
from chalicelib.notices.gifts import gifts_sms
from chalicelib.notices.given_back import reversed_sms
from chalicelib.notices.held import held_sms
from chalicelib.services import Services
from chalicelib.telemetry.metrics import count

_TO_PAYEE = ("received", "renamed")


def compose(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """The person with their number, and the text; None where there is nobody to tell, or nothing any more.

    Raises Unavailable when what the notice is about cannot be read yet: the message comes again.
    """
    return _COMPOSERS.get(notice.kind, _about_intent)(services, notice)


def _about_intent(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """Whom to write to and what, about an intent; None where there is nobody or nothing to say any more."""
    intent = store.read(services.table, notice.subject, consistent=True)
    if intent is None:
        raise Unavailable(f"the order {notice.subject} of a notice cannot be read")
    if notice.kind == "link" and not (
        _still_good(intent, notice, now=services.clock.now()) and _allowed(services, intent)
    ):
        return None
    sides = people.persons(services.table, [intent.payer_person, intent.payee_person])
    person = sides.get(intent.payee_person if notice.kind in _TO_PAYEE else intent.payer_person)
    if person is None or not person.phone:
        return None
    payer, payee = sides.get(intent.payer_person), sides.get(intent.payee_person)
    names = message.Names(payer=payer.name if payer else "", payee=message.payee_name(intent, payee))
    text = message.sms(
        notice.kind,
        intent,
        programme=services.programme,
        language=person.language,
        names=names,
        link=_link(services, intent) if notice.kind == "link" else "",
    )
    return person, text


def _still_good(intent: Intent, notice: Notice, *, now: int) -> bool:
    current = (intent.status, intent.link_number) == ("pending", notice.link_number)
    return current and intent.expires_at > now


def _allowed(services: Services, intent: Intent) -> bool:
    """Whether the order is one of the first of its day; a burst of orders outruns the list that refuses them.

    The list holds every order that was published before this one, so whoever took over a payer's @name cannot run up
    a bill of SMS.
    """
    if not withheld(services, intent):
        return True
    count("LinksWithheld")
    return False


def _link(services: Services, intent: Intent) -> str:
    """The link, good from now on for its life or the intent's, whichever ends first (ASVS 6.5.5: 10 minutes)."""
    expires_at = min(services.clock.now() + services.programme.durations.link_seconds, intent.expires_at)
    secret = confirm_links.make(services.links.keys()[0], services.programme.name, intent, expires_at=expires_at)
    return f"{services.stage.page_url}#{secret}"


def _blocked(services: Services, notice: Notice) -> tuple[Person, str] | None:
    account = ledger.account(services.table, notice.subject)
    if account is None or account.attempts < services.programme.caps.code_tries:
        return None  # the last attempt was a right code, which has counted anew
    person = people.person(services.table, account.person)
    if person is None or not person.phone:
        return None
    return person, message.blocked(services.programme, person.language)


def _invite(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """The join link, good from now on for a link's life; None for a link number that is dead."""
    found = people.invitation(services.table, notice.subject)
    if found is None or found.status == "paired" or found.link_number != notice.link_number:
        return None
    person = people.person(services.table, found.person)
    if person is None or not person.phone:
        return None
    expires_at = min(services.clock.now() + services.programme.durations.link_seconds, found.expires_at)
    unsealed = Link(id=found.id, number=found.link_number, expires_at=expires_at)
    covered = (*found.covered, services.programme.name)
    secret = links.seal(unsealed, covered, key=services.links.keys()[0])
    url = f"{services.stage.join_url}#{secret}"
    return person, message.invite(services.programme, person.language, link=url)


def _unanswered(services: Services, notice: Notice) -> tuple[Person, str] | None:
    """What a payer ordered in a chat that takes no answer: that nothing was paid."""
    intent = store.read(services.table, notice.subject, consistent=True)
    if intent is None:
        raise Unavailable(f"the order {notice.subject} of a notice cannot be read")
    person = people.person(services.table, intent.payer_person)
    if person is None or not person.phone:
        return None
    return person, message.unanswered(intent, programme=services.programme, language=person.language)


_COMPOSERS = {
    "blocked": _blocked,
    "gifts": gifts_sms,
    **dict.fromkeys(("held", "claim_claimed", "claim_returned", "claim_refused"), held_sms),
    **dict.fromkeys(("claim_cancelled", "claim_received", "claim_untold"), held_sms),
    "invite": _invite,
    "returned": reversed_sms,
    "taken_back": reversed_sms,
    "unanswered": _unanswered,
}
