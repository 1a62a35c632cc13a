"""Pairing in a private chat: a ref from the join page is asked about there, and bound on a tap of Yes.

The ref alone binds nobody: an attacker can send somebody else the link with the attacker's own ref.
"""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib import ref
from chalicelib.channels import Mention
from chalicelib.identity import invitation
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.person import Handle, Person, shown_name
from chalicelib.intents import pairing, store
from chalicelib.intents.intent import ASKED, DECLINED, Intent, intent_id
from chalicelib.intents.taps import Answer
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import Write, invitation_key, update


def ask(services: Services, mention: Mention) -> Intent:
    """Ask the author whether this chat is to be linked with the account whose join page gave the ref.

    A wrong ref, a late one, one of another page, one that somebody else brought first and too many tries look the
    same: PAIRING_REFUSED. The try is spent before the ref is compared. Raises Unavailable when the table is down.
    """
    draft = drafted(services, mention)
    brought = ref.parse(mention.ref or "")
    found = _invited(services, mention, brought.invitation) if brought else None
    person = people.person(services.table, found.person) if found else None
    if not (brought and found and person) or not pairing.proved(services, found, draft, digest=brought.digest):
        return pairing.refused(services, draft)
    said = {"account_name": shown_name(person.name)}
    asked = replace(draft, order=ASKED, language=found.language, target=found.id, said=said)
    part = invitation.ask(mention.author.user_id, pairing=brought.digest, now=services.clock.now())
    return _done(services, asked, [update(invitation_key(found.id), part)], draft=draft)


def settle(services: Services, mention: Mention, answer: Answer) -> Intent:
    """Bind the author, or leave all as it was, as they answer; only whom we asked can, and only in time."""
    draft = drafted(services, mention)
    found = _invited(services, mention, answer.invitation)
    person = people.person(services.table, found.person) if found else None
    if not (found and person):
        return pairing.refused(services, draft)
    now, answered = services.clock.now(), replace(draft, language=found.language)
    key, by_whom = invitation_key(found.id), invitation.asked_of(mention.author.user_id, now=now)
    if not answer.yes:
        kept = replace(answered, order=DECLINED)
        return _done(services, kept, [update(key, by_whom, invitation.drop())], draft=draft)
    paired = replace(answered, payer=found.account, payer_person=found.person)
    bound = people.binding(_handle(mention, person), now=now)
    return _done(services, paired, [update(key, by_whom, invitation.pair(now=now)), *bound], draft=draft)


def _invited(services: Services, mention: Mention, invitation_id: str) -> Invitation | None:
    found = people.invitation(services.table, invitation_id)
    same = found and (found.network, found.page, found.label) == (mention.network, mention.page, "")
    return found if same else None


def _done(services: Services, wanted: Intent, writes: Sequence[Write], *, draft: Intent) -> Intent:
    """Store the order and what it does in one transaction; refused where something else was quicker."""
    whole: list[Write] = [store.put(wanted), *writes]
    rejection = transact(services.table, lambda: whole, clock=services.clock)
    if rejection is None:
        return wanted
    return store.seen_before(rejection) or pairing.refused(services, draft)


def drafted(services: Services, mention: Mention) -> Intent:
    """The order of a message that pairs, in the programme's language: whoever is refused learns nobody's own."""
    return Intent(
        id=intent_id(mention.network, mention.page, mention.origin_id),
        order="pair",
        status="answered",
        network=mention.network,
        page=mention.page,
        author_id=mention.author.user_id,
        message_id=mention.message_id,
        language=services.programme.language,
        private=mention.private,
        created_at=mention.sent_at,
        received_at=mention.received_at,
        sent_millis=mention.sent_millis,
        correlation_id=mention.correlation_id,
        ttl=mention.received_at + services.programme.durations.remembered_seconds,
    )


def _handle(mention: Mention, person: Person) -> Handle:
    return Handle(
        network=mention.network,
        page=mention.page,
        user_id=mention.author.user_id,
        label="",
        person=person.id,
        account=person.account,
        name=person.name,
        language=person.language,
    )
