"""Two wishes at once: whichever comes second in the middle of the first, there is one outcome, and each is told it."""

from collections.abc import Callable, Sequence

import pytest

from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.table import Ambiguous, Rejection, Write, account_key, intent_key
from local import meta
from tests.bank import CODE, Bank
from tests.chat import PAGE, PSID, Chat, current, customer

BOB = "4237571439620832"


@pytest.fixture
def alice(bank: Bank) -> Chat:
    """Alice's conversation, with Bob to be paid."""
    customer(bank, "bob", psid=BOB, label="bob")
    return customer(bank, "alice", psid=PSID)


@pytest.fixture
def intent(alice: Chat) -> Intent:
    """A payment that waits."""
    made = alice.write("envoyer 10 € @bob")
    assert made is not None
    return made


def meanwhile(bank: Bank, touches: str, deed: Callable[[], object]) -> None:
    """Do something just before the next transaction that touches an order is written."""
    plain, done = bank.table.transact, list[bool]()

    def interrupted(writes: Sequence[Write], *, token: str) -> Rejection | None:
        if not done and any(write.key == intent_key(touches) for write in writes):
            done.append(True)
            deed()
        return plain(writes, token=token)

    bank.table.transact = interrupted  # type: ignore[method-assign]  # one table of one test


def confirms(chat: Chat, link: str) -> Callable[[], lifecycle.Outcome]:
    """Type the right code behind a link."""
    return lambda: lifecycle.confirm(chat.bank.services, link, CODE)


def test_paid_while_the_sms_is_asked_for(alice: Chat, intent: Intent) -> None:
    """The payment stands, no link is sent, and the chat says that it is paid."""
    link = alice.bank.link(intent)
    alice.bank.sms.sent.clear()
    meanwhile(alice.bank, intent.id, confirms(alice, link))
    made = alice.write("…", tapped=f"again:{intent.id}")
    assert made and (made.refusal, made.target) == (Refusal.NOT_PENDING, intent.id)
    assert (current(alice.bank, intent).status, alice.bank.available("bob")) == ("paid", 1_000)
    assert not [text for _, text in alice.bank.sms.sent if "#" in text]
    assert alice.texts[-1].startswith("Vous avez payé 10,00")


def test_the_sms_is_asked_for_while_it_is_paid(alice: Chat, intent: Intent) -> None:
    """The link that was typed behind is dead; nothing moved, no attempt is gone, and the new link pays."""
    link = alice.bank.link(intent)
    meanwhile(alice.bank, intent.id, lambda: alice.write("…", tapped=f"again:{intent.id}"))
    assert confirms(alice, link)().refusal is Refusal.LINK_REPLACED
    assert (alice.bank.available("bob"), alice.bank.account("alice")["attempts"]) == (0, 0)
    assert confirms(alice, alice.bank.link(current(alice.bank, intent)))().refusal is None


def test_paid_while_cancel_is_tapped(alice: Chat, intent: Intent) -> None:
    """It is paid, and the tap is told so."""
    meanwhile(alice.bank, intent.id, confirms(alice, alice.bank.link(intent)))
    made = alice.write("…", tapped=f"cancel:{intent.id}")
    assert made and (made.status, made.refusal) == ("refused", Refusal.NOTHING_TO_CANCEL)
    assert (current(alice.bank, intent).status, alice.bank.available("bob")) == ("paid", 1_000)


def test_cancel_is_tapped_while_it_is_paid(alice: Chat, intent: Intent) -> None:
    """It is cancelled, and no attempt is gone."""
    meanwhile(alice.bank, intent.id, lambda: alice.write("…", tapped=f"cancel:{intent.id}"))
    outcome = confirms(alice, alice.bank.link(intent))()
    assert (outcome.refusal, current(alice.bank, intent).status) == (Refusal.NOT_PENDING, "cancelled")
    assert (alice.bank.available("bob"), alice.bank.account("alice")["attempts"]) == (0, 0)


def test_two_taps_at_once_send_two_links_of_two_numbers(alice: Chat, intent: Intent) -> None:
    """Each is a wish of its own; the last one is good, and no number was sent twice."""
    alice.bank.sms.sent.clear()
    meanwhile(alice.bank, intent.id, lambda: alice.write("…", tapped=f"again:{intent.id}"))
    assert (made := alice.write("confirmer")) and made.refusal is None
    assert current(alice.bank, intent).link_number == 3
    links = {text.partition("#")[2][:18] for _, text in alice.bank.sms.sent}
    assert links <= {f"{intent.id}.2", f"{intent.id}.3"} and f"{intent.id}.3" in links


def test_the_cap_of_links_holds_in_parallel(alice: Chat, intent: Intent) -> None:
    """The third tap finds that the second took the last one."""
    for _ in range(2):
        alice.write("confirmer")
    meanwhile(alice.bank, intent.id, lambda: alice.write("…", tapped=f"again:{intent.id}"))
    alice.write("…", tapped=f"again:{intent.id}")
    taps = [item.get("refusal") for item in alice.bank.table.items.values() if item.get("order") == "confirm"]
    assert sorted(map(str, taps)) == ["None", "None", "None", "links_too_many"]
    assert current(alice.bank, intent).link_number == 4


def test_a_tap_that_is_delivered_twice_at_once_is_one(alice: Chat, intent: Intent) -> None:
    """The second delivery comes while the first is written."""
    element = meta.written("…", page=PAGE, by=PSID, tapped=f"again:{intent.id}")
    meanwhile(alice.bank, intent.id, lambda: alice.happens(element))
    alice.happens(element)
    assert current(alice.bank, intent).link_number == 2
    assert len([item for item in alice.bank.table.items.values() if item.get("order") == "confirm"]) == 1


def test_repeat_twice_is_two_orders_and_the_money_is_spent_once(alice: Chat, intent: Intent) -> None:
    """Two taps; with money for one, one of them is paid."""
    alice.bank.table.items[account_key("alice")]["available"] = 1_500
    made = [alice.write("…", tapped="repeat") for _ in range(2)]
    links = [alice.bank.link(one) for one in made if one and one.status == "pending"]
    assert len(links) == 2 and intent.id not in links[0]
    meanwhile(alice.bank, str(made[0] and made[0].id), confirms(alice, links[1]))
    assert confirms(alice, links[0])().refusal is Refusal.FUNDS_MISSING
    assert (alice.bank.available("alice"), alice.bank.available("bob")) == (500, 1_000)


@pytest.mark.parametrize("lost", [True, False])
def test_a_tap_whose_answer_gets_lost_is_done_once(alice: Chat, intent: Intent, *, lost: bool) -> None:
    """The table is down before or after it is written: the message comes again."""
    plain = alice.bank.table.transact

    def down(writes: Sequence[Write], *, token: str) -> Rejection | None:
        if lost:
            plain(writes, token=token)
        raise Ambiguous("down")

    alice.bank.table.transact = down  # type: ignore[method-assign]  # one table of one test
    element = meta.written("…", page=PAGE, by=PSID, tapped=f"again:{intent.id}")
    with pytest.raises(Unavailable):
        alice.happens(element)
    alice.bank.table.transact = plain  # type: ignore[method-assign]  # likewise
    alice.happens(element)
    assert current(alice.bank, intent).link_number == 2
