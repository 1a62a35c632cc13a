"""The last payment once more: the same payee, amount and note, with every check anew, once for each message."""

from dataclasses import replace

import pytest

from chalicelib.identity import store as people
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, handle_key
from local import meta
from tests.bank import BOT, HOLDING, IDS, PROGRAMME, Bank
from tests.chat import PAGE, PSID, Chat, confirmed, current, customer, journalled
from tests.intents.past import ALICE, bank_of_three, paid

DAY = 86_400
BOB = "4237571439620832"


@pytest.fixture
def alice(bank: Bank) -> Chat:
    """Alice's conversation; Bob has one too, and a name that Messenger knows."""
    journalled(bank)
    customer(bank, "bob", psid=BOB, label="bob")
    return customer(bank, "alice", psid=PSID)


def ordered(chat: Chat, text: str = "envoyer 10 € @bob pour la pizza") -> Intent:
    """An order as it was stored."""
    intent = chat.write(text)
    assert intent is not None
    return intent


def same(one: Intent, other: Intent) -> bool:
    """Whether two orders say the same."""
    facts = [
        (it.order, it.payer, it.payee, it.payee_kind, it.amount_minor, it.currency, it.said.get("note"))
        for it in (one, other)
    ]
    return facts[0] == facts[1]


@pytest.mark.parametrize("how", ["répéter", "repeat", "もう一度"])
def test_the_last_payment_is_ordered_again(alice: Chat, how: str) -> None:
    """With its note; a new order that waits for its own SMS and code."""
    first = ordered(alice)
    again = ordered(alice, how)
    assert again.status == "pending"
    assert same(again, first) and again.id != first.id
    assert f"#{again.id}.1." in alice.bank.sms.sent[-1][1]
    confirmed(alice.bank, again)
    assert alice.bank.available("bob") == 1_000
    assert current(alice.bank, first).status == "pending"


@pytest.mark.parametrize("ended", ["paid", "cancelled", "waits"])
def test_whatever_became_of_it(alice: Chat, ended: str) -> None:
    """The newest order to pay, not the newest that was paid."""
    first = ordered(alice)
    if ended == "paid":
        confirmed(alice.bank, first)
    elif ended == "cancelled":
        ordered(alice, "annuler")
    alice.follow()
    assert same(ordered(alice, "répéter"), first)


def test_of_several_the_newest(alice: Chat) -> None:
    """Neither a refused one, nor a question in between."""
    ordered(alice, "envoyer 5 € @bob")
    alice.bank.time.move(2)
    newest = ordered(alice, "envoyer 6 € @bob")
    alice.bank.time.move(2)
    for text in ("envoyer 300 € @bob", "envoyer @bob", "solde", "bonjour"):
        ordered(alice, text)
    assert same(ordered(alice, "répéter"), newest)


def test_further_back_the_journal_knows(alice: Chat) -> None:
    """The last payment, although a day is over; not what came in since, nor what was only ordered."""
    paid = ordered(alice)
    confirmed(alice.bank, paid)
    alice.bank.time.move(40 * DAY)
    funding = ledger.funding("more", payee="alice", amount_minor=500, currency="EUR")
    assert ledger.fund(alice.bank.table, funding, clock=alice.bank.services.clock) is None
    journalled(alice.bank)
    again = ordered(alice, "répéter")
    assert again.status == "pending"
    assert same(again, paid)


def test_there_is_nothing_to_repeat(alice: Chat) -> None:
    """Money that came in is none of theirs to repeat, also where somebody paid it."""
    alice.bank.table.items[account_key("bob")]["available"] = 5_000
    theirs = alice.bank.say("@Smoneyfr #envoyer 10 € @alice", author="bob")
    confirmed(alice.bank, theirs)
    alice.bank.time.move(2 * DAY)
    assert ordered(alice, "répéter").refusal is Refusal.NOTHING_TO_REPEAT


