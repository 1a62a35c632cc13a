"""Delivering one notice: claim it, write its words, send it by its road."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import link as links
from chalicelib.conditions import Clause
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import link as confirm_links
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.link import Link
from chalicelib.notices import change, message
from chalicelib.refusals import Refusal
from chalicelib.services import Permanent, Posts, Retry, Services
from chalicelib.table import Put, Rejection, notice_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

REPLY_SECONDS = 3_600
CLAIM_SECONDS = 35 * 86_400
DAY_SECONDS = 86_400
_TO_PAYEE = ("received",)


class Later(Exception):
    """The network asks to wait: the message comes again after so many seconds."""

    def __init__(self, after_seconds: int) -> None:
        super().__init__(f"again in {after_seconds} s")
        self.after_seconds = after_seconds


@dataclass(frozen=True, kw_only=True)
class Told:
    """One delivery of a published notice; a message of the same `message_id` may be sent again after a crash."""

    notice: change.Notice
    message_id: str
    received_count: int = 1


def told(body: Mapping[str, Any], *, received_count: int) -> Told:
    """Read what SNS put into a queue; raises KeyError or ValueError if we did not publish it."""
    content = json.loads(body["Message"])
    fields = {name: content[name] for name in change.Notice.__dataclass_fields__}
    return Told(notice=change.Notice(**fields), message_id=body["MessageId"], received_count=received_count)


def send_sms(services: Services, delivery: Told) -> None:
    """Send an SMS to the bound number of whom the notice is for; at least once for each published message.

    Dropped, and counted, where nobody has a number, where the link was replaced, or where another message of the same
    notice has the claim. Raises Unavailable when SNS or the table is down: the message comes again.
    """
    notice = delivery.notice
    composed = _COMPOSERS.get(notice.kind, _about_intent)(services, notice)
    if composed is None:
        count("NoticesDropped", kind=notice.kind, reason="nobody")
        return
    person, text = composed
    if not _claim(services, delivery):
        count("NoticesDropped", kind=notice.kind, reason="duplicate")
        return
    services.sms.send(person.phone, text)
    count("SmsSent", kind=notice.kind)


def send_reply(services: Services, posts: Posts, delivery: Told) -> None:
    """Answer under the post, or by private message to one; best effort, at most 3 public ones an author and day.

    Dropped after an hour. Raises Later when the network limits the rate.
    """
    intent = store.read(services.table, delivery.notice.subject)
    now = services.clock.now()
    if intent is None or now - intent.received_at > REPLY_SECONDS:
        count("NoticesDropped", kind=delivery.notice.kind, reason="too_old")
        return
    if not (_claim(services, delivery) if intent.private else _claim_slot(services, delivery, intent)):
        count("NoticesDropped", kind=delivery.notice.kind, reason="replies_too_many")
        return
    text = message.reply(intent, programme=services.programme)
    again = delivery.received_count > 1
    if intent.private:
        answer = posts.message(text, to=intent.author_id)
    else:
        answer = posts.reply(text, to=intent.message_id, again=again)
    match answer:
        case Retry():
            raise Later(answer.after_seconds)
        case Permanent():
            LOG.warning("the network refused a reply", extra={"reason": answer.reason, "intent_id": intent.id})
            count("RepliesAlarming" if answer.alarm else "RepliesRefused", reason=answer.reason)
        case _:
            count("RepliesSent", network=intent.network)


def _about_intent(services: Services, notice: change.Notice) -> tuple[Person, str] | None:
    """Whom to write to and what, about an intent; None where there is nobody or nothing to say any more."""
    intent = store.read(services.table, notice.subject)
    if intent is None or (notice.kind == "link" and not _still_good(intent, notice)):
        return None
    sides = people.persons(services.table, [intent.payer_person, intent.payee_person])
    person = sides.get(intent.payee_person if notice.kind in _TO_PAYEE else intent.payer_person)
    if person is None or not person.phone:
        return None
    payer, payee = sides.get(intent.payer_person), sides.get(intent.payee_person)
    names = message.Names(
        payer=payer.name if payer else "", payee=payee.name if payee else intent.said.get("payee_handle", "")
    )
    text = message.sms(
        notice.kind,
        intent,
        programme=services.programme,
        language=person.language,
        names=names,
        link=_link(services, intent) if notice.kind == "link" else "",
    )
    return person, text


def _still_good(intent: Intent, notice: change.Notice) -> bool:
    return (intent.status, intent.link_number) == ("pending", notice.link_number)


def _link(services: Services, intent: Intent) -> str:
    """The link, good from now on for its life or the intent's, whichever ends first (ASVS 6.5.5: 10 minutes)."""
    expires_at = min(services.clock.now() + services.programme.durations.link_seconds, intent.expires_at)
    secret = confirm_links.make(services.links.keys()[0], services.programme.name, intent, expires_at=expires_at)
    return f"{services.stage.page_url}#{secret}"


def _blocked(services: Services, notice: change.Notice) -> tuple[Person, str] | None:
    account = ledger.account(services.table, notice.subject)
    if account is None or account.attempts < services.programme.caps.code_tries:
        return None  # the last attempt was a right code, which has counted anew
    person = people.person(services.table, account.person)
    if person is None or not person.phone:
        return None
    return person, message.blocked(services.programme, person.language)


def _invite(services: Services, notice: change.Notice) -> tuple[Person, str] | None:
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


_COMPOSERS = {"blocked": _blocked, "invite": _invite}


def _claim(services: Services, delivery: Told) -> bool:
    """Claim a notice for this message; False when another message has it."""
    notice = delivery.notice
    label = f"{notice.kind}#{notice.link_number}" if notice.link_number else notice.kind
    if notice.kind in _COMPOSERS:  # it may be told again, of another block or another invitation
        label = f"{label}#{delivery.message_id}"
    return _put_claim(services, notice_key(notice.subject, label), delivery)


def _claim_slot(services: Services, delivery: Told, intent: Intent) -> bool:
    """Claim one of an author's public replies of the day; False when they are used up."""
    day = intent.received_at // DAY_SECONDS
    author = f"{intent.network}#{intent.author_id}#{day}"
    slots = range(1, services.programme.caps.public_replies_a_day + 1)
    return any(_put_claim(services, notice_key(author, f"reply#{slot}"), delivery) for slot in slots)


def _put_claim(services: Services, key: tuple[str, str], delivery: Told) -> bool:
    ours = Clause(
        attribute="message", operator="=", value=delivery.message_id, means=Refusal.ALREADY_SEEN, or_absent=True
    )
    item = {
        "PK": key[0],
        "SK": key[1],
        "message": delivery.message_id,
        "at": services.clock.now(),
        "ttl": services.clock.now() + CLAIM_SECONDS,
    }
    return not isinstance(services.table.put(Put(item=item, clauses=(ours,))), Rejection)
