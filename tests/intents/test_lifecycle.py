"""What a link opens in every state of its intent, and what the support desk can do about one that waits."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import link as links
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.intents.lifecycle import Outcome
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.services import Services
from chalicelib.table import account_key, intent_key
from tests.bank import CODE, LINK_KEY, NOON, Bank, FakeLinks
from tests.ledger.behind import BehindTable

DOORS: dict[str, Callable[[Services, str], Outcome]] = {
    "look": lifecycle.look,
    "decline": lifecycle.decline,
    "renew": lifecycle.renew,
    "confirm": lambda services, link: lifecycle.confirm(services, link, CODE),
}
DESK = {"resend": lifecycle.resend, "expire": lifecycle.expire}


def ten_euros(bank: Bank) -> Intent:
    """Alice's payment of 10 € to Bob, which waits."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    return intent


def now(bank: Bank, intent: Intent) -> Intent:
    """The intent as it is stored."""
    found = lifecycle.look(bank.services, bank.link(intent)).intent
    assert found
    return found


@pytest.mark.parametrize("door", DOORS)
def test_a_link_says_why_it_opens_nothing_any_more(bank: Bank, door: str) -> None:
    """A settled intent, one whose time is over, and an older link: each with the intent and its own refusal."""
    settled, over, older = (ten_euros(bank) for _ in range(3))
    lifecycle.decline(bank.services, bank.link(settled))
    old_link = bank.link(older, seconds=2 * 86_400)
    lifecycle.renew(bank.services, bank.link(older))
    for intent, link, refusal in (
        (settled, bank.link(settled), Refusal.NOT_PENDING),
        (older, old_link, Refusal.LINK_REPLACED),
    ):
        outcome = DOORS[door](bank.services, link)
        assert (outcome.intent and outcome.intent.id, outcome.refusal) == (intent.id, refusal)
    last_second = bank.link(over, seconds=2 * 86_400)
    bank.time.seconds = over.expires_at
    outcome = DOORS[door](bank.services, last_second)
    assert (outcome.intent and outcome.intent.id, outcome.refusal) == (over.id, Refusal.EXPIRED)


@pytest.mark.parametrize(("door", "refusal"), [("look", True), ("confirm", True), ("decline", False), ("renew", False)])
def test_a_link_that_is_over_still_declines_and_renews(bank: Bank, door: str, *, refusal: bool) -> None:
    """It pays nothing and shows nothing from its last second on; to say no, or to ask for another, it is good."""
    intent = ten_euros(bank)
    link = bank.link(intent, seconds=600)
    bank.time.move(600)
    outcome = DOORS[door](bank.services, link)
    assert outcome.refusal is (Refusal.LINK_EXPIRED if refusal else None)
    assert outcome.intent
    assert (outcome.intent.status, outcome.intent.link_number) == {
        "decline": ("declined", 1), "renew": ("pending", 2),
    }.get(door, ("pending", 1))  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_a_link_of_another_intent_or_of_none_opens_nothing(bank: Bank, door: str) -> None:
    """A forged id, a link whose order is gone, and a text that is no link: nothing is told and nothing is written."""
    intent, other = ten_euros(bank), ten_euros(bank)
    forged = bank.link(intent).replace(intent.id, other.id)
    link = bank.link(other)
    del bank.table.items[intent_key(other.id)]
    for text in (forged, link, "", "x", f"{links.NOWHERE}.1.9999999999.{'A' * 22}"):
        assert DOORS[door](bank.services, text) == Outcome(intent=None)


def test_looking_shows_what_is_left_and_whether_the_payee_is_new(bank: Bank) -> None:
    """Of the payer's limits for this kind of payee; without an account there is nothing of that to show."""
    first = lifecycle.look(bank.services, bank.link(ten_euros(bank)))
    assert (first.refusal, first.left_minor, first.first) == (None, 25_000, True)
    assert lifecycle.confirm(bank.services, bank.link(ten_euros(bank)), CODE).refusal is None
    gift: Intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    assert lifecycle.look(bank.services, bank.link(gift)).left_minor == 50_000
    again = ten_euros(bank)
    shown = lifecycle.look(bank.services, bank.link(again))
    assert (shown.left_minor, shown.first) == (25_000, False)
    del bank.table.items[account_key("alice")]
    shown = lifecycle.look(bank.services, bank.link(again))
    assert (shown.intent and shown.intent.id, shown.left_minor, shown.first) == (again.id, None, False)


def test_the_desk_sends_a_new_link_within_the_same_number_of_them(bank: Bank) -> None:
    """Three, whoever asks; the next one is refused, and so is one for what is settled or was never ordered."""
    intent = ten_euros(bank)
    for number in (2, 3, 4):
        outcome = lifecycle.resend(bank.services, intent.id)
        assert outcome.refusal is None and outcome.intent and outcome.intent.link_number == number
    refused = lifecycle.resend(bank.services, intent.id)
    assert (refused.refusal, refused.intent and refused.intent.id) == (Refusal.LINKS_TOO_MANY, intent.id)
    settled = lifecycle.expire(bank.services, intent.id).intent
    assert settled
    refused = lifecycle.resend(bank.services, intent.id)
    assert (refused.refusal, refused.intent and refused.intent.status) == (Refusal.NOT_PENDING, "expired")
    assert lifecycle.resend(bank.services, "nothing") == Outcome(intent=None)


