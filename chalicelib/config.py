"""What an operator sets: the programme (a TOML file) and the stage (environment variables)."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PROGRAMMES = Path(__file__).parent / "programmes"
NO_FUNCTION = "none"
# A programme is on a network if its file has a section of that name.
NETWORKS = ("twitter", "facebook", "instagram", "whatsapp")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one payer may send to payees of one kind; minor units."""

    transfer_minor: int
    day_minor: int
    month_minor: int


@dataclass(frozen=True, kw_only=True)
class Durations:
    """How long things live; seconds."""

    intent_seconds: int
    link_seconds: int
    message_age_seconds: int
    remembered_seconds: int
    pairing_seconds: int
    invitation_seconds: int


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How many of each are allowed."""

    code_tries: int
    pairing_tries: int
    link_renewals: int
    orders_a_day: int
    waiting_orders: int
    public_replies_a_day: int
    private_replies_a_day: int
    private_answers_in_ten_minutes: int
    note_characters: int


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Whether money for somebody who is not linked is held for them, how long, and for what fee; off by default.

    `payout` is the form of the bank accounts that the payee may name instead: `zengin`, `iban` or `none`. What the
    bank has not sent after `payout_seconds` is told to operators.
    """

    offered: bool
    hold_seconds: int
    fee_minor: int
    payout: str
    payout_seconds: int


@dataclass(frozen=True, kw_only=True)
class Private:
    """What a customer may ask for in a private message.

    Balance, movements and who was paid are shown for `proof_seconds` after the customer was last proved by strong
    authentication (RTS (EU) 2018/389 art. 10: 180 days at most).
    """

    balance: bool
    history: bool
    contacts: bool
    repeat: bool
    proof_seconds: int


@dataclass(frozen=True, kw_only=True)
class People:
    """Who may be a customer: a mobile number of the programme's country, and a bank account in one of these."""

    iban_countries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SmsSettings:
    """How text messages are sent: the name that phones show (empty: a number), and what one may cost, in US dollars."""

    sender_id: str
    max_price_usd: str


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The account on a network that orders are addressed to."""

    handle: str
    user_id: str


@dataclass(frozen=True, kw_only=True)
class Programme:
    """One bank's brand: country, currency, verbs, limits. A stage runs one."""

    name: str
    brand: str
    country: str
    currency: str
    language: str
    zone: str
    bots: Mapping[str, Bot]
    verbs: Mapping[str, tuple[str, ...]]
    verb_languages: Mapping[str, str]
    limits: Mapping[str, Limits]
    durations: Durations
    caps: Caps
    people: People
    sms: SmsSettings
    claims: Claims
    private: Private


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Where one deployment finds its table, queues, topic, keys and secrets; all by name."""

    name: str
    programme: str
    table: str
    inbox_url: str
    topic_arn: str
    changes_dead_url: str
    entries_dead_url: str
    replies_url: str
    page_url: str
    code_key: str
    link_secret: str
    claim_secret: str
    holders_function: str
    x_secret: str
    x_api_url: str
    meta_secret: str
    graph_url: str

    @property
    def linking_url(self) -> str:
        """So does the page behind a chat's button that links an account."""
        return f"{self.page_url.removesuffix('/p')}/l"

    @property
    def join_url(self) -> str:
        """The join page stands beside the confirm page."""
        return f"{self.page_url.removesuffix('/p')}/j"

    @property
    def claim_url(self) -> str:
        """So does the page of held money."""
        return f"{self.page_url.removesuffix('/p')}/c"


@cache
def programme(name: str) -> Programme:
    """Read a programme from its TOML file, laid over `defaults.toml`.

    Raises FileNotFoundError for a name without a file, KeyError for a missing setting, TypeError for an unknown one,
    and ValueError that names each rule of `programme_rules` that it breaks.
    """
    from chalicelib.programme_rules import broken_rules  # noqa: PLC0415  # it reads `money` and `texts` once

    settings = _overlay(_toml("defaults"), _toml(name))
    if broken := broken_rules(settings):
        raise ValueError(f"programmes/{name}.toml: {'; '.join(broken)}")
    return Programme(
        name=name,
        brand=settings["brand"],
        country=settings["country"],
        currency=settings["currency"],
        language=settings["language"],
        zone=settings["zone"],
        bots={network: Bot(**settings[network]) for network in NETWORKS if network in settings},
        verbs={
            order: tuple(word for words in languages.values() for word in words)
            for order, languages in settings["verbs"].items()
        },
        verb_languages=_languages(settings["verbs"]),
        limits={kind: Limits(**values) for kind, values in settings["limits"].items()},
        durations=Durations(**settings["durations"]),
        caps=Caps(**settings["caps"]),
        sms=SmsSettings(**settings["sms"]),
        claims=Claims(**settings["claims"]),
        private=Private(**settings["private"]),
        people=People(iban_countries=tuple(settings["people"]["iban_countries"])),
    )


def stage(environ: Mapping[str, str] = os.environ) -> Stage:
    """Read the stage from `ENVOI_*` variables; none of them is a secret."""
    name = environ.get("ENVOI_STAGE", "dev")
    return Stage(
        name=name,
        programme=environ.get("ENVOI_PROGRAMME", "smoney"),
        table=environ.get("ENVOI_TABLE", f"envoi-{name}"),
        inbox_url=environ.get("ENVOI_INBOX_URL", ""),
        topic_arn=environ.get("ENVOI_TOPIC_ARN", ""),
        changes_dead_url=environ.get("ENVOI_CHANGES_DEAD_URL", ""),
        entries_dead_url=environ.get("ENVOI_ENTRIES_DEAD_URL", ""),
        replies_url=environ.get("ENVOI_REPLIES_URL", ""),
        page_url=environ.get("ENVOI_PAGE_URL", ""),
        code_key=environ.get("ENVOI_CODE_KEY", f"alias/envoi-{name}-code"),
        link_secret=environ.get("ENVOI_LINK_SECRET", f"envoi-{name}-link"),
        claim_secret=environ.get("ENVOI_CLAIM_SECRET", f"envoi-{name}-claim"),
        holders_function=environ.get("ENVOI_HOLDERS_FUNCTION", NO_FUNCTION),
        x_secret=environ.get("ENVOI_X_SECRET", f"envoi-{name}-x"),
        x_api_url=environ.get("ENVOI_X_API_URL", "https://api.x.com"),
        meta_secret=environ.get("ENVOI_META_SECRET", f"envoi-{name}-meta"),
        graph_url=environ.get("ENVOI_GRAPH_URL", "https://graph.facebook.com"),
    )


def _languages(verbs: Mapping[str, Mapping[str, list[str]]]) -> dict[str, str]:
    """The language of each verb that only one language has."""
    pairs = [
        (word, language) for by_language in verbs.values() for language, words in by_language.items() for word in words
    ]
    return {
        word: language for word, language in pairs if {other for same, other in pairs if same == word} == {language}
    }


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((PROGRAMMES / f"{name}.toml").read_text(encoding="utf-8"))


def _overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = _overlay(below[name], value) if both else value
    return merged
