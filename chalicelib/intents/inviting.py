"""Joining from a chat: whoever types their number on the page `/l` is sent the invitation that the bank would send.

The page queues the number's digest and says the same to everybody; here, where nobody waits, it is looked up. What
comes then is the usual way in: an SMS to the bound number, the security code, and Yes in the chat (decision 57). So a
number that somebody else types binds nothing, and costs its owner a few SMS at the most.
"""

from collections.abc import Sequence

from chalicelib.channels import Event
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation, invitation_id, renew_link
from chalicelib.identity.person import Person, phone_id
from chalicelib.ledger.store import accounts
from chalicelib.retry import change
from chalicelib.services import Services
from chalicelib.table import Rejection, invitation_key, update

_ASKED = "asks_to_join"


def asked(network: str, number: str, *, received_at: int) -> Event:
    """The event that the page queues for a number in E.164 form: of the number it holds a digest."""
    return Event(network=network, payload={_ASKED: phone_id(number)}, received_at=received_at)


def is_asked(event: Event) -> bool:
    """Whether the page queued this, and not a network: theirs never stand alone under this name."""
    return tuple(event.payload) == (_ASKED,)


def invite(services: Services, event: Event) -> str:
    """Invite whoever alone has the number; what came of it, for the log. Raises Unavailable.

    While an invitation is open its link is sent again, as often as its own page would send it.
    """
    found = _customers(services, event.payload[_ASKED])
    if len(found) != 1 or event.network not in services.programme.bots:
        return "nobody"
    new = invitation_of(services, found[0], event.network)
    if people.invite(services.table, new, clock=services.clock) is None:
        return "invited"
    return _again(services, new.id)


def _customers(services: Services, phone: str) -> Sequence[Person]:
    """Who has the number with this id, and an account that is not closed."""
    known = people.found_by(services.table, phone)
    open_ones = accounts(services.table, [one.account for one in known])
    return [one for one in known if one.account in open_ones and open_ones[one.account].status != "closed"]


def invitation_of(services: Services, person: Person, network: str, *, label: str = "") -> Invitation:
    """A fresh invitation of somebody to bind an @name of theirs, or a chat where there are none; stored by nobody."""
    now, page = services.clock.now(), services.programme.bots[network].user_id
    expires_at = now + services.programme.durations.invitation_seconds
    return Invitation(
        id=invitation_id(network, page, label or person.id),
        person=person.id,
        account=person.account,
        network=network,
        page=page,
        label=label,
        language=person.language,
        status="invited",
        created_at=now,
        expires_at=expires_at,
        ttl=expires_at + services.programme.durations.remembered_seconds,
    )


def _again(services: Services, invitation: str) -> str:
    open_one = people.invitation(services.table, invitation)
    if open_one is None or open_one.link_number > services.programme.caps.link_renewals:
        return "links_too_many"
    renewed = update(invitation_key(invitation), renew_link(open_one.link_number, now=services.clock.now()))
    return "refused" if isinstance(change(services.table, renewed, clock=services.clock), Rejection) else "again"
