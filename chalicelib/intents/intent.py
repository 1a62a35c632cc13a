"""An intent: an order to pay that waits for its payer; `pending` is left once.

| status      | means                                                                    |
|-------------|--------------------------------------------------------------------------|
| `pending`   | waits for the payer's security code                                      |
| `paid`      | the money moved, to the payee or into what is held for them (`claim`);   |
|             | the item is the transfer too                                             |
| `declined`  | the payer said no on the page                                            |
| `cancelled` | the payer took it back by message                                        |
| `expired`   | nobody answered in time                                                  |
| `refused`   | never waited: `refusal` says why                                         |
| `answered`  | no payment was asked for (help), or the order has done its work (cancel) |
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from chalicelib.channels.networks import TITLES
from chalicelib.conditions import Clause, Item
from chalicelib.ledger.account import SUSPENSE
from chalicelib.ledger.claim import OPEN, Claim
from chalicelib.ledger.transfer import Transfer
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.table import Part, intent_key

# The orders that pay somebody.
PAYMENTS = ("send", "give")
# The orders that ask whether a chat is to be linked, and that leave all as it was; `pair` binds.
ASKED, DECLINED = "pairing_asked", "pairing_declined"
_REFERENCE_LETTERS = "23456789BCDFGHJKMNPQRTVWXYZ"
_REFERENCE_LENGTH = 6


@dataclass(frozen=True, kw_only=True)
class Intent:
    """An order as it is stored. Amounts in minor units, times in epoch seconds, `sent_millis` in milliseconds.

    `credited` is the payee's sub-balance that a payment went to, if it has some. A payment to somebody who is not
    linked is `held`: its `payee` is suspense, `payee_user` whom it is for on its network and page, and `fee_minor` is
    held with the amount. `choices` are the keys of those whom its payee may be, where the author was asked. `waiting`
    is a claim for an author who wrote in private and is not linked. `said` holds what may be erased later without
    touching the books: note, names and @names.
    """

    id: str
    order: str
    status: str
    network: str
    page: str
    author_id: str
    message_id: str
    language: str
    private: bool
    created_at: int
    received_at: int
    sent_millis: int = 0
    refusal: Refusal | None = None
    payer: str = ""
    payer_person: str = ""
    payer_language: str = ""
    paid_reply: bool = False
    payee: str = ""
    payee_person: str = ""
    payee_kind: str = ""
    payee_shards: int = 0
    payee_user: str = ""
    amount_minor: int = 0
    fee_minor: int = 0
    currency: str = ""
    expires_at: int = 0
    link_number: int = 1
    paid_at: int = 0
    credited: str = ""
    target: str = ""
    choices: str = ""
    waiting: str = ""
    correlation_id: str = ""
    ttl: int = 0
    said: dict[str, str] = field(default_factory=dict)

    def transfer(self, *, to: str, moved_micros: int) -> Transfer:
        """The transfer that this intent becomes when it is confirmed: to the payee's account or a sub-balance of it."""
        return Transfer(
            id=self.id,
            payer=self.payer,
            payee=to,
            amount_minor=self.amount_minor + self.fee_minor,
            currency=self.currency,
            moved_micros=moved_micros,
        )

    def claim(self, *, now: int, hold_seconds: int) -> Claim:
        """The claim that a held payment opens when it is confirmed."""
        return Claim(
            id=self.id,
            status=OPEN,
            payer=self.payer,
            payer_person=self.payer_person,
            network=self.network,
            page=self.page,
            user_id=self.payee_user,
            amount_minor=self.amount_minor,
            fee_minor=self.fee_minor,
            currency=self.currency,
            opened_at=now,
            expires_at=now + hold_seconds,
            correlation_id=self.correlation_id,
        )

    @property
    def held(self) -> bool:
        """Whether the payment is held for somebody who is not linked yet."""
        return self.payee == SUSPENSE

    @property
    def held_for(self) -> str:
        """Whom money is held for, as the payer named them; the network, where it has no @names."""
        handle = self.said.get("payee_handle")
        return f"@{handle}" if handle else TITLES[self.network]

    @property
    def payee_hint(self) -> str:
        """The end of the payee's number, where the payer knows them by it: then they see no more than `shown_name`."""
        return self.said.get("payee_hint", "")

    @property
    def payee_known_as(self) -> str:
        """What an account remembers the payee by: their account, or the identity that a payment is held for."""
        return f"{self.network}#{self.page}#{self.payee_user}" if self.held else self.payee

    @property
    def page_language(self) -> str:
        """The payer's own language for pages; `language` is the post's, for public answers."""
        return self.payer_language or self.language

    @property
    def reference(self) -> str:
        """What a person quotes to the support desk: six letters and digits that cannot be misread."""
        return reference(self.id)


