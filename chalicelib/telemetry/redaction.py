"""What must not be read in a log: phone numbers, IBANs, codes, links, keys, and what people write to each other."""

import re
from collections.abc import Mapping
from typing import Any

REMOVED = "[removed]"
DEEPEST = 16

# Keys are compared in lower case without separators: `securityCode` is `security_code`.
_REMOVED_KEYS = frozenset(
    {"accesssecret", "accesstoken", "apikey", "authorization", "body", "clientsecret", "code", "consumerkey"}
    | {"consumersecret", "cookie", "crctoken", "fulltext", "guess", "iban", "link", "mac", "note", "otp", "password"}
    | {"pin", "responsetoken", "said", "salt", "secret", "securitycode", "setcookie", "signature", "text", "token"}
    | {"typed", "xtwitterwebhookssignature", "xtwitterwebhookssignatureoauth2"}
)
_PHONE_KEYS = frozenset({"mobile", "msisdn", "phone", "phonenumber", "tel", "telephone"})
_ID_KEY = re.compile(r"(?:.*_)?id")

_LINK = re.compile(
    r"/[cjp](?:#|%23)[^\s\"'<>]+"  # behind the page's address
    r"|(?<![\w-])[\w-]{12,200}\.[\w-]{1,3}\.[\w-]{5,12}\.[\w-]{16,}"  # or alone: id.number.expiry.MAC
    r"|(?<![\w-])p_[\w-]{16}_[\w-]{22}(?![\w-])"  # or a ref, which links a chat
)
_CREDENTIAL = re.compile(
    r"\b(?:OAuth|Bearer|Basic)\s+[^\s,;]+"
    r"|\boauth_\w+=\"?[^\"\s,&]+"
    r"|\bsha256=[\w+/=-]{32,}"
    r"|(?<!\w)\d{1,20}-[A-Za-z0-9]{30,}",  # an access token of X begins with its user's id
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b((?:security[_ -]?)?code|otp|pin|password|\w*secret|\w*token|link|note)"
    r"([\"']?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s\"'&,;)}\]]+)",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?=([A-Z]{2}\d{2}(?:[ \u00a0\u202f.-]?[A-Z0-9]){11,30}))", re.ASCII | re.IGNORECASE
)
_DIGITS = re.compile(
    r"(?P<kept>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # a UUID, as request ids are
    r"|\b1-[0-9a-f]{8}-[0-9a-f]{24}\b"  # a trace id
    r"|\barn:aws[^\s\"']*"
    r"|(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d[ T][0-2]\d:[0-5]\d)"  # a time
    r"|(?<!\d)(?:[+＋]\s?)?\d(?:[\s.()/\u2010-\u2015-]{0,3}\d){6,}",
)


def redact(value: Any) -> Any:
    """The same value as JSON-able data that may be logged.

    Phone numbers keep their last two digits. What stands under a key that holds a secret or a person's words is
    removed; in any other text IBANs, links and credentials are. An object becomes its redacted text.
    """
    return _redacted(value, key="", depth=0)


def redact_text(text: str, *, is_id: bool = False) -> str:
    """The same text without secrets; with `is_id`, digits alone are no phone number unless they start with 0."""
    text = _LINK.sub("[link]", text)
    text = _NAMED.sub(rf"\1\2{REMOVED}", text)
    text = _CREDENTIAL.sub("[credential]", text)
    text = _without_ibans(text)
    return text if is_id and text.isdigit() and text[0] != "0" else _DIGITS.sub(_masked, text)


def _redacted(value: Any, *, key: str, depth: int) -> Any:
    plain = key.lower().replace("_", "").replace("-", "")
    if value is None or isinstance(value, bool):
        return value
    if plain in _REMOVED_KEYS or depth > DEEPEST:
        return REMOVED
    if isinstance(value, Mapping):
        return {redact_text(str(name)): _redacted(one, key=str(name), depth=depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(one, key=key, depth=depth + 1) for one in value]
    if isinstance(value, int | float):
        return _number(value, phone=plain in _PHONE_KEYS)
    return _string(str(value), key=key, phone=plain in _PHONE_KEYS)


def _string(text: str, *, key: str, phone: bool) -> str:
    if phone:
        return "***" + text[-2:]
    return redact_text(text, is_id=_ID_KEY.fullmatch(key) is not None)


def _number(value: float, *, phone: bool) -> float | str:
    # As numbers, phones have 11 or 12 digits: more than seconds since 1970, less than milliseconds.
    return f"***{int(value) % 100:02}" if phone or 10**10 <= value < 10**12 else value


def _masked(match: re.Match[str]) -> str:
    digits = [character for character in match[0] if character.isdigit()]
    is_post_id = match[0].isdigit() and 17 <= len(digits) <= 19
    is_short = len(digits) < 9 and match[0][0] not in "+＋"
    return match[0] if match["kept"] or is_post_id or is_short else "***" + "".join(digits[-2:])


def _without_ibans(text: str) -> str:
    kept, place = [], 0
    for match in _IBAN.finditer(text):
        end = _iban_end(text, match)
        if end and match.start() >= place:
            kept.append(text[place : match.start()] + "[iban]")
            place = end
    return "".join(kept) + text[place:]


def _iban_end(text: str, match: re.Match[str]) -> int:
    """Where an IBAN ends by its check digits (ISO 13616), at the end of a word; 0 if there is none."""
    for end in range(match.end(1), match.start() + 14, -1):
        iban = [one for one in text[match.start() : end] if one.isalnum()]
        if text[end - 1].isalnum() and not text[end : end + 1].isalnum() and _checks(iban):
            return end
    return 0


def _checks(iban: list[str]) -> bool:
    return int("".join(str(int(one, 36)) for one in iban[4:] + iban[:4])) % 97 == 1
