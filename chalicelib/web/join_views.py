"""Which page a step of joining becomes, and with what words. Pure."""

from chalicelib.channels.networks import TITLES
from chalicelib.config import Programme
from chalicelib.identity.joining import Joining
from chalicelib.refusals import Refusal
from chalicelib.texts import say
from chalicelib.web.views import View, plain

_IN_FORM = (
    Refusal.CODE_MALFORMED,
    Refusal.CODES_DIFFER,
    Refusal.CODE_GUESSABLE,
    Refusal.TERMS_MISSING,
    Refusal.CODE_REFUSED,
)
_OWN_PAGE = (Refusal.EXPIRED, Refusal.LINK_EXPIRED, Refusal.LINK_REPLACED, Refusal.LINKS_TOO_MANY)
CHATS = {"facebook": "https://m.me/{page}?ref={ref}"}
"""Where each network opens a chat, and takes a ref along."""
_LABELS = ("title", "code", "again", "help", "go")


def view(joining: Joining, *, programme: Programme, language: str, renewed: bool = False) -> View:
    """The page for a step of joining; without a genuine link the very same one as for a payment."""
    if joining.invitation is None:
        return plain("forged", 403, programme=programme, language=language)
    if joining.pairing_code or joining.ref:
        return _done(joining, programme=programme)
    if renewed and joining.refusal is None:
        return _result("renewed", joining, programme=programme, tone="good")
    if joining.refusal is None or joining.refusal in _IN_FORM:
        return _form(joining, programme=programme)
    if joining.refusal is Refusal.NOT_PENDING:
        return _result("paired", joining, programme=programme, tone="good")
    name = str(joining.refusal) if joining.refusal in _OWN_PAGE else "stale"
    return _result(name, joining, programme=programme, tone="calm")


def _form(joining: Joining, *, programme: Programme) -> View:
    language, facts = _language(joining), _facts(joining, programme=programme)
    texts = {label: say(language, f"join.{label}") for label in _LABELS}
    texts |= {
        "brand": programme.brand,
        "intro": say(language, "join.intro_again" if joining.has_code else "join.intro", handle=facts["handle"]),
        "terms": "" if joining.has_code else say(language, "join.terms", brand=programme.brand, bot=facts["bot"]),
        "terms_more": say(language, "join.terms_more"),
        "error": say(language, f"join.{joining.refusal}") if joining.refusal else "",
        "wrong": "terms" if joining.refusal is Refusal.TERMS_MISSING else "code" if joining.refusal else "",
    }
    tone = "bad" if joining.refusal else "calm"
    return View(template="join.html", status=200, language=language, tone=tone, texts=texts)


def _done(joining: Joining, *, programme: Programme) -> View:
    language, facts = _language(joining), _facts(joining, programme=programme)
    name, order = "done", f"{facts['bot']} #{say(language, 'verb.pair')} {joining.pairing_code}"
    if joining.ref:
        name, order = "done_chat", ""
    texts = {
        "brand": programme.brand,
        "title": say(language, "join.done_title"),
        "body": say(language, f"join.{name}_body", **facts),
        "order": order,
        "help": say(language, f"join.{name}_help", **facts),
        "open": say(language, "join.done_chat_open", **facts),
        "url": _chat_url(joining, programme=programme),
    }
    return View(template="joined.html", status=200, language=language, tone="good", texts=texts)


def _chat_url(joining: Joining, *, programme: Programme) -> str:
    """Where the chat is opened with the ref; empty for an invitation that has none."""
    if not (joining.ref and joining.invitation):
        return ""
    network = joining.invitation.network
    return CHATS[network].format(page=programme.bots[network].handle, ref=joining.ref)


def _result(name: str, joining: Joining, *, programme: Programme, tone: str) -> View:
    language, facts = _language(joining), _facts(joining, programme=programme)
    texts = {
        "brand": programme.brand,
        "title": say(language, f"join.{name}_title"),
        "body": say(language, f"join.{name}_body", **facts),
        "renew": say(language, "join.renew") if name == "link_expired" else "",
    }
    return View(template="result.html", status=200, language=language, tone=tone, texts=texts)


def _facts(joining: Joining, *, programme: Programme) -> dict[str, str]:
    invitation = joining.invitation
    network = invitation.network if invitation else "twitter"
    label = invitation.label if invitation else ""
    return {
        "handle": f"@{label}" if label else TITLES[network],
        "bot": f"@{programme.bots[network].handle}" if label else f"{programme.brand} ({TITLES[network]})",
        "brand": programme.brand,
        "minutes": str(programme.durations.pairing_seconds // 60),
    }


def _language(joining: Joining) -> str:
    return joining.invitation.language if joining.invitation else ""
