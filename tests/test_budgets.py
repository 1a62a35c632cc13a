"""What a payment may ask of DynamoDB: units and round trips of every step, by DynamoDB's own rules of counting."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bench import orders
from bench.capacity import ALL_WRITES, BUDGETS, SYNCHRONOUS, SYNCHRONOUS_WRITES, counted, payment, tell
from bench.results import Result
from bench.timing import Samples, ratios
from chalicelib.capacity import Usage, size
from chalicelib.channels import Mention, Named
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle, Person
from chalicelib.intents import lifecycle
from chalicelib.intents.contacts import LEGS, contacts
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.table import account_key, intent_key
from local import meta
from tests.bank import BOT, CODE, Bank, mention
from tests.chat import PAGE, Chat
from tests.intents.past import ALICE, OTHER, PHILIPPE, bank_of_three, confirmed, customer, written

KILOBYTE = 1_024
# As long as they come: an id is a UUID, a network's id has 19 digits, an @name of X 15 characters.
PAYER, PAYEE = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
USER_IDS = {PAYER: "9" * 19, PAYEE: "8" * 19}
LABEL = "longest_handle"
# A verified name, and a note of 100 characters: with the most bytes that each script has.
LONGEST = [
    pytest.param("Anne-Françoise Œuvrard-Lefêvre de la Tour du Pin-Château", "\U0001f9e7" * 100, id="latin-emoji"),
    pytest.param("寿限無寿限無五劫の擦り切れ海砂利水魚の水行末雲来末風来末", "寿" * 100, id="kanji"),
]


@pytest.fixture(scope="module")
def used() -> Mapping[str, Usage]:
    """What each step of one payment used."""
    return payment(Bank())


@pytest.mark.parametrize("step", BUDGETS)
def test_each_step_keeps_its_budget(used: Mapping[str, Usage], step: str) -> None:
    """No step writes, reads or travels more than its budget, and each does travel."""
    writes, reads, trips = BUDGETS[step]
    assert used[step].write_units <= writes
    assert used[step].read_units <= reads
    assert 1 <= used[step].round_trips <= trips


def test_the_budgets_are_the_ones_we_promise() -> None:
    """A budget is loosened here too, on purpose, or not at all."""
    assert dict(BUDGETS) == {
        "webhook → intent": (1, 3, 4),
        "open the page": (0, 1, 2),
        "confirm": (7, 0.5, 3),
        "replay of a confirm": (0, 0.5, 1),
    }
    assert (SYNCHRONOUS_WRITES, ALL_WRITES) == (8, 16)


def test_a_payment_writes_eight_units_while_somebody_waits(used: Mapping[str, Usage]) -> None:
    """One for the order, one for the attempt, six for the transaction."""
    assert sum(used[step].write_units for step in SYNCHRONOUS) == SYNCHRONOUS_WRITES


def test_a_payment_writes_sixteen_units_in_all(used: Mapping[str, Usage]) -> None:
    """With the payer's list, the list of what is due, three notices, and an entry for each side of the payment."""
    assert used["lists and link"].write_units == 3
    assert used["list and receipts"].write_units == 3
    assert sum(usage.write_units for usage in used.values()) <= ALL_WRITES


def test_an_entry_costs_one_write_and_at_most_one_read(used: Mapping[str, Usage]) -> None:
    """The hash before it is read, consistently, unless it is an account's first or its batch has made it."""
    assert (used["entries"].write_units, used["entries"].read_units) == (2, 1)


def test_a_busy_payers_order_costs_no_more() -> None:
    """The list of a payer's orders is one read up to the cap of orders a day, also when it is full."""
    bank = Bank()
    for _ in range(bank.services.programme.caps.orders_a_day):
        take(bank.services, orders.event(orders.webhook()))
        tell(bank)
    used = counted(bank, lambda: take(bank.services, orders.event(orders.webhook())))
    writes, reads, trips = BUDGETS["webhook → intent"]
    assert (used.write_units, used.round_trips) == (writes, trips)
    assert used.read_units <= reads


def test_a_wrong_code_writes_one_unit() -> None:
    """A guess costs its attempt alone."""
    bank = Bank()
    link = bank.link(bank.say("@Smoneyfr #envoyer 10 € @bob"))
    used = counted(bank, lambda: lifecycle.confirm(bank.services, link, "000000"))
    assert used.write_units == 1


@pytest.mark.parametrize(("name", "note"), LONGEST)
def test_no_item_of_a_payment_outgrows_a_kilobyte(name: str, note: str) -> None:
    """With the longest names, ids and note, intent and accounts stay below the size where a write costs double."""
    bank = Bank()
    for account in (PAYER, PAYEE):
        add(bank, account, name=name)
    intent = place(bank.services, longest_mention(note))
    assert isinstance(intent, Intent)
    assert (intent.status, intent.said["note"], intent.said["payee_name"]) == ("pending", note, name)
    assert size(bank.table.items[intent_key(intent.id)]) < KILOBYTE
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    keys = [intent_key(intent.id), account_key(PAYER), account_key(PAYEE)]
    sizes = {key: size(bank.table.items[key]) for key in keys}
    assert max(sizes.values()) < KILOBYTE, sizes


def test_the_orders_measured_are_what_x_sends() -> None:
    """The body that everything is measured with is an order with a note, or the figures would flatter us."""
    bank = Bank()
    take(bank.services, orders.event(orders.webhook()))
    (intent,) = [new for _, new in bank.table.images]
    assert (intent["status"], intent["amount_minor"], intent["said"]["note"]) == ("pending", 100, "pour le café")
    assert json.loads(orders.webhook())["data"]["event_type"] == "post.mention.create"


