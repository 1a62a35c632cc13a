"""Orders in private: whose they are, what they change, and that a message does once what it asks."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.identity import store as people
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, claim_key, handle_key, intent_key
from local import meta
from tests.bank import CODE, HOLDING, NOON, PROGRAMME, Bank
from tests.chat import PAGE, PSID, Chat, confirmed, current, customer

DAY = 86_400
BOB, MALLORY = "4237571439620832", "4237571439620833"


@pytest.fixture
def alice(bank: Bank) -> Chat:
    """Alice's conversation; Bob has one too, and a name that Messenger knows."""
    customer(bank, "bob", psid=BOB, label="bob")
    return customer(bank, "alice", psid=PSID)


def waiting(chat: Chat, text: str = "envoyer 10 € @bob") -> Intent:
    """A payment that waits, with its SMS sent."""
    intent = chat.write(text)
    assert intent and intent.status == "pending"
    chat.bank.sms.sent.clear()
    return intent


def tap(chat: Chat, payload: str) -> Intent:
    """Tap a button with this payload; the order that it makes."""
    made = chat.write("…", tapped=payload)
    assert made is not None
    return made


def test_again_sends_a_second_link_and_the_first_is_dead(alice: Chat) -> None:
    """By SMS alone; the order's own item says for what."""
    intent = waiting(alice)
    first = alice.bank.link(intent)
    again = tap(alice, f"again:{intent.id}")
    assert (again.order, again.status, again.target, again.payer) == ("confirm", "answered", intent.id, "alice")
    ((phone, text),) = alice.bank.sms.sent
    assert (phone, f"#{intent.id}.2." in text) == ("+33612345101", True)
    assert lifecycle.look(alice.bank.services, first).refusal is Refusal.LINK_REPLACED
    assert lifecycle.confirm(alice.bank.services, alice.bank.link(current(alice.bank, intent)), CODE).refusal is None


def test_confirm_means_the_newest_that_waits(alice: Chat) -> None:
    """And not one that came after the message."""
    older = waiting(alice)
    alice.bank.time.move(5)
    newer = waiting(alice)
    assert tap(alice, f"cancel:{newer.id}").status == "answered"
    assert (made := alice.write("confirmer")) and made.target == older.id
    assert current(alice.bank, older).link_number == 2


def test_nothing_waits_nothing_is_sent(alice: Chat) -> None:
    """Nobody's SMS for nothing."""
    assert (made := alice.write("confirmer")) and made.refusal is Refusal.NOTHING_TO_CONFIRM
    assert alice.bank.sms.sent == []


def test_links_are_counted(alice: Chat) -> None:
    """The programme's renewals, whichever way they are asked for; then no SMS more."""
    intent = waiting(alice)
    for number in range(PROGRAMME.caps.link_renewals):
        made = tap(alice, f"again:{intent.id}") if number else alice.write("confirmer")
        assert made and made.refusal is None
    refused = tap(alice, f"again:{intent.id}")
    assert (refused.refusal, refused.target) == (Refusal.LINKS_TOO_MANY, intent.id)
    assert len(alice.bank.sms.sent) == PROGRAMME.caps.link_renewals


def test_a_redelivered_tap_does_nothing_more(alice: Chat) -> None:
    """Neither a second SMS, nor a cancel of something else, nor another answer."""
    intent = waiting(alice)
    for payload in (f"again:{intent.id}", "balance", f"cancel:{intent.id}"):
        element = meta.written("…", page=PAGE, by=PSID, tapped=payload)
        assert alice.happens(element)
        before = ({key: dict(item) for key, item in alice.bank.table.items.items()}, len(alice.texts))
        assert alice.happens(element) is None
        assert ({key: dict(item) for key, item in alice.bank.table.items.items()}, len(alice.texts)) == before


def test_a_cancel_button_cancels_its_own_order(alice: Chat) -> None:
    """Not the newest."""
    older, newer = waiting(alice), waiting(alice)
    assert tap(alice, f"cancel:{older.id}").target == older.id
    assert (current(alice.bank, older).status, current(alice.bank, newer).status) == ("cancelled", "pending")


@pytest.mark.parametrize("payload", ["again", "cancel"])
@pytest.mark.parametrize("how", ["paid", "declined", "cancelled", "expired"])
def test_an_old_button_only_tells_what_became_of_it(alice: Chat, payload: str, how: str) -> None:
    """Nothing is sent, nothing changes."""
    intent = waiting(alice)
    if how == "paid":
        confirmed(alice.bank, intent)
    elif how == "declined":
        lifecycle.decline(alice.bank.services, alice.bank.link(intent))
    elif how == "cancelled":
        alice.write("annuler")
    else:
        alice.bank.time.move(DAY)
    alice.follow()
    alice.bank.sms.sent.clear()
    before = current(alice.bank, intent)
    made = tap(alice, f"{payload}:{intent.id}")
    assert (made.status, made.target) == ("refused", intent.id)
    assert current(alice.bank, intent) == before
    assert alice.bank.sms.sent == []


