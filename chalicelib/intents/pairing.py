"""Pairing by message: the invited handle writes the pairing code, and is bound to the person. One transaction."""

import hmac
from dataclasses import replace

from chalicelib.channels import Mention
from chalicelib.identity import invitation
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.person import Handle, Person
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.retry import change, transact
from chalicelib.services import Services
from chalicelib.table import Rejection, Write, invitation_key, update


def pair(services: Services, mention: Mention, *, draft: Intent, digits: str | None) -> Intent:
    """Bind the author to the person who invited this handle, if the code is theirs; the order is stored either way.

    No invitation, a wrong code, a late one and too many tries look the same: PAIRING_REFUSED. The try is spent before
    the code is compared. Raises Unavailable when the table is down.
    """
    found = _invited(services, mention)
    person = people.person(services.table, found.person) if found else None
    if found is None or person is None or digits is None:
        return refused(services, draft)
    if not proved(services, found, draft, digest=invitation.pairing_digest(found.id, digits)):
        return refused(services, draft)
    paired = replace(draft, payer=found.account, payer_person=found.person)
    now = services.clock.now()
    writes: list[Write] = [
        store.put(paired),
        update(invitation_key(found.id), invitation.pair(now=now)),
        *people.binding(_handle(mention, person), now=now),
    ]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    if rejection is None:
        return paired
    return store.seen_before(rejection) or refused(services, draft)


def _invited(services: Services, mention: Mention) -> Invitation | None:
    """The invitation of the author's @name, for this very id if the id was known when it was made."""
    if not mention.author.handle:
        return None
    wanted = invitation.invitation_id(mention.network, mention.page, mention.author.handle)
    found = people.invitation(services.table, wanted)
    return found if found and found.user_id in ("", mention.author.user_id) else None


def proved(services: Services, found: Invitation, draft: Intent, *, digest: str) -> bool:
    """Spend a try, then compare what is stored of the code or ref with the digest of what was brought."""
    part = invitation.attempt(draft.id, tries=services.programme.caps.pairing_tries, now=services.clock.now())
    changed = change(services.table, update(invitation_key(found.id), part), clock=services.clock)
    item = changed.items[0] if isinstance(changed, Rejection) else changed
    if item is None or item["guess"] != draft.id:
        return False
    return hmac.compare_digest(item["pairing"], digest)


def _handle(mention: Mention, person: Person) -> Handle:
    return Handle(
        network=mention.network,
        page=mention.page,
        user_id=mention.author.user_id,
        label=mention.author.handle,
        person=person.id,
        account=person.account,
        name=person.name,
        language=person.language,
    )


def refused(services: Services, draft: Intent) -> Intent:
    """Store the order as refused: nobody learns why, and a message that comes again gets what it got before."""
    return store.keep(services.table, replace(draft, status="refused", refusal=Refusal.PAIRING_REFUSED))