@pytest.mark.parametrize(
    ("value", "at_least", "ok", "share"),
    [
        (1.0, False, True, 0.5),
        (2.0, False, True, 1.0),
        (3.0, False, False, 1.5),
        (4.0, True, True, 0.5),
        (1.0, True, False, 2.0),
    ],
)
def test_a_missed_goal_is_a_miss(value: float, *, at_least: bool, ok: bool, share: float) -> None:
    """A figure past its goal is not ok, whichever way the goal points, and its share is above 1."""
    result = Result(name="figure", value=value, unit="ms", goal=2.0, at_least=at_least)
    assert (result.ok, result.share(value)) == (ok, share)


def test_nothing_allowed_and_something_used_is_a_miss() -> None:
    """A goal of zero is kept by zero alone."""
    nothing = Result(name="figure", value=0, unit="WCU", goal=0)
    assert (nothing.ok, nothing.share(0), nothing.share(1)) == (True, 0.0, 2.0)


def test_a_ratio_is_of_the_medians() -> None:
    """One slow call on a shared machine does not move the figure, only its spread."""
    ratio, (low, high) = ratios(Samples((2.0, 2.0, 90.0)), Samples((1.0, 1.0, 1.0)))
    assert ratio == 2.0
    assert low == 2.0
    assert high > 50


def add(bank: Bank, account: str, *, name: str) -> None:
    """Add a customer all of whose attributes are as long as they come."""
    services, clock = bank.services, bank.services.clock
    people.add_person(
        bank.table, Person(id=account, name=name, phone="+123456789012345", language="ja", account=account), clock=clock
    )
    ledger.open_account(bank.table, new_item(account, person=account, kind="merchant", currency="EUR"))
    ledger.set_code(bank.table, account, mac=services.codes.mac(account, CODE))
    handle = Handle(
        network="twitter", page=BOT.user_id, user_id=USER_IDS[account], label=LABEL + account[0], person=account,
        account=account, name=name,
    )  # fmt: skip
    people.link(bank.table, handle, clock=clock)
    funding = ledger.funding(f"fund-{account}", payee=account, amount_minor=99_999_999_999, currency="EUR")
    assert ledger.fund(bank.table, funding, clock=clock) is None


def longest_mention(note: str) -> Mention:
    """An order of the payer to the payee, with a note."""
    payer, payee = (Named(user_id=USER_IDS[account], handle=LABEL + account[0]) for account in (PAYER, PAYEE))
    bot = Named(user_id=BOT.user_id, handle=BOT.handle)
    text = f"@{BOT.handle} #envoyer 249,99 € @{payee.handle} {note}"
    posted = {"origin_id": "7" * 19, "message_id": "7" * 19}
    return replace(mention(text), author=payer, named=(bot, payee), **posted)  # type: ignore[arg-type]  # both are text


@pytest.mark.parametrize(
    ("text", "reads", "trips"),
    [
        ("Envoyer 5 € au 06 98 76 54 78", 3, 6),
        ("Envoyer 5 € à @bob", 4, 7),
        ("Envoyer 5 € à Philippe", 5, 7),
        ("Envoyer 5 €", 1, 2),
    ],
)
def test_a_private_order_has_its_own_budget(
    text: str, reads: float, trips: int, record_property: Callable[[str, object], None]
) -> None:
    """By number, by an @name elsewhere, by a contact's name: one write all the same; without a lead, no look-up."""
    bank = bank_of_three()
    confirmed(bank, written(bank, "Envoyer 5 € au 06 98 76 54 78"))
    (event,) = Chat(bank, psid=ALICE).events(meta.written(text, page=PAGE, by=ALICE))
    used = counted(bank, lambda: take(bank.services, event))
    record_property("used", (used.write_units, used.read_units, used.round_trips))
    assert used.write_units == 1
    assert used.read_units <= reads
    assert used.round_trips <= trips


def test_a_choice_has_its_own_budget() -> None:
    """A tap is one transaction of two items: the order, and the one that was asked about."""
    bank = bank_of_three()
    for number in (PHILIPPE, OTHER):
        confirmed(bank, written(bank, f"Envoyer 5 € au {number}"))
    asked = written(bank, "Envoyer 5 € à Philippe")
    element = meta.written("Philippe", page=PAGE, by=ALICE, tapped=f"payee:{asked.id}:0")
    (event,) = Chat(bank, psid=ALICE).events(element)
    used = counted(bank, lambda: take(bank.services, event))
    assert used.write_units <= 4
    assert used.read_units <= 4
    assert used.round_trips <= 6


def test_the_contacts_of_a_busy_payer_are_bounded() -> None:
    """A hundred legs, to a hundred people: what they cost at the most."""
    bank = bank_of_three()
    for number in range(2, LEGS + 2):
        key, transfer = f"c{number}", f"{number:016}"
        customer(bank, key, f"Client {number}")
        leg = {"SK": f"{number:012}", "amount_minor": -100, "counterparty": key, "transfer": transfer}
        bank.table.items["E#alice", f"{number:012}"] = bank.table.items["E#alice", "000000000001"] | leg
        order = {"order": "send", "status": "paid", "payee_person": key, "said": {}}
        bank.table.items["T#" + transfer, "0"] = {**REFUSED, **order, "PK": f"T#{transfer}"}
    used = counted(bank, lambda: contacts(bank.table, "alice"))
    assert used.round_trips == 3
    assert used.read_units <= 105


# The facts that every order has.
REFUSED = {
    "SK": "0", "network": "twitter", "page": "1", "author_id": "101", "message_id": "1", "language": "fr",
    "private": False, "created_at": 1, "received_at": 1,
}  # fmt: skip
