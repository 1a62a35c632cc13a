"""The proof that a webhook is Meta's, and the answer to Meta's own check."""

import hashlib
import hmac
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.meta_signature import hub_challenge, meta_valid
from tests.channels.meta_golden import load

SECRET = "exemple-secret"
HEADER = "X-Hub-Signature-256"
BODY = rb'{"object":"page","text":"Payer 12,50\u20ac \u00e0 \u0040lucie"}'
SIGNED = "sha256=9fd0cf4d277586f41ea8f7d38a4bfe5e1c7ad9f4b83476a892357fe7330ac68d"
QUERY: dict[str, str] = load("hub_verification_query")["query"]


def sign(body: bytes, secret: str) -> str:
    """The header value that Meta computes, from its documentation's words."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_the_escaped_bytes_are_signed() -> None:
    """The worked example verifies over its bytes, and not once it was parsed and written again."""
    again = '{"object":"page","text":"Payer 12,50€ à @lucie"}'.encode()
    assert meta_valid({HEADER: SIGNED}, BODY, [SECRET])
    assert not meta_valid({HEADER: SIGNED}, again, [SECRET])
    assert sign(again, SECRET) == "sha256=c2cc8238807c9e36e2d4d82a05593bf6e2bea671ba23c15b6bbe93f2dc89d8cb"


def test_the_case_of_the_name_does_not_matter() -> None:
    """API Gateway may write the header's name as it likes."""
    assert meta_valid({HEADER.lower(): SIGNED}, BODY, [SECRET])
    assert meta_valid({HEADER.upper(): SIGNED}, BODY, [SECRET])


def test_rotation() -> None:
    """Each live secret verifies, and an empty one among them does no harm."""
    assert meta_valid({HEADER: SIGNED}, BODY, ["new-secret", "", SECRET])
    assert not meta_valid({HEADER: SIGNED}, BODY, ["new-secret", "other"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"other": SIGNED},
        {HEADER: ""},
        {HEADER: "sha256="},
        {HEADER: SIGNED.removeprefix("sha256=")},
        {HEADER: SIGNED.replace("sha256", "sha1")},
        {HEADER: SIGNED.upper()},
        {HEADER: "sha256=" + SIGNED.removeprefix("sha256=").upper()},
        {HEADER: SIGNED + " "},
        {HEADER: SIGNED[:-1]},
        {HEADER: "sha256=é" + SIGNED[8:]},
        {HEADER: "sha256=\ud800"},
        {"X-Hub-Signature": SIGNED},
        {"X-Hub-Signature": "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
        {HEADER: "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()},
        {"x-twitter-webhooks-signature": SIGNED},
    ],
)
def test_wrong_headers(headers: dict[str, str]) -> None:
    """A header that is missing, of SHA-1 or not ASCII is False and no exception."""
    assert not meta_valid(headers, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_missing_secret_fails_closed(secrets: list[str]) -> None:
    """Without a secret nothing is genuine, not even what an empty key signed."""
    assert not meta_valid({HEADER: sign(BODY, "")}, BODY, secrets)
    assert not meta_valid({}, BODY, secrets)


@given(body=st.binary(max_size=60), place=st.integers(0, 10**6), other=st.integers(1, 255))
def test_any_changed_byte_is_refused(body: bytes, place: int, other: int) -> None:
    """A body with one byte changed or one added is not genuine."""
    headers = {HEADER: sign(body, SECRET)}
    assert meta_valid(headers, body, [SECRET])
    assert not meta_valid(headers, body + b" ", [SECRET])
    if body:
        changed = bytearray(body)
        changed[place % len(body)] ^= other
        assert not meta_valid(headers, bytes(changed), [SECRET])


def test_challenge() -> None:
    """Meta's own sample is answered with its challenge, by each live token."""
    assert hub_challenge(QUERY, ["meatyhamhock"]) == "1158201444"
    assert hub_challenge(QUERY, ["new-token", "", "meatyhamhock"]) == "1158201444"


@pytest.mark.parametrize("tokens", [[], [""], ["other"], ["meatyhamhoc"], ["meatyhamhockk"], ["MEATYHAMHOCK"]])
def test_challenge_with_another_token(tokens: list[str]) -> None:
    """Whoever does not know the token gets nothing back."""
    assert hub_challenge(QUERY, tokens) is None


@pytest.mark.parametrize("token", ["", None])
def test_no_token_is_no_match_of_no_token(token: str | None) -> None:
    """Where neither side has a token, nobody is let in."""
    query = {key: value for key, value in QUERY.items() if key != "hub.verify_token"}
    assert hub_challenge(query if token is None else {**query, "hub.verify_token": token}, [""]) is None
    assert hub_challenge(query, []) is None


@pytest.mark.parametrize(
    "changed",
    [
        *({"hub.mode": mode} for mode in ("unsubscribe", "", "Subscribe", "subscribe ")),
        *({"hub.challenge": text} for text in ("", "<script>", "a b", "1\n", "\n1", "é", "１", "a" * 129, "{}", "1.5")),
        *({"hub.verify_token": text} for text in ("é", "\ud800", "meatyhamhock\0")),
    ],
)
def test_unusual_challenges(changed: dict[str, str]) -> None:
    """Another mode, or a challenge that a browser could read as more than a word, is not answered."""
    assert hub_challenge({**QUERY, **changed}, ["meatyhamhock"]) is None


def test_a_query_without_anything() -> None:
    """Somebody who just looks at the URL gets nothing back."""
    assert hub_challenge({}, ["meatyhamhock"]) is None
    assert hub_challenge({"hub.verify_token": "meatyhamhock", "hub.challenge": "1"}, ["meatyhamhock"]) is None


@given(st.text(max_size=130))
def test_what_is_given_back_is_one_plain_word(challenge: str) -> None:
    """No reflected text holds anything but letters, digits, - and _."""
    answer = hub_challenge({**QUERY, "hub.challenge": challenge}, ["meatyhamhock"])
    assert answer is None or (answer == challenge and set(answer) <= set(f"{string.ascii_letters}{string.digits}-_"))
