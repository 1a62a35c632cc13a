"""What may not be read in a log."""

import json
import re
import string
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.telemetry.redaction import REMOVED, redact

LINK = "AbCdEfGhIjKl-_01.1.1784928824.aaaaBBBBccccDDDDeeee_-"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("call +33 6 12 34 56 78 now", "call ***78 now"),
        ("+33612345678", "***78"),
        ("＋33612345678", "***78"),
        ("06.12.34.56.78", "***78"),
        ("06-12-34-56-78", "***78"),
        ("0033 6 12 34 56 78", "***78"),
        ("+33 (0)6 12 34 56 78", "***78"),
        ("090‐1234‐5678", "***78"),
        ("０９０１２３４５６７８", "***７８"),
        ("tel:0612345678;", "tel:***78;"),
        ("06\u00a012\u00a034\u202f56 78", "***78"),
        ("0612345678 0699999999", "***99"),
        ("pay FR76 3000 6000 0112 3456 7890 189 now", "pay [iban] now"),
        ("de89370400440532013000.", "[iban]."),
        ("GB29NWBK60161331926819", "[iban]"),
        ("AB12 FR7630006000011234567890189", "AB12 [iban]"),
        (f"https://pay.example/p#{LINK} ok", "https://pay.example[link] ok"),
        (f"https://pay.example/p%23{LINK}&x", "https://pay.example[link]"),
        (
            f"Pour le recevoir : https://pay.example/c#{LINK} Ce lien",
            "Pour le recevoir : https://pay.example[link] Ce lien",
        ),
        (f"secret part {LINK}", "secret part [link]"),
        ("https://m.me/123?ref=p_UxFTGgi86CoPUF2V_AbCdEfGhIjKlMnOpQrStUv", "https://m.me/123?ref=[link]"),
        ("link=abc&code=482913", f"link={REMOVED}&code={REMOVED}"),
        ('{"code": "482913", "a": 1}', f'{{"code": {REMOVED}, "a": 1}}'),
        ("Person(code='48 29 13', age=3)", f"Person(code={REMOVED}, age=3)"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: [credential]"),
        ('OAuth oauth_token="370773112-abc", oauth_signature="x"', '[credential], [credential]"'),
        ("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "[credential]"),
        ("sha256=Fq5Q7XjbcMvGpsN3HqdrptNEbII28FpMDSMyy3dxyQQ=", "[credential]"),
    ],
)
def test_secrets_in_a_text(text: str, redacted: str) -> None:
    """Phones keep two digits; IBANs, links, codes and credentials go, however they are written."""
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "status 503 after 3 tries in 1250 ms",
        "post 2080765813578191303 read",
        "amount_minor 12500000",
        "due 2026-07-24",
        "2026-07-24 21:23:23,123+0000",
        "2026-07-24T21:23:23.000Z",
        "request 550e8400-e29b-41d4-a716-446655440000",
        "Root=1-5759e988-123456789012345678901234",
        "arn:aws:sqs:eu-west-3:123456789012:envoi-prod-inbox",
        "chalicelib.channels.twitter_envelopes.parts",
        "own_post",
        "",
    ],
)
def test_what_stays(text: str) -> None:
    """What an operator needs stays: ids, times, counts, names of resources."""
    assert redact(text) == text


def test_keys_that_hold_secrets() -> None:
    """A value under a secret's key goes whole, however the key is spelt and deep it lies."""
    for key in (
        "code",
        "security_code",
        "securityCode",
        "note",
        "text",
        "Authorization",
        "access-token",
        "link",
        "said",
    ):
        assert redact([{"a": {key: {"deep": "value"}}}]) == [{"a": {key: REMOVED}}]
        assert redact({key: 482913}) == {key: REMOVED}


def test_keys_of_phones() -> None:
    """A phone under its own key keeps two digits, as a text or a number."""
    assert redact({"phone": "612345"}) == {"phone": "***45"}
    assert redact({"phone": 33612345608}) == {"phone": "***08"}
    assert redact({"to": 33612345678}) == {"to": "***78"}


def test_ids_and_times_as_numbers() -> None:
    """Digits under an id's key, and seconds, milliseconds and amounts as numbers, are no phones."""
    kept = {
        "author_id": "2244994945",
        "expires_at": 1_784_928_824,
        "timestamp_ms": 1_784_928_224_372,
        "amount_minor": 1,
    }
    assert redact(kept | {"ok": True, "none": None, "rate": 0.5}) == kept | {"ok": True, "none": None, "rate": 0.5}
    assert redact({"author_id": "0612345678"}) == {"author_id": "***78"}


@dataclass
class Person:
    """An object that somebody might log."""

    phone: str
    code: str


