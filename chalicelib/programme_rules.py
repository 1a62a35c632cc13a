"""What no programme may set otherwise: rules of law and of sense, checked when its file is read. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.config import NETWORKS
from chalicelib.money import CURRENCIES
from chalicelib.texts import LANGUAGES

# ASVS 6.5.5: what is sent out of band lives ten minutes at most. RTS art. 4(3)(b): five failures in a row at most.
LONGEST_LINK_SECONDS = 600
MOST_CODE_TRIES = 5
# A claim's list lines and its order are remembered a month; held money is no deposit.
LONGEST_HOLD_SECONDS = 2_592_000
# RTS (EU) 2018/389 art. 10, as changed by (EU) 2022/2360.
LONGEST_PROOF_SECONDS = 180 * 86_400
PAYOUTS = ("none", "zengin", "iban")
KNOWN = frozenset(
    {"brand", "country", "currency", "language", "zone", *NETWORKS}
    | {"durations", "caps", "people", "sms", "limits", "verbs", "claims", "private"}
)


def broken_rules(settings: Mapping[str, Any]) -> list[str]:
    """A sentence for each rule that a programme's settings break."""
    return [
        *_shape(settings),
        *_durations(settings["durations"]),
        *_caps(settings["caps"]),
        *_sms(settings["sms"]),
        *_limits(settings["limits"]),
        *_claims(settings["claims"]),
        *_private(settings["private"]),
    ]


def _shape(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(settings.keys() - KNOWN):
        yield f"{name}: there is no such setting"
    if settings["currency"] not in {currency.code for currency in CURRENCIES}:
        yield f"currency: {settings['currency']} is no currency that we know"
    if settings["language"] not in LANGUAGES:
        yield f"language: {settings['language']} is not one of {', '.join(LANGUAGES)}"
    try:
        ZoneInfo(settings["zone"])
    except (ZoneInfoNotFoundError, ValueError):
        yield f"zone: {settings['zone']} is no time zone, such as Europe/Paris"


def _durations(durations: Mapping[str, int]) -> Iterator[str]:
    yield from _positive("durations", durations)
    if durations["link_seconds"] > LONGEST_LINK_SECONDS:
        yield f"durations.link_seconds: at most {LONGEST_LINK_SECONDS} (ASVS 6.5.5)"
    if durations["link_seconds"] > durations["intent_seconds"]:
        yield "durations.link_seconds: longer than the intent that it confirms"
    if durations["remembered_seconds"] < durations["message_age_seconds"] + durations["intent_seconds"]:
        yield "durations.remembered_seconds: shorter than a message may be old; it would be paid twice"


def _caps(caps: Mapping[str, int]) -> Iterator[str]:
    yield from _positive("caps", caps)
    if caps["code_tries"] > MOST_CODE_TRIES:
        yield f"caps.code_tries: at most {MOST_CODE_TRIES} (RTS art. 4(3)(b))"


def _sms(sms: Mapping[str, str]) -> Iterator[str]:
    if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,11}|", sms["sender_id"]):
        yield f"sms.sender_id: {sms['sender_id']!r} is not 1 to 11 letters and digits with a letter among them"
    if not re.fullmatch(r"0\.\d{1,5}|1(\.0+)?", sms["max_price_usd"]) or not float(sms["max_price_usd"]):
        yield f"sms.max_price_usd: {sms['max_price_usd']!r} is no price of at most 1 dollar, such as 0.20"


def _limits(limits: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for kind, amounts in limits.items():
        yield from _positive(f"limits.{kind}", amounts)
        if not amounts["transfer_minor"] <= amounts["day_minor"] <= amounts["month_minor"]:
            yield f"limits.{kind}: a transfer is at most a day's limit, and that at most a month's"


def _claims(claims: Mapping[str, Any]) -> Iterator[str]:
    if type(claims["offered"]) is not bool:
        yield f"claims.offered: {claims['offered']!r} is neither true nor false"
    yield from _positive("claims", {name: claims[name] for name in ("hold_seconds", "payout_seconds")})
    if type(claims["fee_minor"]) is not int or claims["fee_minor"] < 0:
        yield f"claims.fee_minor: {claims['fee_minor']!r} is no whole number from zero on"
    if type(claims["hold_seconds"]) is int and claims["hold_seconds"] > LONGEST_HOLD_SECONDS:
        yield f"claims.hold_seconds: at most {LONGEST_HOLD_SECONDS}"
    if claims["payout"] not in PAYOUTS:
        yield f"claims.payout: {claims['payout']!r} is not one of {', '.join(PAYOUTS)}"


def _private(private: Mapping[str, Any]) -> Iterator[str]:
    for name in private.keys() - {"proof_seconds"}:
        if type(private[name]) is not bool:
            yield f"private.{name}: {private[name]!r} is neither true nor false"
    proof_seconds = private["proof_seconds"]
    yield from _positive("private", {"proof_seconds": proof_seconds})
    if type(proof_seconds) is int and proof_seconds > LONGEST_PROOF_SECONDS:
        yield f"private.proof_seconds: at most {LONGEST_PROOF_SECONDS} (RTS art. 10)"


def _positive(section: str, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if type(value) is not int or value <= 0:
            yield f"{section}.{name}: {value!r} is no whole number above zero"
