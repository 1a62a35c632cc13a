"""What of a post's text counts, and whom it names there (X docs: indices count code points of the escaped text)."""

import html
import re

from chalicelib.channels import Named
from chalicelib.channels.fields import Raw

# Links to media and to a quoted post, which X puts behind the text.
_LINKS = re.compile(r"(?:\s|https://t\.co/\w+)*")


def shown(payload: Raw) -> tuple[int, int]:
    """Where the author's own words start and end: without the names of an automatic reply prefix.

    What stands behind the display range is left out only if it is nothing but links: an amount must not be cut.
    """
    text: str = payload["text"]
    start, end = payload["display_text_range"] or (0, len(text))
    return min(start, len(text)), min(end, len(text)) if _LINKS.fullmatch(text, min(end, len(text))) else len(text)


def readable(payload: Raw) -> str:
    """The shown words with HTML entities decoded, once: cut first, as the range counts the escaped text."""
    start, end = shown(payload)
    return html.unescape(payload["text"][start:end]).strip()


def named(payload: Raw) -> tuple[Named, ...]:
    """Whom the shown words name, in order, each with the id that X gives and the @name as typed."""
    start, end = shown(payload)
    found = []
    for mention in payload["mentions"]:
        place = _place(payload["text"], mention, within=(start, end))
        if place is not None and start <= place[0] and place[1] <= end:
            found.append((place[0], Named(user_id=mention["id"], handle=payload["text"][place[0] + 1 : place[1]])))
    return tuple(name for _, name in sorted(found, key=lambda one: one[0]))


def _place(text: str, mention: Raw, *, within: tuple[int, int]) -> tuple[int, int] | None:
    """Where a mention stands: its indices if the @name is really there, else where the shown words have the @name."""
    start, end = mention["start"], mention["end"]
    if re.fullmatch("[@＠]" + mention["username"], text[start:end], re.ASCII | re.IGNORECASE):
        return start, end
    # twitter-text: no mention right behind these characters, nor with a letter, an @ or :// right behind it.
    alone = rf"(?<![A-Za-z0-9_!#$%&*@＠])[@＠]{mention['username']}(?![A-Za-z0-9_@＠\u00c0-\u024f]|://)"
    match = re.compile(alone, re.ASCII | re.IGNORECASE).search(text, *within)
    return match.span() if match else None
