"""Webhook bodies that are almost X's: golden events and real orders, cut, doubled, retyped, deepened, blown up."""

import copy
import json
import re
from typing import Any

from hypothesis import strategies as st

from chalicelib.channels import Named
from local.sandbox import envelopes, network
from local.sandbox.network import Draft
from tests.bank import BOT, IDS, NOON
from tests.channels import golden

ORDERS = (
    "@Smoneyfr #envoyer 10 € @bob pour la pizza",
    "@Smoneyfr #send 12.50 € @bob",
    "@Smoneyfr #don 7 @croixbleue",
    "@bob @Smoneyfr #don 7 @croixbleue",
    "@Smoneyfr #annuler",
    "@Smoneyfr #aide",
    "@Smoneyfr #associer 482913",
    "@Smoneyfr #envoyer 1 000 € @bob &amp; 3 < 4",
)
HOSTILE = (
    "\ud800", "\udfff", "\u202e", "\u2066", "\u200d", "\ufeff", "\x00", "\x7f", "\u2028", "＠", "＃", "￥", "é",
    "e\u0301", "٣", "一万", "👨‍👩‍👧", "&#64;", "&amp;lt;", "&#x110000;", "&#55296;", "@bob", "@Smoneyfr", "#envoyer",
    "€", "99", "-", "\\",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    *golden.JUNK, 10**4_000, 2**63, 2**64, -0.0, 1e308, float("nan"), float("inf"), "1" * 19, "9" * 20, "0", "-1", "١٢",
    "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "Mon Feb 30 00:00:00 +0000 2026",
    "99999999999999", "true", "post.mention.create", "dm.received", "oauth.revoke", [0, 10**9], [3, 1], BOT.user_id,
    {"data": {"id": "101", "username": "alice"}},
)  # fmt: skip
TEXTUAL = (
    (b'"data"', b'"data":{},"data"'), (b'"text"', b'"text":"x","text"'), (b'"id"', b'"id":"1","id"'), (b":", b":NaN,"),
    (b'"', b""), (b"}", b""), (b"{", b"\xff{"), (b"{", b"\xef\xbb\xbf{"), (b"0", b"0e999999"), (b"1", b"01"),
    (b"@bob", b"\xed\xa0\x80"), (b"@bob", b"\\ud800"), (b"@bob", b"\\u0000"), (b'"', b"'"), (b"{", b"[" * 5_000),
    (b"{", b'{"a":' * 5_000), (b",", b"," + b" " * 1_100_000),
)  # fmt: skip

# What one change may blow a value up to, in characters.
LARGEST = 400_000


def order(text: str, number: int = 1) -> list[Any]:
    """The parsed webhooks of Alice's post to the bot, one in each of X's two APIs."""
    people = [Named(user_id=user_id, handle=name) for name, user_id in IDS.items() if user_id != BOT.user_id]
    bot = Named(user_id=BOT.user_id, handle=BOT.handle)
    draft = Draft(author=Named(user_id=IDS["alice"], handle="alice"), text=text)
    post = network.marked(
        network.alone(draft, new_id=network.snowflake(NOON - 60, number), now=NOON - 60), [bot, *people]
    )
    webhooks = [
        *envelopes.of_post(post, bot=bot),
        *envelopes.of_post(post, bot=bot, envelope=envelopes.ACCOUNT_ACTIVITY),
    ]
    return [json.loads(one.body) for one in webhooks]


SEEDS = [*golden.bodies(), *(body for number, text in enumerate(ORDERS) for body in order(text, number) * 5)]


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Bytes of a webhook with up to four changes in its values, and perhaps one in its letters."""
    body = copy.deepcopy(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.sampled_from((0, 1, 1, 2, 4)))):
        body = _changed(draw, body)
    ascii_only = draw(st.sampled_from((True, True, False)))
    written = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 4)) == 0:
        old, new = draw(st.sampled_from(TEXTUAL))
        places = [found.start() for found in re.finditer(re.escape(old), written)] or [0]
        place = draw(st.sampled_from(places))
        written = written[:place] + new + written[place + len(old) :]
    return written


def _changed(draw: st.DrawFn, body: Any) -> Any:
    """A body with one change, somewhere."""
    paths = golden.paths(body)
    if draw(st.booleans()):
        path = draw(st.sampled_from([one for one in paths if isinstance(_at(body, one), str)] or [()]))
        return golden.mutated(body, path, _spoiled(draw, _at(body, path)))
    path = draw(st.sampled_from(paths))
    if draw(st.integers(0, 4)) == 0:
        return _without(body, path)
    return golden.mutated(body, path, _other(draw, _at(body, path), body))


def _other(draw: st.DrawFn, value: Any, body: Any) -> Any:
    """Something else in the place of a value: odd, from elsewhere in the body, deeper, larger, or a number."""
    match draw(st.sampled_from(("odd", "swap", "deepen", "enlarge", "number"))):
        case "odd":
            return copy.deepcopy(draw(st.sampled_from(ODD)))
        case "swap":
            return copy.deepcopy(_at(body, draw(st.sampled_from(golden.paths(body)))))
        case "deepen":
            return _wrapped(value, draw(st.sampled_from((1, 2, 40, 400))))
        case "enlarge":
            return _larger(value, draw(st.sampled_from((2, 30, 2_000))))
    return draw(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("0123456789", max_size=22))


def _at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def _without(body: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return {}
    changed = copy.deepcopy(body)
    del _at(changed, path[:-1])[path[-1]]
    return changed


def _wrapped(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = {"data": value} if level % 2 else [value]
    return value


def _larger(value: Any, times: int) -> Any:
    times = min(times, LARGEST // (len(repr(value)) + 1) + 1)
    if isinstance(value, dict):
        return value | {f"more{number}": number for number in range(times)}
    return value * times if isinstance(value, (list, str)) else [value] * times


def _spoiled(draw: st.DrawFn, value: Any) -> Any:
    text = str(value)
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(st.sampled_from(HOSTILE)) + text[place:]
