"""Which page an outcome becomes, and with what words. Pure."""

from dataclasses import dataclass, field

from chalicelib.channels.networks import TITLES, address
from chalicelib.config import Programme
from chalicelib.intents.intent import Intent
from chalicelib.intents.lifecycle import Outcome
from chalicelib.money import format_amount
from chalicelib.refusals import Refusal
from chalicelib.texts import LANGUAGES, say

# What a step of a page comes to without a genuine link.
FORGED = "forged"
_IN_FORM = (Refusal.CODE_REFUSED, Refusal.CODE_MALFORMED)
_OWN_PAGE = (Refusal.EXPIRED, Refusal.LINK_EXPIRED, Refusal.LINK_REPLACED, Refusal.LINKS_TOO_MANY)


@dataclass(frozen=True, kw_only=True)
class View:
    """A page: its template, HTTP status, language, tone (for colour and role) and texts."""

    template: str
    status: int
    language: str
    tone: str = "calm"
    texts: dict[str, str] = field(default_factory=dict)


def view(outcome: Outcome, *, programme: Programme, language: str, renewed: bool = False) -> View:
    """The page for an outcome; without a genuine link always the very same one."""
    intent, refusal = outcome.intent, outcome.refusal
    if intent is None:
        return plain(FORGED, 403, programme=programme, language=language)
    if renewed and refusal is None:
        return _result("renewed", intent, programme=programme, tone="good")
    if intent.status == "pending" and (refusal is None or refusal in _IN_FORM):
        return _form(outcome, intent, programme=programme)
    if intent.status != "pending":
        name = "held" if intent.held and intent.status == "paid" else intent.status
        return _result(name, intent, programme=programme, tone="good" if intent.status == "paid" else "calm")
    if refusal in _OWN_PAGE:
        return _result(str(refusal), intent, programme=programme, tone="calm")
    return _not_paid(intent, refusal or Refusal.STALE, programme=programme)


def plain(name: str, status: int, *, programme: Programme, language: str) -> View:
    """A page that says nothing of any payment: the shell, a forged link, a service that is down.

    `name` may begin with the section of the texts that it speaks in: `claim.forged`.
    """
    section, _, kind = name.rpartition(".")
    section, template = section or "page", "shell.html" if kind == "shell" else "result.html"
    texts = {"title": say(language, f"{section}.{kind}_title"), "body": say(language, f"{section}.{kind}_body")}
    if kind == "shell":
        texts["noscript"] = say(language, f"{section}.noscript")
        texts["nothing"] = say(language, f"{section}.forged_body")
    return View(template=template, status=status, language=language, texts={**texts, "brand": programme.brand})


def accepted(header: str) -> str | None:
    """The first of our languages that a browser's Accept-Language names, by its own order of weights."""
    wanted: list[tuple[float, int, str]] = []
    for part in header[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            wanted.append((-_weight(weight), len(wanted), language))
    return min(wanted)[2] if wanted else None


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _form(outcome: Outcome, intent: Intent, *, programme: Programme) -> View:
    language, refusal = intent.page_language, outcome.refusal
    labels = ("to", "note", "code", "code_help", "decline", "form_title", "free")
    texts = {name: say(language, f"page.{name}") for name in labels}
    texts |= _facts(intent, programme=programme)
    left = format_amount(outcome.left_minor, intent.currency, language) if outcome.left_minor is not None else ""
    texts["left"] = say(language, "page.left", amount=left) if left else ""
    texts["first"] = say(language, "page.first") if outcome.first else ""
    total = format_amount(intent.amount_minor + intent.fee_minor, intent.currency, language)
    texts["pay"] = say(language, "page.pay", amount=total)
    if intent.held:
        texts |= _held(intent, programme=programme)
    texts["error"] = say(language, f"page.{refusal}") if refusal else ""
    tone = "bad" if refusal else "calm"
    return View(template="confirm.html", status=200, language=language, tone=tone, texts=texts)


def _held(intent: Intent, *, programme: Programme) -> dict[str, str]:
    """What is said of a payment that will be held: its fee, and that the payee has not joined."""
    language, days = intent.page_language, str(programme.claims.hold_seconds // 86_400)
    fee = format_amount(intent.fee_minor, intent.currency, language)
    said = {"payee": intent.held_for, "brand": programme.brand, "days": days}
    texts = {"first": say(language, "page.not_joined", **said)}
    return texts | ({"free": say(language, "page.fee", amount=fee, brand=programme.brand)} if intent.fee_minor else {})


def _result(name: str, intent: Intent, *, programme: Programme, tone: str) -> View:
    facts = _facts(intent, programme=programme)
    said = {key: facts[key] for key in ("amount", "payee")}
    if name == "held":
        said |= {"network": TITLES[intent.network], "bot": address(intent.network, programme)}
    texts = {
        **facts,
        "title": say(intent.page_language, f"page.{name}_title"),
        "body": say(intent.page_language, f"page.{name}_body", **said),
        "renew": say(intent.page_language, "page.renew") if name == "link_expired" else "",
    }
    return View(template="result.html", status=200, language=intent.page_language, tone=tone, texts=texts)


def _not_paid(intent: Intent, refusal: Refusal, *, programme: Programme) -> View:
    kind = programme.limits[intent.payee_kind]
    limits = {Refusal.OVER_DAY_LIMIT: kind.day_minor, Refusal.OVER_MONTH_LIMIT: kind.month_minor}
    limit = format_amount(limits.get(refusal, kind.transfer_minor), intent.currency, intent.page_language)
    texts = {
        **_facts(intent, programme=programme),
        "title": say(intent.page_language, "page.not_paid_title"),
        "body": say(intent.page_language, f"reason.{refusal}", limit=limit, brand=programme.brand),
        "renew": "",
    }
    return View(template="result.html", status=200, language=intent.page_language, tone="bad", texts=texts)


def _facts(intent: Intent, *, programme: Programme) -> dict[str, str]:
    """What the payer must see (RTS art. 5(1)(a)): the amount, and the payee's verified name."""
    return {
        "brand": programme.brand,
        "amount": format_amount(intent.amount_minor, intent.currency, intent.page_language),
        "payee": intent.held_for if intent.held else intent.said.get("payee_name", ""),
        "payee_handle": "" if intent.held else intent.said.get("payee_handle", ""),
        "payee_hint": intent.payee_hint,
        "said_note": intent.said.get("note", ""),
        "reference": say(intent.page_language, "reply.reference", reference=intent.reference),
    }
