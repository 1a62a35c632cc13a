"""The story that support tells of an order or of a message that made none."""

from typing import Any

import pytest

from console.story import story

BASE: dict[str, Any] = {
    "intent": "lxzmZ2eJxhJN_biv",
    "reference": "RQT647",
    "post": "187",
    "order": "send",
    "status": "pending",
    "refusal": None,
    "hint": None,
    "amount_minor": 1_000,
    "currency": "EUR",
    "links": 2,
    "created_at": 1_790_000_000,
    "received_at": 1_790_000_001,
    "expires_at": 1_790_086_400,
    "paid_at": None,
    "ended_at": None,
    "payer": {"handle": "alice", "name": "Alice M", "account": "a-1", "account_status": "open"}
    | {"attempts": 0, "blocked": False},
    "payee": {"handle": "bob", "name": "Bob D", "account": "a-2", "account_status": "frozen"}
    | {"attempts": 0, "blocked": False},
    "notices": [{"notice": "link#1", "at": 1_790_000_002}],
    "queues": {"inbox": 3, "inbox-dead": 1},
    "dead": [],
    "log": [],
}


def told(**changes: Any) -> str:
    """The whole story with these facts changed."""
    return "\n".join(story(BASE | changes, zone="Europe/Paris"))


def test_a_waiting_order_says_until_when_and_who() -> None:
    """Both sides with @name, verified name and account, as they are now."""
    text = told()
    assert "Order RQT647 (lxzmZ2eJxhJN_biv), post 187: pending." in text
    assert "Payer: @alice, Alice M, account a-1 (open)." in text
    assert "Payee: @bob, Bob D, account a-2 (frozen)." in text
    assert "It waits for its payer until 2026-09-22 16:13:20 CEST; 2 links sent or due." in text
    assert "Queues with messages now: inbox 3." in text


def test_what_happened_stands_in_order_of_time() -> None:
    """Items, claims and log lines are one line of time, whichever of them knows."""
    line = {"at": 1_790_000_002.5, "function": "api", "level": "WARNING", "message": "slow", "facts": {"step": "open"}}
    lines = told(status="paid", paid_at=1_790_000_060, log=[line]).splitlines()
    moments = [one.strip().split("  ", 1)[1] for one in lines if one.startswith("  ")]
    assert moments == [
        "Written on the network.",
        "Received by our webhook.",
        "The notice link 1 was taken up for sending by SMS.",
        "api WARNING: slow step=open",
        "Paid: €10.00 from a-1 to a-2, transfer lxzmZ2eJxhJN_biv.",
    ]


@pytest.mark.parametrize(
    ("status", "words"), [("declined", "declined"), ("cancelled", "cancelled"), ("expired", "expired")]
)
def test_each_end_has_its_sentence(status: str, words: str) -> None:
    """At the moment when it ended."""
    ended = {"ended_at": 1_790_000_100, "expires_at": 1_790_000_100}
    (line,) = [one for one in told(status=status, **ended).splitlines() if "16:15:00" in one]
    assert words in line


def test_one_link_is_no_plural() -> None:
    """Support reads the sentence out."""
    assert "; 1 link sent or due." in told(links=1)


def test_an_operator_s_end_is_not_the_sweep_s() -> None:
    """Before its time only `intent expire` ends an order; from that second on, the sweep does."""
    early, due = (told(status="expired", ended_at=BASE["expires_at"] + later) for later in (-1, 0))
    assert "An operator ended it before its time" in early and "nobody confirmed" not in early
    assert "It expired: nobody confirmed in time." in due and "operator" not in due


def test_the_code_that_blocked_the_account_is_followed_by_the_block() -> None:
    """With the command that lifts it, and whether its holder was told; also when it was lifted since."""
    line: dict[str, Any] = {"at": 1_790_000_002.1, "function": "api", "level": "INFO", "message": "page"}
    wrong = line | {"facts": {"step": "confirm", "outcome": "code_refused"}}
    block = line | {"at": 1_790_000_002.5, "message": "published", "facts": {"kind": "blocked", "subject": "a-1"}}
    notice = block | {"at": 1_790_000_002.9, "message": "notice"}
    notice["facts"] = block["facts"] | {"outcome": "sent"}
    lines = [one.split("  ", 2)[-1] for one in told(log=[notice, block, wrong]).splitlines()]
    place = lines.index("api: page step=confirm outcome=code_refused")
    assert lines[place + 1 : place + 3] == [
        "Too many wrong codes in a row blocked account a-1: `console account unblock a-1`.",
        "Its holder was told of the block by SMS.",
    ]
    notice["facts"] |= {"outcome": "nobody"}
    assert "was told of the block" not in told(log=[notice, block, wrong])


def test_a_refused_order_says_why_and_what_to_type() -> None:
    """The hint is the sentence that its author got."""
    text = told(status="refused", refusal="amount_missing", hint="Say how much.", currency="", payee=None, payer=None)
    assert "Read as: send, refused: amount_missing." in text
    assert "Its author is answered: Say how much." in text


def test_a_block_and_a_dead_letter_are_pointed_out() -> None:
    """With the command that mends each."""
    dead = [{"queue": "sms-links-dead", "message": "m-1", "about": "the notice link", "subject": "lxz"}]
    text = told(payer=BASE["payer"] | {"attempts": 5, "blocked": True}, dead=dead)
    blocked = "Wrong codes in a row on the payer's account: 5; the account is blocked: `console account unblock a-1`."
    assert blocked in text
    assert "DEAD in sms-links-dead: the notice link lxz, message m-1" in text


def test_a_message_without_an_order_is_told_by_logs_and_dead_letters() -> None:
    """As a dropped one is."""
    line = {"at": 1_790_000_001.0, "function": "read_orders", "level": "INFO", "message": "dropped"}
    facts: dict[str, Any] = {
        "intent": None,
        "post": "187",
        "queues": {},
        "dead": [],
        "log": [line | {"facts": {"reason": "repost"}}],
    }
    text = "\n".join(story(facts, zone="Europe/Paris"))
    assert "No order is stored" in text
    assert "Dropped (repost): it repeats another post." in text


def test_a_reversal_stands_in_the_story_of_its_payment() -> None:
    """Who asked, who decided and what waits for whom; why is the operators' own."""
    asked = {
        "id": "R1",
        "amount_minor": 400,
        "currency": "EUR",
        "created_at": 1_790_000_100,
        "requested_by": "arn:odile",
    }
    sides = {"payer": "a-2", "payee": "a-1", "decided_by": "arn:rachid", "said": {"reason": "secret"}}
    paid = asked | sides | {"status": "paid", "paid_at": 1_790_000_200, "ended_at": 0}
    declined = asked | sides | {"id": "R2", "status": "declined", "paid_at": 0, "ended_at": 1_790_000_300}
    waits = asked | sides | {"id": "R3", "status": "requested", "paid_at": 0, "ended_at": 0}
    text = told(status="paid", paid_at=1_790_000_060, reversals=[paid, declined, waits])
    assert "Reversal R1 of €4.00 was requested by arn:odile." in text
    assert "Given back: €4.00 from a-2 to a-1, agreed to by arn:rachid." in text
    assert "Reversal R2 was declined by arn:rachid." in text
    assert "`console reversal approve R3`" in text
    assert "`console reversal approve R1`" not in text
    assert "secret" not in text