def test_objects_become_redacted_text() -> None:
    """An object is logged by its text, redacted: none slips through the JSON encoder."""
    shown = redact({"person": Person(phone="+33612345678", code="482913")})
    assert shown == {"person": f"Person(phone='***78', code={REMOVED})"}
    assert redact(b"call 0612345678") == "b'call ***78'"
    assert redact(ValueError("0612345678")) == "***78"
    assert redact({"+33612345678": ("0612345678", {"0612345678"})}) == {"***78": ["***78", ["***78"]]}


def test_endless_nesting() -> None:
    """A value that holds itself ends."""
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    assert REMOVED in json.dumps(redact(loop))


def test_long_texts_take_linear_time() -> None:
    """Adversarial texts of 200 kB are redacted; a quadratic pattern would not come back in the test's life."""
    for part in ("1", "12345 ", "a", "a.", "A1", "FR76 ", "code", "code=", "OAuth ", "+", "/p", "1-", "a-b."):
        redact(part * (200_000 // len(part)))


around = st.text(alphabet=string.ascii_letters + string.digits + string.punctuation + " é\n", max_size=12)
separators = st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f", " - "])


@st.composite
def phones(draw: st.DrawFn) -> str:
    """A phone number as people write it: international or national, grouped or not."""
    digits = draw(st.text("0123456789", min_size=9, max_size=12))
    prefix = draw(st.sampled_from(["+33", "+81 ", "0033", "+1 ", "0", "+44 (0)"]))
    size, separator = draw(st.integers(1, 4)), draw(separators)
    return prefix + separator.join(digits[place : place + size] for place in range(0, len(digits), size))


@st.composite
def ibans(draw: st.DrawFn) -> str:
    """A valid IBAN, grouped by four or not, in capitals or not."""
    country = draw(st.text(string.ascii_uppercase, min_size=2, max_size=2))
    rest = draw(st.text(string.ascii_uppercase + string.digits, min_size=11, max_size=30))
    number = int("".join(str(int(one, 36)) for one in rest + country + "00"))
    iban = f"{country}{98 - number % 97:02}{rest}"
    separator = draw(st.sampled_from(["", " "]))
    grouped = separator.join(iban[place : place + 4] for place in range(0, len(iban), 4))
    return draw(st.sampled_from([grouped, grouped.lower()]))


def digits_of(text: str) -> str:
    """Only the digits of a text."""
    return re.sub(r"\D", "", text)


@given(phones(), around, around)
@settings(max_examples=500, deadline=None)
def test_no_full_phone_survives(phone: str, before: str, after: str) -> None:
    """Of a phone number in any text at most two digits are left, and under any structure."""
    assume(not before[-1:].isdigit() and not after[:1].isdigit())
    for value in (f"{before} {phone} {after}", {"a": [f"{before}{phone}"]}, {"x_id": phone}, {phone: 1}):
        shown = json.dumps(redact(value), ensure_ascii=False)
        assert phone not in shown
        assert digits_of(phone)[:-2] not in digits_of(shown)


@given(ibans(), around, around)
@settings(max_examples=500, deadline=None)
def test_no_iban_survives(iban: str, before: str, after: str) -> None:
    """An IBAN in any text is gone, whatever words stand before and behind it."""
    shown = redact({"a": f"{before} {iban} {after}"})["a"]
    assert iban not in shown


WORD = string.ascii_letters + string.digits + "-_"
public_ids = st.text(WORD, min_size=16, max_size=16)
expiries = st.integers(10**9, 10**10 - 1).map(str) | st.text(WORD, min_size=6, max_size=7)
macs = st.text(WORD, min_size=22, max_size=22)


@given(st.tuples(public_ids, st.integers(1, 99).map(str), expiries, macs), around)
@settings(deadline=None)
def test_no_link_survives(parts: tuple[str, str, str, str], before: str) -> None:
    """Neither a link's address nor its secret part alone is left in a text."""
    secret, mac = ".".join(parts), parts[3]
    for text in (f"{before} {secret}", f"{before}https://x.example/p#{secret}", f"({secret})", f"a={secret}"):
        assert mac not in redact(text)


@given(code=st.text("0123456789", min_size=6, max_size=6), key=st.sampled_from(["code", "pin", "security_code", "otp"]))
def test_no_code_survives(code: str, key: str) -> None:
    """A code under its key, or named in a text, is gone."""
    for value in (
        {key: code},
        f"{key}={code}",
        f'"{key}": "{code}"',
        {"error": f"bad {key}: {code}"},
        f"({key}='{code}')",
    ):
        assert code not in json.dumps(redact(value))


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.floats() | st.binary(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
@settings(deadline=None)
def test_any_value_is_taken(value: Any) -> None:
    """Whatever is logged, redacting it never fails, gives JSON-able data, and does nothing more the second time."""
    once = redact(value)
    json.dumps(once)
    assert json.dumps(redact(once)) == json.dumps(once)
