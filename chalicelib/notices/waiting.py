"""What whom money is held for is told in private: the link of their page, and how it ended; no sum."""

from chalicelib.dates import format_day
from chalicelib.identity import store as people
from chalicelib.identity.bank_account import BankAccount
from chalicelib.identity.person import shown_name
from chalicelib.intents import claim_link, store
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import OPEN, Claim
from chalicelib.notices import once
from chalicelib.notices.change import REPLIES, Notice
from chalicelib.services import Services
from chalicelib.table import notice_key
from chalicelib.texts import say

HELD, GONE, SENT = "claim", "claim_gone", "claim_sent"
_ASKED = "claim_asked#reply"


def words(services: Services, kind: str, claim: Claim, *, intent: Intent) -> str:
    """The text of a notice to the payee, in the language of the order that opened the claim."""
    programme, language = services.programme, intent.language
    facts = {"brand": programme.brand, "payer": _payer(services, claim, intent), "link": ""}
    if kind == HELD:
        secret = claim_link.make(services.claim_links.keys()[0], programme.name, claim)
        until = format_day(claim.expires_at, zone=programme.zone, language=language)
        link = f"{services.stage.claim_url}#{secret}"
        return say(language, "claim.message", **facts | {"link": link, "until": until})
    if kind == SENT:
        return say(language, "claim.sent_message", **facts, account=BankAccount(**claim.said).masked)
    return say(language, f"claim.gone_{claim.status}", **facts)


def told(services: Services, intent: Intent, *, message_id: str) -> str:
    """What stands before the answer to a private message: to whom money is held for, the link; else nothing."""
    claim = claiming.read(services.table, intent.waiting) if intent.private and intent.waiting else None
    opened = store.read(services.table, intent.waiting) if claim else None
    if claim is None or opened is None or claim.status != OPEN or claim.wish:
        return ""
    if claim.expires_at <= services.clock.now():
        return ""
    once.put(services, notice_key(claim.id, _ASKED), message_id)
    return f"{words(services, HELD, claim, intent=opened)}\n\n"


def was_told(services: Services, claim: str) -> bool:
    """Whether the payee heard that money is held: by our message, or because they have asked."""
    ours = services.table.get(once.key_of(Notice(kind=HELD, road=REPLIES, subject=claim)), consistent=True)
    told = ours is not None and "owed" not in ours
    return told or services.table.get(notice_key(claim, _ASKED), consistent=True) is not None


def _payer(services: Services, claim: Claim, intent: Intent) -> str:
    """The payer as the payee knows them on the network, else by first name and initial."""
    author = intent.said.get("author_handle")
    if author:
        return f"@{author}"
    person = people.person(services.table, claim.payer_person)
    return shown_name(person.name) if person else services.programme.brand
