"""Golden bodies of X, and the mutations of them that tests try."""

import copy
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

EVENTS = Path(__file__).parent.parent / "events" / "x"
BOT_ID = "1111111111111111111"
JUNK: list[Any] = [None, True, False, 0, -1, 10**30, 1.5, "", "x", "é\ud800", [], {}, [[]], [None], {"id": 1}, [1, 2]]


def load(name: str) -> Any:
    """A golden body, parsed."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def account_activity(*tweets: Any, **more: Any) -> dict[str, Any]:
    """The envelope of the Account Activity API around v1.1 Tweets."""
    return {"for_user_id": BOT_ID, "tweet_create_events": list(tweets), **more}


def bodies() -> list[Any]:
    """Every golden body, the bare Tweets in their envelope."""
    names = [path.stem for path in sorted(EVENTS.glob("*.json"))]
    return [account_activity(load(name)) if name.startswith("v11") else load(name) for name in names]


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of each value inside a parsed body."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [at, *(path for key, child in children for path in paths(child, (*at, key)))]


def mutated(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a body with another value at a path."""
    if not path:
        return value
    changed = copy.deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def mutations() -> st.SearchStrategy[Any]:
    """A golden body of X with one to three of its values replaced by something of the wrong kind."""
    return mutations_of(bodies())


@st.composite
def mutations_of(draw: st.DrawFn, originals: Sequence[Any]) -> Any:
    """One of these bodies with one to three of its values replaced by something of the wrong kind."""
    body = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 3))):
        body = mutated(body, draw(st.sampled_from(paths(body))), draw(st.sampled_from(JUNK)))
    return body


def activity(text: str, *, event_type: str = "post.mention.create", **fields: Any) -> dict[str, Any]:
    """A post event of the X Activity API with this text, its mentions and range as X computes them; see `entities`."""
    body: dict[str, Any] = load("xaa_post_mention_create")
    shown = [0, len(text)]
    payload = {"text": text, "display_text_range": shown, "entities": {"mentions": entities(text)}, **fields}
    body["data"]["event_type"] = event_type
    body["data"]["payload"] |= payload
    return body


PEOPLE = {"exampleuser": BOT_ID, "superpipou": "3333333333333333333", "lucie": "4444444444444444444"}


def entities(text: str) -> list[dict[str, Any]]:
    """X's v2 mention entities of a text: places count code points."""
    found = re.finditer(r"[@＠](\w+)", text, re.ASCII)
    return [
        {"start": one.start(), "end": one.end(), "username": one[1], "id": PEOPLE[one[1].lower()]}
        for one in found
        if one[1].lower() in PEOPLE
    ]


def tweet(text: str, **fields: Any) -> dict[str, Any]:
    """A v1.1 Tweet with this text, to the bot."""
    body: dict[str, Any] = load("v11_tweet_reply")
    for key in ("in_reply_to_status_id", "in_reply_to_user_id", "in_reply_to_screen_name"):
        body[key] = None
        body[f"{key}_str"] = None
    return body | {"text": text, "entities": {"user_mentions": v1_entities(text)}, **fields}


def v1_entities(text: str) -> list[dict[str, Any]]:
    """X's v1.1 mention entities of a text; the numeric ids are rounded as in X's own samples."""
    return [
        {
            "screen_name": one["username"],
            "id": int(float(one["id"])),
            "id_str": one["id"],
            "indices": [one["start"], one["end"]],
        }
        for one in entities(text)
    ]
