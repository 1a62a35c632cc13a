"""Which page a step of whom money is held for becomes, and with what words. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.channels.networks import TITLES
from chalicelib.config import Programme
from chalicelib.intents.claim_page import Held
from chalicelib.ledger.claim import CLAIMED, OPEN, REFUSED, Claim
from chalicelib.money import format_amount
from chalicelib.texts import say
from chalicelib.web.views import View, plain

_LABELS = ("title", "sender", "until", "ways", "join", "refuse", "refuse_help")


def state(held: Held) -> str:
    """What there is to show: `forged`, `open`, or how it ended or was asked to: `refused`, `claimed`, `gone`."""
    if held.claim is None:
        return "forged"
    end = held.claim.wish or held.claim.status
    return end if end in (OPEN, REFUSED, CLAIMED) else "gone"


def view(held: Held, *, programme: Programme, language: str) -> View:
    """The page for a claim as it is; without a genuine link always the very same one."""
    claim, name = held.claim, state(held)
    if claim is None:
        return plain("claim.forged", 403, programme=programme, language=language)
    facts = _facts(claim, held, programme=programme, language=language)
    if name == OPEN:
        texts = {label: say(language, f"claim.{label}", **facts) for label in _LABELS}
        shown = {"payer": facts["payer"], "date": facts["date"], "amount": facts["amount"], "brand": programme.brand}
        return View(template="claim.html", status=200, language=language, texts={**shown, **texts})
    texts = {part: say(language, f"claim.{name}_{part}", **facts) for part in ("title", "body")}
    tone = "good" if name == CLAIMED else "calm"
    return View(
        template="result.html", status=200, language=language, tone=tone, texts={"brand": programme.brand, **texts}
    )


def _facts(claim: Claim, held: Held, *, programme: Programme, language: str) -> dict[str, str]:
    until = datetime.fromtimestamp(claim.expires_at, ZoneInfo(programme.zone)).date()
    return {
        "brand": programme.brand,
        "amount": format_amount(claim.amount_minor, claim.currency, language),
        "payer": held.payer or programme.brand,
        "date": until.isoformat(),
        "network": TITLES[claim.network],
    }