def foreign(alice: Chat) -> Intent:
    """A payment of Bob's that waits."""
    alice.bank.table.items[account_key("bob")]["available"] = 5_000
    handle = handle_key("facebook", PAGE, PSID)
    alice.bank.table.items[handle]["label"] = "alice"
    alice.bank.table.items["Q#facebook#alice", "0"] = {"PK": "Q#facebook#alice", "SK": "0", "user_id": PSID}
    return waiting(Chat(alice.bank, BOB, alice.chats), "envoyer 10 € @alice")


@pytest.mark.parametrize("name", ["again", "cancel", "pay"])
def test_a_foreign_order_is_answered_like_one_that_is_not_there(alice: Chat, name: str) -> None:
    """Word for word, and neither is touched."""
    theirs = foreign(alice)
    tap(alice, f"{name}:{'A' * 16}")
    tap(alice, f"{name}:{theirs.id}")
    tap(alice, "no button of ours")
    unknown, existing, other = (one.text.rpartition(" Réf.")[0] for one in alice.chats.sent[-3:])
    assert unknown.rpartition("\n")[2] == existing == other
    assert [one.buttons for one in alice.chats.sent[-2:]] == [alice.chats.sent[-3].buttons] * 2
    assert (current(alice.bank, theirs).status, current(alice.bank, theirs).link_number) == ("pending", 1)


def test_a_stranger_learns_as_little(alice: Chat) -> None:
    """Whoever is nobody's customer may tap whatever they have seen of others."""
    intent, mallory = waiting(alice), Chat(alice.bank, MALLORY)
    made = [tap(mallory, f"{name}:{id_}") for name in ("again", "cancel") for id_ in (intent.id, "A" * 16)]
    assert {(one.order, one.refusal, one.target) for one in made} == {("help", None, "")}
    assert current(alice.bank, intent).link_number == 1


def test_a_button_of_another_page_is_none(alice: Chat) -> None:
    """The same person by another way: their own order of X is named by no button of the chat."""
    intent = alice.bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert tap(alice, f"again:{intent.id}").order == "help"
    assert current(alice.bank, intent).link_number == 1


@pytest.mark.parametrize("name", ["again", "cancel", "pay"])
def test_only_payments_have_these_buttons(alice: Chat, name: str) -> None:
    """The id of a question of one's own is no better than one that is not there."""
    asked = tap(alice, "balance")
    assert tap(alice, f"{name}:{asked.id}").order == "help"


@pytest.mark.parametrize("name", ["again", "cancel"])
def test_a_chat_that_is_another_customers_by_now_has_no_old_buttons(alice: Chat, name: str) -> None:
    """The order was Alice's; who is linked now sees nothing of it."""
    intent = waiting(alice)
    alice.bank.table.items[handle_key("facebook", PAGE, PSID)].update(account="bob", person="bob")
    assert tap(alice, f"{name}:{intent.id}").order == "help"
    assert (current(alice.bank, intent).status, current(alice.bank, intent).link_number) == ("pending", 1)


def test_a_cancel_button_takes_back_what_is_held() -> None:
    """It was paid, but nobody has it yet: the sweep gives it back."""
    bank = Bank(programme=HOLDING)
    chat = customer(bank, "alice", psid=PSID)
    bank.table.items["Q#facebook#dora", "0"] = {"PK": "Q#facebook#dora", "SK": "0", "user_id": "888"}
    intent = waiting(chat, "envoyer 10 € @dora")
    confirmed(bank, intent)
    chat.follow()
    made = tap(chat, f"cancel:{intent.id}")
    assert (made.status, made.target) == ("answered", intent.id)
    assert bank.table.items[claim_key(intent.id)]["wish"]
    assert "est annulé : l'argent vous est rendu" in chat.texts[-1]


def test_a_message_that_is_read_late_means_what_was_there_then(bank: Bank) -> None:
    """Not a payment that was ordered after it."""
    older = bank.say("envoyer 10 € @bob", private=True)
    late = bank.services.clock.now() + 2
    bank.time.move(5)
    newer = bank.say("envoyer 20 € @bob", private=True)
    for one in (older, newer):
        bank.list(one)
    made = bank.say("confirmer", private=True, sent_at=late, received_at=late)
    assert (made.order, made.target) == ("confirm", older.id)
    made = bank.say("répéter", private=True, sent_at=late, received_at=late)
    assert (made.order, made.status, made.amount_minor) == ("send", "pending", older.amount_minor)


