"""The proof that a webhook is X's, and the answer to X's own check."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels.signature import x_response_token, x_valid

SECRET = "exemple-secret"
TOKEN = "M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"
BODY = b'{"data":{"event_type":"post.mention.create"}}'
SIGNED = "sha256=Fq5Q7XjbcMvGpsN3HqdrptNEbII28FpMDSMyy3dxyQQ="
LEGACY = "x-twitter-webhooks-signature"
OAUTH2 = "X-Twitter-Webhooks-Signature-OAuth2"


def sign(body: bytes, secret: str) -> str:
    """The header value that X computes, from its documentation's words."""
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def test_crc_answer() -> None:
    """The CRC is answered with base64, not hex, of the HMAC of the token."""
    assert x_response_token(TOKEN, SECRET) == "sha256=Z/cjwz46etew/WWB4wAidhF7oC4MSHhI1NHQkcao02Q="


@pytest.mark.parametrize(
    "token",
    [
        *("", "short", "a" * 15, "a" * 129, "é" * 20, "１" * 20),
        *(TOKEN + "\n", "\n" + TOKEN, TOKEN + " ", TOKEN + "\0", TOKEN[:20] + "\r\n" + TOKEN[20:]),
        *(BODY.decode(), '{"a":"aaaaaaaaaaaaaaaa"}'),
    ],
)
def test_crc_is_no_signing_oracle(token: str) -> None:
    """Nothing but a whole token of X's alphabet is signed, for an answer is a valid body signature."""
    assert x_response_token(token, SECRET) is None


def test_crc_token_lengths() -> None:
    """Tokens of 16 to 128 characters of base64, URL-safe or not, are answered."""
    assert x_response_token("aZ09+/=_-aZ09+/=", SECRET) == sign(b"aZ09+/=_-aZ09+/=", SECRET)
    assert x_response_token("a" * 128, SECRET) == sign(b"a" * 128, SECRET)


def test_crc_without_secret() -> None:
    """Without a secret the CRC is not answered."""
    assert x_response_token(TOKEN, "") is None


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3).map(str))
def test_crc_answers_no_object(token: str) -> None:
    """No text in braces is ever answered."""
    assert x_response_token(token, SECRET) is None


def test_valid_signature() -> None:
    """The documented example verifies, whatever the case of the header's name."""
    assert x_valid({LEGACY: SIGNED}, BODY, [SECRET])
    assert x_valid({LEGACY.upper(): SIGNED}, BODY, [SECRET])


def test_rotation() -> None:
    """Each live secret verifies, and an empty one among them does no harm."""
    assert x_valid({LEGACY: SIGNED}, BODY, ["new-secret", "", SECRET])
    assert not x_valid({LEGACY: SIGNED}, BODY, ["new-secret", "other"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"other": SIGNED},
        {LEGACY: ""},
        {LEGACY: "sha256="},
        {LEGACY: SIGNED.removeprefix("sha256=")},
        {LEGACY: SIGNED.replace("sha256", "sha1")},
        {LEGACY: SIGNED + "="},
        {LEGACY: SIGNED.lower()},
        {LEGACY: "sha256=é" + SIGNED[8:]},
        {LEGACY: "sha256=\ud800"},
        {LEGACY: "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()},
        {"x-hub-signature-256": SIGNED},
    ],
)
def test_wrong_headers(headers: dict[str, str]) -> None:
    """A header that is missing, of another scheme or not ASCII is False and no exception."""
    assert not x_valid(headers, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_missing_secret_fails_closed(secrets: list[str]) -> None:
    """Without a secret nothing is genuine, not even what an empty key signed."""
    assert not x_valid({LEGACY: sign(BODY, "")}, BODY, secrets)
    assert not x_valid({OAUTH2: sign(BODY, "")}, BODY, secrets, oauth2_secrets=secrets)
    assert not x_valid({}, BODY, secrets)


def test_oauth2_header_alone_counts() -> None:
    """With the OAuth2 header there is no falling back to the legacy one, in neither direction."""
    good, bad = sign(BODY, "client-secret"), sign(BODY, "forged")
    assert x_valid({OAUTH2: good, LEGACY: bad}, BODY, [SECRET], oauth2_secrets=["client-secret"])
    assert not x_valid({OAUTH2: bad, LEGACY: SIGNED}, BODY, [SECRET], oauth2_secrets=["client-secret"])
    assert not x_valid({OAUTH2: "", LEGACY: SIGNED}, BODY, [SECRET], oauth2_secrets=["client-secret"])
    assert not x_valid({OAUTH2: SIGNED}, BODY, [SECRET], oauth2_secrets=["client-secret"])
    assert not x_valid({LEGACY: good}, BODY, [SECRET], oauth2_secrets=["client-secret"])


def test_oauth2_header_without_own_secrets() -> None:
    """Where the operator set no OAuth2 secret, that header is checked against the others."""
    assert x_valid({OAUTH2: SIGNED}, BODY, [SECRET])


@given(body=st.binary(max_size=60), place=st.integers(0, 10**6), other=st.integers(1, 255))
def test_any_changed_byte_is_refused(body: bytes, place: int, other: int) -> None:
    """A body with one byte changed or one added is not genuine, and the raw bytes count: no parsing, no re-writing."""
    headers = {LEGACY: sign(body, SECRET)}
    assert x_valid(headers, body, [SECRET])
    assert not x_valid(headers, body + b" ", [SECRET])
    if body:
        changed = bytearray(body)
        changed[place % len(body)] ^= other
        assert not x_valid(headers, bytes(changed), [SECRET])