def intent_id(network: str, page: str, origin_id: str) -> str:
    """The 96-bit id, 16 characters, that one message always gets, however often and in what envelope it comes."""
    return identifier(network, page, origin_id)


def reference(intent: str) -> str:
    """The short reference of an intent's id."""
    number = int.from_bytes(hashlib.sha256(f"reference|{intent}".encode()).digest()[:8])
    letters = []
    for _ in range(_REFERENCE_LENGTH):
        number, index = divmod(number, len(_REFERENCE_LETTERS))
        letters.append(_REFERENCE_LETTERS[index])
    return "".join(letters)


def to_item(intent: Intent) -> dict[str, Any]:
    """The item of an intent; what is empty is left out."""
    key, sort = intent_key(intent.id)
    item: dict[str, Any] = {"PK": key, "SK": sort}
    for name, value in vars(intent).items():
        if name != "id" and (value or name in ("private", "link_number")):
            item[name] = str(value) if isinstance(value, Refusal) else value
    return item


def from_item(item: Item) -> Intent:
    """Read an intent from its item."""
    known = {name: item[name] for name in Intent.__dataclass_fields__ if name in item}
    if "refusal" in known:
        known["refusal"] = Refusal(known["refusal"])
    return Intent(id=item["PK"].removeprefix("T#"), **known)


def settle(intent: Intent, transfer: Transfer, *, link_number: int, now: int) -> Part:
    """The intent's leg of the confirming transaction: it is paid once, unchanged, in time, by its newest link.

    The `ttl` goes: from now on the item is the journal, and names the sub-balance that was credited, if one was.
    """
    credited = {"credited": transfer.payee} if transfer.payee != intent.payee else {}
    return Part(
        clauses=(
            *_waits(now),
            _unchanged("amount_minor", intent.amount_minor),
            _unchanged("fee_minor", intent.fee_minor),
            _unchanged("payer", intent.payer),
            _unchanged("payee", intent.payee),
            *((_unchanged("payee_user", intent.payee_user),) if intent.held else ()),
            Clause(attribute="link_number", operator="=", value=link_number, means=Refusal.LINK_REPLACED),
        ),
        assign={"status": "paid", "paid_at": now, "moved_micros": transfer.moved_micros, **credited},
        remove=("ttl",),
    )


def end(status: str, *, now: int) -> Part:
    """Leave `pending` without a payment: declined or cancelled."""
    return Part(clauses=_waits(now), assign={"status": status, "ended_at": now})


def expire(*, now: int) -> Part:
    """Leave `pending` because its time is over; refused while it is not."""
    over = Clause(attribute="expires_at", operator="<=", value=now, means=Refusal.STALE)
    return Part(clauses=(_PENDING, over), assign={"status": "expired", "ended_at": now})


def unrenewable(intent: Intent, *, renewals: int, now: int) -> Refusal | None:
    """Why no other link is sent for an intent: it waits no more, its time is over, or it had this many already."""
    if intent.status != "pending":
        return Refusal.NOT_PENDING
    if intent.expires_at <= now:
        return Refusal.EXPIRED
    return Refusal.LINKS_TOO_MANY if intent.link_number > renewals else None


def renew_link(link_number: int, *, now: int) -> Part:
    """Make the link with this number the last one that is dead: the next number is good from now on."""
    current = Clause(attribute="link_number", operator="=", value=link_number, means=Refusal.LINK_REPLACED)
    return Part(clauses=(*_waits(now), current), add={"link_number": 1})


def owned(payer: str) -> Part:
    """Only the payer's own intent."""
    return Part(clauses=(Clause(attribute="payer", operator="=", value=payer, means=Refusal.NOTHING_TO_CANCEL),))


_PENDING = Clause(attribute="status", operator="=", value="pending", means=Refusal.NOT_PENDING)


def _waits(now: int) -> tuple[Clause, ...]:
    return (
        _PENDING,
        Clause(attribute="expires_at", operator=">", value=now, means=Refusal.EXPIRED),
    )


def _unchanged(attribute: str, value: Any) -> Clause:
    """An attribute is as it was read; what is empty is not stored."""
    if not value:
        return Clause(attribute=attribute, operator="absent", means=Refusal.INTENT_CHANGED)
    return Clause(attribute=attribute, operator="=", value=value, means=Refusal.INTENT_CHANGED)