def test_who_was_unlinked_has_no_button_left(alice: Chat) -> None:
    """Their order waits for its SMS, but this chat has no say any more."""
    intent = waiting(alice)
    people.unlink(alice.bank.table, ("facebook", PAGE), PSID, clock=alice.bank.services.clock)
    for payload in (f"again:{intent.id}", f"cancel:{intent.id}", "balance", "repeat"):
        assert tap(alice, payload).refusal is Refusal.PAYER_UNKNOWN
    assert current(alice.bank, intent).status == "pending"


@pytest.mark.parametrize("payload", ["balance", "history", "contacts"])
@pytest.mark.parametrize(("status", "refusal"), [("open", None), ("frozen", None), ("closed", Refusal.PAYER_CLOSED)])
def test_a_frozen_account_may_be_looked_at(alice: Chat, payload: str, status: str, refusal: Refusal | None) -> None:
    """A closed one not."""
    alice.bank.table.items[account_key("alice")]["status"] = status
    assert tap(alice, payload).refusal is refusal


@pytest.mark.parametrize("word", ["solde", "historique", "contacts"])
def test_what_is_shown_wants_a_proof_of_180_days(alice: Chat, word: str) -> None:
    """RTS art. 10: counted from the linking, or from the day of the last payment, whichever is later."""
    link = alice.bank.table.items[handle_key("facebook", PAGE, PSID)]
    proof = PROGRAMME.private.proof_seconds
    link["linked_at"] = NOON - proof
    assert (made := alice.write(word)) and made.refusal is None
    link["linked_at"] = NOON - proof - 1
    assert (made := alice.write(word)) and made.refusal is Refusal.PROOF_TOO_OLD
    assert "confirmez d'abord un paiement" in alice.texts[-1]
    confirmed(alice.bank, waiting(alice))
    assert (made := alice.write(word)) and made.refusal is None
    alice.bank.time.move(proof + DAY)
    assert (made := alice.write(word)) and made.refusal is Refusal.PROOF_TOO_OLD


def test_nothing_of_what_is_shown_is_stored(alice: Chat) -> None:
    """The order says who asked what, the claim of the answer that it was sent."""
    confirmed(alice.bank, waiting(alice))
    keys = set(alice.bank.table.items)
    for payload in ("balance", "history", "contacts"):
        tap(alice, payload)
    kept = str([alice.bank.table.items[key] for key in set(alice.bank.table.items) - keys])
    assert not [word for word in ("99,00", "9900", "'Bob", "@bob", "+336") if word in kept]


def test_a_conversation_uses_up_no_orders(alice: Chat) -> None:
    """Twenty questions are twenty lines of a list of their own, and the next payment still gets its link."""
    for _ in range(PROGRAMME.caps.orders_a_day + 1):
        alice.bank.time.move(60)
        tap(alice, "balance")
    intent = alice.write("envoyer 10 € @bob")
    assert intent and [text for _, text in alice.bank.sms.sent if f"#{intent.id}.1." in text]


SECRET_FREE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FORGED = st.one_of(
    st.text(max_size=40),
    st.builds("{}:{}".format, st.sampled_from(["again", "cancel", "pay", "pair_yes"]), st.text(max_size=18)),
    st.sampled_from(
        [
            "again:THEIRS",
            "cancel:THEIRS",
            "pay:THEIRS",
            "pay:NOBODYS",
            "again:NOBODYS",
            "balance",
            "history",
            "contacts",
            "repeat",
        ]
    ),
)


@SECRET_FREE
@given(payloads=st.lists(FORGED, min_size=1, max_size=4))
def test_no_payload_touches_what_is_somebody_elses(payloads: list[str]) -> None:
    """Whatever a stranger and a customer send as buttons: Bob's order, money and link stay as they are."""
    bank = Bank()
    customer(bank, "bob", psid=BOB, label="bob")
    alice = customer(bank, "alice", psid=PSID)
    theirs = foreign(alice)
    before = {key: dict(bank.table.items[key]) for key in (intent_key(theirs.id), account_key("bob"))}
    alice.bank.sms.sent.clear()
    for payload in payloads:
        meant = payload.replace("THEIRS", theirs.id).replace("NOBODYS", "B" * 16)
        for chat in (alice, Chat(bank, MALLORY, alice.chats)):
            chat.write("…", tapped=meant) if meant else chat.write("…")
    assert {key: dict(bank.table.items[key]) for key in before} == before
    assert not [phone for phone, _ in bank.sms.sent if phone != "+33612345101"]
    assert not [one.text for one in alice.chats.sent if theirs.id in one.text or "#" in one.text]
