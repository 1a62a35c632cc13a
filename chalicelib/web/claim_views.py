"""Which page a step of whom money is held for becomes, and with what words. Pure."""

from collections.abc import Mapping

from chalicelib.channels.networks import TITLES
from chalicelib.config import Programme
from chalicelib.dates import format_day
from chalicelib.identity.bank_account import READERS, BankAccount
from chalicelib.intents.claim_page import Held
from chalicelib.intents.naming_account import NAME_TRIES
from chalicelib.ledger.account import BANK
from chalicelib.ledger.claim import CLAIMED, OPEN, REFUSED, Claim
from chalicelib.money import format_amount
from chalicelib.refusals import Refusal
from chalicelib.texts import say
from chalicelib.web.views import FORGED, View, plain

SENT = "sent"
_LABELS = ("title", "sender", "until", "ways", "join", "refuse", "refuse_help")
_ACCOUNT = (
    *("account_title", "account_help", "account_go", "bank", "branch", "kind", "ordinary", "current", "number"),
    *("iban", "holder", "holder_help", "holder_help_iban"),
)
_TYPED = ("bank", "branch", "kind", "number", "iban", "holder")
# What a field takes back at the most after an error.
_TYPED_CHARACTERS = 100
_WRONG = {Refusal.ACCOUNT_MALFORMED: "account", Refusal.HOLDER_MALFORMED: "holder", Refusal.HOLDER_DIFFERS: "holder"}


def state(held: Held) -> str:
    """What there is to show: `open`, or how it ended or is to: `refused`, `claimed`, `sent`, `gone`.

    Or nothing, for one of two reasons that look the same on the page: `forged`, and `over` for a link of ours.
    """
    claim = held.claim
    if claim is None:
        return "over" if held.over else FORGED
    if claim.wish == CLAIMED or (claim.status, claim.payee) == (CLAIMED, BANK):
        return SENT
    end = claim.wish or claim.status
    return end if end in (OPEN, REFUSED, CLAIMED) else "gone"


def view(held: Held, *, programme: Programme, language: str, typed: Mapping[str, str] | None = None) -> View:
    """The page for a claim as it is; without a genuine link always the very same one.

    `typed` is what was sent with the step: after an error it stands in the form again.
    """
    claim, name = held.claim, state(held)
    if claim is None:
        return plain("claim.forged", 403, programme=programme, language=language)
    facts = _facts(claim, held, programme=programme, language=language)
    if name == OPEN:
        return _open(held, facts, programme=programme, typed=typed or {})
    texts = {part: say(language, f"claim.{name}_{part}", **facts) for part in ("title", "body")}
    tone = "good" if name in (CLAIMED, SENT) else "calm"
    texts |= {"brand": programme.brand}
    return View(template="result.html", status=200, language=language, tone=tone, texts=texts)


def _open(held: Held, facts: dict[str, str], *, programme: Programme, typed: Mapping[str, str]) -> View:
    language, refusal = facts["language"], held.refusal
    tried = held.claim.name_tries if held.claim else 0
    texts = {label: say(language, f"claim.{label}", **facts) for label in (*_LABELS, *_ACCOUNT)}
    texts |= {name: facts[name] for name in ("payer", "date", "amount", "brand")}
    form = programme.claims.payout if programme.claims.payout in READERS and tried < NAME_TRIES else ""
    again = typed if refusal in _WRONG else {}
    texts |= {f"typed_{name}": again.get(name, "")[:_TYPED_CHARACTERS] for name in _TYPED}
    texts |= {
        "form": form,
        "error": say(language, f"claim.{refusal}", **facts) if refusal else "",
        "wrong": _WRONG.get(refusal, "") if refusal else "",
    }
    tone = "bad" if refusal else "calm"
    return View(template="claim.html", status=200, language=language, tone=tone, texts=texts)


def _facts(claim: Claim, held: Held, *, programme: Programme, language: str) -> dict[str, str]:
    return {
        "brand": programme.brand,
        "language": language,
        "amount": format_amount(claim.amount_minor, claim.currency, language),
        "payer": held.payer or programme.brand,
        "date": format_day(claim.expires_at, zone=programme.zone, language=language),
        "network": TITLES[claim.network],
        "account": BankAccount(**claim.said).masked if claim.said else "",
        "left": str(max(0, NAME_TRIES - claim.name_tries)),
    }