@pytest.mark.parametrize("seconds", [0, 86_399, 86_400, 90_000])
def test_the_desk_ends_an_intent_before_its_time_and_after_it(bank: Bank, seconds: int) -> None:
    """Either way it is expired, at that second, and once."""
    intent = ten_euros(bank)
    bank.time.move(seconds)
    outcome = lifecycle.expire(bank.services, intent.id)
    assert outcome.refusal is None and outcome.intent and outcome.intent.status == "expired"
    item = bank.table.items[intent_key(intent.id)]
    assert (item["status"], item["ended_at"]) == ("expired", NOON + seconds)
    assert lifecycle.expire(bank.services, intent.id).refusal is Refusal.NOT_PENDING
    assert lifecycle.expire(bank.services, "nothing") == Outcome(intent=None)


@pytest.mark.parametrize("doing", DESK)
def test_the_desk_sees_an_order_of_just_now(doing: str) -> None:
    """A replica may not have it yet."""
    table = BehindTable()
    bank = Bank(table=table)
    table.fall_behind()
    intent = ten_euros(bank)
    outcome = DESK[doing](bank.services, intent.id)
    assert outcome.refusal is None
    assert outcome.intent


def test_a_refused_wish_shows_what_became_of_the_intent_meanwhile() -> None:
    """It is read again, from where it was written last: a click that lost shows what the other one did."""
    table = BehindTable()
    bank = Bank(table=table)
    intent = ten_euros(bank)
    link = bank.link(intent)
    table.fall_behind()
    assert lifecycle.decline(bank.services, link).refusal is None
    for code in (CODE, "000000"):
        outcome = lifecycle.confirm(bank.services, link, code)
        assert (outcome.refusal, outcome.left_minor, outcome.first) == (Refusal.NOT_PENDING, None, False)
        assert outcome.intent and outcome.intent.status == "declined"
    for wish in (lifecycle.decline, lifecycle.renew):
        outcome = wish(bank.services, link)
        assert outcome.refusal is Refusal.NOT_PENDING
        assert outcome.intent and outcome.intent.status == "declined"
    assert bank.available("bob") == 0


def test_the_desk_sends_no_link_for_what_is_over(bank: Bank) -> None:
    """An intent whose time is over and that the sweep has not reached yet."""
    intent = ten_euros(bank)
    bank.time.seconds = intent.expires_at
    outcome = lifecycle.resend(bank.services, intent.id)
    assert (outcome.refusal, outcome.intent and outcome.intent.status) == (Refusal.EXPIRED, "pending")


def test_keys_are_read_anew_only_for_a_link_that_the_kept_ones_do_not_explain(bank: Bank) -> None:
    """A process keeps the keys that it has read; the first link of a new key makes it ask again."""
    asked: list[bool] = []
    newer = b"another key of tests, thirty-two"

    class Links(FakeLinks):
        def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
            asked.append(fresh)
            return super().keys(fresh=fresh)

    services = replace(bank.services, links=Links(live=(newer, LINK_KEY), kept=(LINK_KEY,)))
    intent = ten_euros(bank)
    assert lifecycle.look(services, bank.link(intent)).refusal is None
    assert asked == [False]
    shown = lifecycle.look(services, bank.link(intent, key=newer))
    assert shown.intent and shown.refusal is None
    assert asked == [False, False, True]


def test_a_code_whose_key_is_not_there_costs_no_attempt(bank: Bank) -> None:
    """It is an outage, said so, and the right code pays once the key is back."""
    intent = ten_euros(bank)
    bank.table.items[account_key("alice")]["code"] = "lost.0123"
    with pytest.raises(Unavailable, match=r"^the key that this account's code was stored under is not there$"):
        lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert bank.account("alice")["attempts"] == 0
    ledger.set_code(bank.table, "alice", mac=bank.codes.mac("alice", CODE))
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    assert now(bank, intent).status == "paid"


def test_a_paid_outcome_says_when(bank: Bank) -> None:
    """The page shows the second of the payment without reading it again."""
    intent = ten_euros(bank)
    bank.time.move(5)
    outcome = lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert outcome.intent and outcome.refusal is None
    assert (outcome.intent.status, outcome.intent.paid_at) == ("paid", NOON + 5)
    assert now(bank, intent).paid_at == NOON + 5


@pytest.mark.parametrize("code", ["000000", "12"])
def test_a_refused_code_shows_the_form_as_before(bank: Bank, code: str) -> None:
    """With what is left and whether the payee is new; a code of another length is told apart, as it costs nothing."""
    intent = ten_euros(bank)
    before = lifecycle.look(bank.services, bank.link(intent))
    outcome = lifecycle.confirm(bank.services, bank.link(intent), code)
    refusal = Refusal.CODE_REFUSED if len(code) == 6 else Refusal.CODE_MALFORMED
    assert outcome == replace(before, refusal=refusal)
    assert bank.account("alice")["attempts"] == (len(code) == 6)
