"""Messenger as people have it: each one's conversation with the page, what they do in it, and Meta's 24 hours."""

import hashlib
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalicelib.config import Bot
from local import meta
from local.sandbox.envelopes import Parcel
from local.sandbox.network import Refused

# Messages that answer are taken for so long after the person's own last one (Meta docs, standard messaging window).
WINDOW_SECONDS = 86_400
CHARACTERS = 2_000
KEPT = 500
SHOWN = 200
STRANGER = "somebody unknown"
_PSID = re.compile(r"\d{1,19}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a person did; `kind` is text, tap, open or unlink, `id` that of the message, if it is one.

    A line of the kind `refused` tells that Meta did not take an answer to them.
    """

    id: str
    by: str
    at: float
    text: str
    kind: str


@dataclass
class Messenger:
    """Everybody's conversation with one page; `carry` takes each webhook, `answers` tells what the page has written."""

    page: Bot
    carry: Callable[[Parcel], None]
    answers: Callable[[], Sequence[Mapping[str, Any]]]
    said: "deque[Line]" = field(default_factory=lambda: deque(maxlen=KEPT))
    late: set[str] = field(default_factory=set)
    refusals: "deque[Line]" = field(default_factory=lambda: deque(maxlen=KEPT))

    def do(self, name: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """Do as the person whose id is `by`: write `text`, tap `payload` of `message`, open `link`, unlink.

        `later` with `on` puts Meta's clock a day ahead for their conversation, or right again.
        """
        deeds = {"write": self._write, "tap": self._tap, "open": self._open, "unlink": self._unlink}
        deeds["later"] = self._turn
        by = str(wish.get("by", ""))
        if not _PSID.fullmatch(by):
            return Refused("There is no such person on Messenger.")
        return deeds[name](by, wish)

    def reaches(self, psid: str) -> bool:
        """Whether the page may answer somebody now: a person whom this sandbox has not seen has just written."""
        now = time.time()
        last = max((line.at for line in self.said if line.by == psid), default=now)
        return now - last + (WINDOW_SECONDS if psid in self.late else 0) < WINDOW_SECONDS

    def refuse(self, psid: str, error: str) -> None:
        """Note in somebody's conversation that Meta refused an answer, and with which error."""
        text = f"Meta refused an answer: {error}"
        self.refusals.append(Line(id=meta.new_mid(), by=psid, at=time.time(), text=text, kind="refused"))

    def told(self) -> dict[str, Any]:
        """The page's @name, the id of a person unknown to the bank, whose clock is ahead, and the newest lines.

        A line has id, with, at, kind, text and buttons; its kind is `answer` if the page wrote it. The buttons of an
        answer go when something comes after it, those that link stay.
        """
        own = (*self.said, *self.refusals)
        lines: list[dict[str, Any]] = [{**asdict(line), "with": line.by, "buttons": []} for line in own]
        lines += [{**one, "with": one["to"], "kind": "answer"} for one in self.answers()]
        lines.sort(key=lambda one: float(one["at"]))
        last = {one["with"]: one["id"] for one in lines if one["kind"] != "refused"}
        shown = [{**one, "buttons": _left(one, last=last.get(one["with"]) == one["id"])} for one in lines[-SHOWN:]]
        kept = ("id", "with", "at", "kind", "text", "buttons")
        return {
            "page": self.page.handle,
            "stranger": psid(STRANGER),
            "late": sorted(self.late),
            "lines": [{name: one[name] for name in kept} for one in shown],
        }

    def _write(self, by: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        text = str(wish.get("text", "")).strip()
        if not 0 < len(text) <= CHARACTERS:
            return Refused(f"A message has 1 to {CHARACTERS:,} characters.")
        return self._sent(by, meta.written(text, page=self.page.user_id, by=by), kind="text", text=text)

    def _tap(self, by: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        shown = [line for line in self.told()["lines"] if line["with"] == by and line["id"] == wish.get("message")]
        buttons = [one for line in shown for one in line["buttons"] if one["payload"] == wish.get("payload")]
        if not buttons or not buttons[0]["payload"]:
            return Refused("That button is gone.")
        title, payload = buttons[0]["title"], buttons[0]["payload"]
        element = meta.written(title, page=self.page.user_id, by=by, tapped=payload)
        return self._sent(by, element, kind="tap", text=title)

    def _open(self, by: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        ref = self._ref(str(wish.get("link", "")).strip())
        if isinstance(ref, Refused):
            return ref
        first = not any(line.by == by for line in self.said)
        element = meta.opened(ref, page=self.page.user_id, by=by, first=first)
        text = "Opened the link and tapped Get Started" if first else "Opened the link"
        return self._sent(by, element, kind="open", text=text)

    def _unlink(self, by: str, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._sent(by, meta.unlinked(page=self.page.user_id, by=by), kind="unlink", text="Unlinked the account")

    def _turn(self, by: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        if not isinstance(wish.get("on"), bool):
            return Refused("A clock is turned on or off.")
        (self.late.add if wish["on"] else self.late.discard)(by)
        return {"late": sorted(self.late)}

    def _ref(self, link: str) -> str | Refused:
        """The ref of an m.me link to this page, by its @name or id; what is no address is a ref itself."""
        if "/" not in link:
            return link or Refused("Paste the link of the join page’s button, or its ref.")
        url = urlsplit(link if "://" in link else f"https://{link}")
        refs = parse_qs(url.query).get("ref", [])
        if url.hostname != "m.me" or url.path.strip("/") not in (self.page.handle, self.page.user_id):
            return Refused(f"That is no link to https://m.me/{self.page.handle}.")
        return refs[0] if refs else Refused("That link has no ref.")

    def _sent(self, by: str, element: meta.Element, *, kind: str, text: str) -> Mapping[str, Any]:
        told = element.get("message") or element.get("postback") or {}
        line = Line(id=told.get("mid") or meta.new_mid(), by=by, at=time.time(), text=text, kind=kind)
        self.said.append(line)
        event = next(name for name in element if name not in ("sender", "recipient", "timestamp"))
        body = meta.body(element, page=self.page.user_id)
        self.carry(Parcel(event=event, about=line.id, body=body, network="facebook"))
        return {"id": line.id}


DEEDS = ("write", "tap", "open", "unlink", "later")


def psid(whom: str) -> str:
    """The id by which the page knows somebody whom nobody has linked yet: always the same one."""
    return str(77 * 10**14 + int(hashlib.sha256(whom.encode()).hexdigest(), 16) % 10**14)


def _left(line: Mapping[str, Any], *, last: bool) -> Sequence[Mapping[str, Any]]:
    return [button for button in line["buttons"] if last or not button["payload"]]
