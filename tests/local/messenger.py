"""Somebody's conversation with the page on Messenger, from outside: webhooks in, the page's messages out."""

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chalicelib.config import programme
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents.intent import intent_id
from chalicelib.services import Clock
from local import meta, wire
from local.meta import Element
from local.stages import PROGRAMME
from local.wire import FORM, Answer
from tests.local.town import CODE, Resident, Town

PAGE = programme(PROGRAMME).bots["facebook"].user_id


@dataclass
class Thread:
    """One conversation; `psid` is who the page knows this person as."""

    town: Town
    psid: str

    def deliver(self, *elements: Element) -> Answer:
        """Deliver a webhook that Meta has signed."""
        return wire.deliver_meta(self.town.stack, meta.body(*elements, page=PAGE))

    def write(self, text: str, *, tapped: str = "") -> str:
        """Write a text, or tap a button; returns the id of the order that it makes."""
        element = meta.written(text, page=PAGE, by=self.psid, tapped=tapped)
        assert self.deliver(element).status == 200
        return intent_id("facebook", PAGE, element["message"]["mid"])

    def opens(self, ref: str) -> None:
        """Follow an m.me link for the first time."""
        assert self.deliver(meta.opened(ref, page=PAGE, by=self.psid, first=True)).status == 200

    def taps(self, title: str) -> str:
        """Tap a button of the page's last message."""
        (payload,) = [one["payload"] for one in self.messages()[-1]["buttons"] if one["title"] == title]
        return self.write(title, tapped=payload)

    def messages(self) -> list[dict[str, Any]]:
        """What the page has written to this person, oldest first."""
        every = json.loads(wire.call(f"{self.town.stack.sandbox_url}/messages").body)["data"]
        return [one for one in every if one["to"] == self.psid]

    def hears(self, words: str) -> str:
        """The message with these words, waited for."""

        def found() -> str | None:
            return next((str(one["text"]) for one in self.messages() if words in one["text"]), None)

        return wire.wait_for(found, what=f"a message with {words!r}")


def linked(town: Town, one: Resident, *, label: str = "") -> Thread:
    """A customer's conversation, linked as the desk does."""
    found = thread(town)
    handle = Handle(
        network="facebook", page=PAGE, user_id=found.psid, label=label, person=f"p-{one.handle}", account=one.account,
        name=one.name, language="fr",
    )  # fmt: skip
    assert people.link(town.table, handle, clock=Clock()) is None
    return found


def thread(town: Town) -> Thread:
    """A conversation that nobody has begun yet."""
    return Thread(town, psid=f"88{secrets.randbelow(10**14):014}")


def joined(town: Town, link: str) -> str:
    """Choose a security code on the join page; the ref behind its button."""
    fields = {"link": link, "code": CODE, "again": CODE, "terms": "yes"}
    url = f"{town.stack.page_url.removesuffix('/p')}/j/code"
    page = wire.call(url, method="POST", body=urlencode(fields).encode(), headers=FORM)
    (address,) = re.findall(r'href="(https://m\.me/[^"]+)"', page.body)
    (ref,) = parse_qs(urlsplit(address).query)["ref"]
    return str(ref)