def test_a_payment_by_tweet_is_repeated_in_the_chat(alice: Chat) -> None:
    """The payee is looked for where they were named."""
    first = alice.bank.say("@Smoneyfr #envoyer 12 € @bob")
    alice.bank.list(first)
    again = ordered(alice, "répéter")
    assert (again.status, again.network, again.payee, again.amount_minor) == ("pending", "facebook", "bob", 1_200)


def test_a_gift_is_a_gift_again(alice: Chat) -> None:
    """With the limits of causes."""
    first = alice.bank.say("@Smoneyfr #donner 400 € @croixbleue")
    alice.bank.list(first)
    again = ordered(alice, "répéter")
    assert (again.order, again.status, again.payee_kind) == ("give", "pending", "charity")


def test_a_redelivered_tap_repeats_nothing(alice: Chat) -> None:
    """It is keyed by its message; two taps are two orders, each with a code of its own."""
    ordered(alice)
    element = meta.written("…", page=PAGE, by=PSID, tapped="repeat")
    alice.bank.time.move(1)
    made = alice.happens(element)
    assert made and alice.happens(element) is None
    orders = [item for item in alice.bank.table.items.values() if item.get("order") == "send"]
    assert len(orders) == 2
    alice.bank.time.move(1)
    assert alice.write("…", tapped="repeat")
    assert len({text for _, text in alice.bank.sms.sent}) == 3


@pytest.mark.parametrize(
    ("account", "values", "refusal"),
    [
        ("alice", {"available": 999}, Refusal.FUNDS_MISSING),
        ("alice", {"status": "frozen"}, Refusal.PAYER_FROZEN),
        ("alice", {"day": "2026-09-21", "spent_day": 49_500, "spent_month": 49_500}, Refusal.OVER_DAY_LIMIT),
        ("bob", {"status": "frozen"}, Refusal.PAYEE_FROZEN),
        ("bob", {"status": "closed"}, Refusal.PAYEE_CLOSED),
    ],
)
def test_everything_is_checked_anew(alice: Chat, account: str, values: dict[str, object], refusal: Refusal) -> None:
    """What was good a minute ago may be so no more."""
    ordered(alice)
    alice.bank.table.items[account_key(account)].update(values)
    assert ordered(alice, "répéter").refusal is refusal


def test_a_payee_who_is_no_more_linked_is_not_paid(alice: Chat) -> None:
    """Their account would take it, but the customer named an identity."""
    ordered(alice)
    people.unlink(alice.bank.table, ("facebook", PAGE), BOB, clock=alice.bank.services.clock)
    assert ordered(alice, "répéter").refusal is Refusal.PAYEE_UNPAIRED


@pytest.mark.parametrize("programme", [PROGRAMME, HOLDING], ids=["refusing", "holding"])
def test_nor_is_money_held_for_them_then(alice: Chat, programme: object) -> None:
    """It was paid to an account; that it waits for somebody would be another payment."""
    ordered(alice)
    people.unlink(alice.bank.table, ("facebook", PAGE), BOB, clock=alice.bank.services.clock)
    alice.bank.services = replace(alice.bank.services, programme=programme)  # type: ignore[arg-type]  # one of two
    assert ordered(alice, "répéter").refusal is Refusal.PAYEE_UNPAIRED


def test_who_took_over_the_name_gets_nothing(alice: Chat) -> None:
    """The @name is another customer's by now: it is refused, and they hear nothing of it."""
    ordered(alice)
    alice.bank.add("carol", user_id="104", kind="person")
    customer(alice.bank, "carol", psid="777", label="")
    alice.bank.table.items["Q#facebook#bob", "0"]["user_id"] = "777"
    again = ordered(alice, "répéter")
    assert (again.refusal, again.payee, again.payee_person) == (Refusal.PAYEE_RENAMED, "", "")
    assert "carol" not in str(alice.bank.table.items["T#" + again.id, "0"]).casefold()


