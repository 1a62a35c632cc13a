"""A chat on Messenger for tests: what a person does there, and what the page answers."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.channels import Event
from chalicelib.channels.meta_sending import Outgoing
from chalicelib.channels.networks import network
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents import lifecycle
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent, from_item
from chalicelib.ledger.entry import entry_key, leg_of, sealed, to_item
from chalicelib.notices import change
from chalicelib.notices.chat import send_chat
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.services import Posted, Sent
from chalicelib.table import Put, intent_key
from local import meta
from tests.bank import CODE, PROGRAMME, Bank

PAGE = PROGRAMME.bots["facebook"].user_id
PSID = "4237571439620831"
_numbers = itertools.count(1)


@dataclass
class FakeChats:
    """Messenger: remembers what the page wrote; `answers` are given first."""

    sent: list[Outgoing] = field(default_factory=list)
    answers: list[Posted] = field(default_factory=list)

    def send(self, message: Outgoing) -> Posted:
        """Remember a message."""
        self.sent.append(message)
        return self.answers.pop(0) if self.answers else Sent("m_1")


@dataclass
class Chat:
    """Somebody's conversation with the page, the stream and the queues behind it included."""

    bank: Bank
    psid: str = PSID
    chats: FakeChats = field(default_factory=FakeChats)

    def write(self, text: str, *, tapped: str = "") -> Intent | None:
        """Write a text, or tap the button with this payload."""
        return self.happens(meta.written(text, page=PAGE, by=self.psid, tapped=tapped))

    def opens(self, ref: str, *, first: bool = False) -> Intent | None:
        """Follow an m.me link; a second after whatever was before, as such an event is told apart by its time."""
        self.bank.time.move(1)
        return self.happens(meta.opened(ref, page=PAGE, by=self.psid, first=first))

    def taps(self, yes: bool) -> Intent | None:  # noqa: FBT001  # Yes or No
        """Answer the last question."""
        button = self.chats.sent[-1].buttons[0 if yes else 1]
        return self.write(button.title, tapped=button.payload)

    def happens(self, element: meta.Element) -> Intent | None:
        """Take one element through the inbox, with all that follows; the order that it made, if it made one."""
        (event,) = self.events(element)
        before = set(self.bank.table.items)
        take(self.bank.services, event)
        new = [key for key in self.bank.table.items if key not in before and key[0].startswith("T#")]
        self.follow()
        return from_item(self.bank.table.items[new[0]]) if new else None

    def events(self, element: meta.Element) -> list[Event]:
        """What the webhook puts into the inbox."""
        body, now = meta.body(element, page=PAGE), self.bank.services.clock.now()
        found = network("facebook", PROGRAMME).split(_at(body, self.bank.time.seconds), received_at=now)
        return [one for one in found if isinstance(one, Event)]

    def follow(self) -> list[Told]:
        """Let the stream's reader and the senders do their work; every delivery that was made."""
        made: list[Told] = []
        while self.bank.table.images:
            images, self.bank.table.images = self.bank.table.images, []
            for write in (write for old, new in images for write in change.listed(old, new)):
                self.bank.table.put(write) if isinstance(write, Put) else self.bank.table.update(write)
            told = [(notice, new) for old, new in images for notice in change.notices(old, new, tries=5)]
            made += [self.deliver(notice, new) for notice, new in told]
        return made

    def deliver(self, notice: change.Notice, new: Mapping[str, Any]) -> Told:
        """Send a notice by its road."""
        told = Told(notice=notice, message_id=f"sns-{next(_numbers)}", network=new.get("network", ""))
        if notice.road == change.REPLIES:
            send_chat(self.bank.services, self.chats, told)
        else:
            send_sms(self.bank.services, told)
        return told

    @property
    def texts(self) -> list[str]:
        """What the page has written so far."""
        return [one.text for one in self.chats.sent]


def customer(bank: Bank, name: str, *, psid: str, label: str = "") -> Chat:
    """The conversation of a customer of the bank, linked with their account of the same name."""
    handle = Handle(
        network="facebook", page=PAGE, user_id=psid, label=label, person=name, account=name, name=name.title()
    )
    assert people.link(bank.table, handle, clock=bank.services.clock) is None
    bank.table.images.clear()
    return Chat(bank, psid)


def confirmed(bank: Bank, intent: Intent) -> None:
    """An order is confirmed by its payer, and the journal has every leg so far."""
    assert lifecycle.confirm(bank.services, bank.link(current(bank, intent)), CODE).refusal is None
    journalled(bank)


def journalled(bank: Bank) -> None:
    """Write the entry of the last leg of each account, in the journal's place: its order is all that matters here."""
    for key, item in list(bank.table.items.items()):
        if key[0].startswith("A#") and item.get("last"):
            entry = sealed(leg_of(item), before="")
            bank.table.items.setdefault(entry_key(entry.account, entry.seq), to_item(entry))


def current(bank: Bank, intent: Intent) -> Intent:
    """An order as it is now."""
    return from_item(bank.table.items[intent_key(intent.id)])


def _at(body: bytes, now: float) -> bytes:
    """A body whose messages were sent now, by the bank's clock."""
    content = json.loads(body)
    for entry in content["entry"]:
        for element in entry["messaging"]:
            element["timestamp"] = round(now * 1000)
    return json.dumps(content).encode()