def test_ids_that_are_alike_on_two_networks_mix_up_nobody(alice: Chat) -> None:
    """A payee on X whose number there is the author's on Messenger: the author pays, or nobody."""
    first = alice.bank.say("@Smoneyfr #envoyer 12 € @bob")
    alice.bank.list(first)
    items = alice.bank.table.items
    items["Q#twitter#bob", "0"]["user_id"] = PSID
    key = handle_key("twitter", BOT.user_id, PSID)
    items[key] = {**items[handle_key("twitter", BOT.user_id, IDS["bob"])], "PK": key[0]}
    again = ordered(alice, "répéter")
    assert (again.payer, again.status) == ("alice", "refused")


@pytest.mark.parametrize("linked", [False, True])
def test_held_money_may_go_to_its_payee_by_now(linked: bool) -> None:  # noqa: FBT001  # of pytest's making
    """Held once more, or paid to whoever was meant, once they are linked."""
    bank = Bank(programme=HOLDING)
    chat = customer(bank, "alice", psid=PSID)
    bank.table.items["Q#facebook#dora", "0"] = {"PK": "Q#facebook#dora", "SK": "0", "user_id": "888"}
    assert ordered(chat, "envoyer 10 € @dora").held
    if linked:
        bank.add("dora", user_id="105", kind="person")
        customer(bank, "dora", psid="888")
    again = ordered(chat, "répéter")
    assert (again.status, again.payee) == ("pending", "dora" if linked else "suspense")


def test_who_was_paid_by_number_needs_no_identity(alice: Chat) -> None:
    """They are known by their account, which must still be open; the order keeps how they were told."""
    first = ordered(alice)
    people.unlink(alice.bank.table, ("facebook", PAGE), BOB, clock=alice.bank.services.clock)
    said = alice.bank.table.items["T#" + first.id, "0"]["said"]
    said["payee_hint"] = "••• 02"
    del said["payee_handle"]
    again = ordered(alice, "répéter")
    assert (again.status, again.payee, again.payee_person, again.said["payee_hint"]) == (
        "pending", "bob", "bob", "••• 02",
    )  # fmt: skip
    assert same(again, first)
    alice.bank.table.items[account_key("bob")]["status"] = "closed"
    assert ordered(alice, "répéter").refusal is Refusal.PAYEE_CLOSED


def test_it_can_be_switched_off(alice: Chat) -> None:
    """By the programme."""
    ordered(alice)
    programme = alice.bank.services.programme
    off = replace(programme, private=replace(programme.private, repeat=False))
    alice.bank.services = replace(alice.bank.services, programme=off)
    assert ordered(alice, "répéter").refusal is Refusal.NOT_OFFERED


@pytest.mark.parametrize("text", ["envoyer 5 € à @bob", "envoyer 5 € à Bob"])
def test_who_was_named_as_x_knows_them_is_paid_again(text: str) -> None:
    """By the @name that they have there, or as a contact who has it, while it is theirs."""
    bank = bank_of_three()
    paid(bank)
    chat = Chat(bank, psid=ALICE)
    first = ordered(chat, text)
    again = ordered(chat, "répéter")
    assert (again.status, again.said["payee_handle"]) == ("pending", "bob") and same(again, first)
    bank.add("carol", user_id="104", kind="person")
    bank.table.items["Q#twitter#bob", "0"]["user_id"] = "104"
    bank.table.items[handle_key("twitter", BOT.user_id, "104")]["label"] = "bob"
    taken_over = ordered(chat, "répéter")
    assert (taken_over.refusal, taken_over.payee) == (Refusal.PAYEE_UNPAIRED, "")
    people.unlink(bank.table, ("twitter", BOT.user_id), IDS["bob"], clock=bank.services.clock)
    assert ordered(chat, "répéter").refusal is Refusal.PAYEE_UNPAIRED
