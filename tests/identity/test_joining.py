"""Joining: an SMS link, a security code, a pairing code that only the named handle can use."""

from copy import deepcopy
from typing import Any

import pytest

from chalicelib import link as links
from chalicelib.channels import Event, Named
from chalicelib.identity import blocklist, invitation, joining
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.joining import Choice, Joining
from chalicelib.identity.person import Person
from chalicelib.intents import lifecycle
from chalicelib.intents.inbox import take
from chalicelib.intents.placing import place
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.link import Link
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, invitation_key
from tests.bank import BOT, LINK_KEY, PROGRAMME, Bank, mention

ZOE = Named(user_id="555", handle="Zoe_M")
CODE = "739164"


@pytest.fixture
def bank() -> Bank:
    """A bank in which Zoe is a new customer, invited to bind @Zoe_M, with 50 € and no security code."""
    bank = Bank()
    person = Person(id="zoe", name="Zoé Martin", phone="+33612000555", language="fr", account="zoe")
    people.add_person(bank.table, person, clock=bank.services.clock)
    ledger.open_account(bank.table, new_item("zoe", person="zoe", kind="person", currency="EUR"))
    funding = ledger.funding("fund-zoe", payee="zoe", amount_minor=5_000, currency="EUR")
    ledger.fund(bank.table, funding, clock=bank.services.clock)
    assert people.invite(bank.table, invited(bank), clock=bank.services.clock) is None
    return bank


def invited(bank: Bank, **changes: Any) -> Invitation:
    """Zoe's invitation."""
    now = bank.services.clock.now()
    values: dict[str, Any] = {
        "id": invitation.invitation_id("twitter", BOT.user_id, "zoe_m"),
        "person": "zoe", "account": "zoe", "network": "twitter", "page": BOT.user_id, "label": "Zoe_M",
        "language": "fr", "status": "invited", "created_at": now, "expires_at": now + 604_800,
    }  # fmt: skip
    return Invitation(**{**values, **changes})


def stored(bank: Bank) -> Invitation:
    """Zoe's invitation as it is now."""
    found = people.invitation(bank.table, invited(bank).id)
    assert found
    return found


def join_link(bank: Bank, *, seconds: int = 600) -> str:
    """The link that Zoe's newest SMS holds."""
    found = stored(bank)
    link = Link(id=found.id, number=found.link_number, expires_at=bank.services.clock.now() + seconds)
    return links.seal(link, (*found.covered, PROGRAMME.name), key=LINK_KEY)


def choose(bank: Bank, digits: str = CODE, again: str | None = None, *, terms: bool = True) -> Joining:
    """Choose a code on the join page."""
    choice = Choice(digits=digits, again=digits if again is None else again, terms=terms)
    return joining.choose(bank.services, join_link(bank), choice)


def write(bank: Bank, code: str, author: Named = ZOE, **changes: Any) -> Any:
    """Write the pairing order on the network."""
    post = mention(f"@Smoneyfr #associer {code}", now=bank.services.clock.now(), **changes)
    return place(bank.services, type(post)(**{**vars(post), "author": author}))


def other(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_person_joins_pairs_and_pays(bank: Bank) -> None:
    """From the SMS to the first payment, with nothing but the screen."""
    joined = choose(bank)
    assert joined.refusal is None
    order = write(bank, joined.pairing_code)
    assert (order.status, order.payer) == ("answered", "zoe")
    payment = place(bank.services, type(m := mention("@Smoneyfr #envoyer 10 € @bob"))(**{**vars(m), "author": ZOE}))
    assert payment.status == "pending"  # type: ignore[union-attr]
    outcome = lifecycle.confirm(bank.services, bank.link(payment), CODE)  # type: ignore[arg-type]
    assert outcome.refusal is None
    assert bank.available("zoe") == 4_000


def test_neither_code_is_stored_as_it_is(bank: Bank) -> None:
    """A security code is keyed by KMS, a pairing code is hashed slowly; no item holds either."""
    joined = choose(bank)
    everything = repr(bank.table.items)
    assert joined.pairing_code not in everything
    assert f"'{CODE}'" not in everything


@pytest.mark.parametrize(
    ("digits", "again", "terms", "refusal"),
    [
        ("12345", "12345", True, Refusal.CODE_MALFORMED),
        (CODE, "739165", True, Refusal.CODES_DIFFER),
        (CODE, CODE, False, Refusal.TERMS_MISSING),
        ("123456", "123456", True, Refusal.CODE_GUESSABLE),
        ("140789", "140789", True, Refusal.CODE_GUESSABLE),
    ],
)
def test_an_unfit_choice_is_refused_and_changes_nothing(
    bank: Bank, digits: str, again: str, *, terms: bool, refusal: Refusal
) -> None:
    """Each by its own reason, so that the person knows what to do."""
    before = deepcopy(bank.table.items)
    assert choose(bank, digits, again, terms=terms).refusal is refusal
    assert bank.table.items == before


def test_the_end_of_ones_own_phone_number_is_guessable(bank: Bank) -> None:
    """Whoever sees the phone would try it first."""
    bank.table.items["P#zoe", "0"]["phone"] = "+33612850273"
    assert choose(bank, "850273").refusal is Refusal.CODE_GUESSABLE


def test_about_a_tenth_of_all_codes_is_refused() -> None:
    """Less is useless against five tries, more annoys (Markert et al. 2020)."""
    refused = sum(blocklist.guessable(f"{number:06}") for number in range(0, 10**6, 7)) / (10**6 / 7)
    assert 0.08 < refused < 0.12


@pytest.mark.parametrize("digits", ["000000", "121212", "112233", "654321", "890123", "258369", "140789", "071485"])
def test_what_people_choose_first_is_refused(digits: str) -> None:
    """Repeats, runs, keypad lines and birthdays."""
    assert blocklist.guessable(digits)


def test_a_pairing_code_is_good_only_from_the_invited_handle(bank: Bank) -> None:
    """Somebody else's post with the right code is refused like a wrong one, and spends no try of Zoe's."""
    code = choose(bank).pairing_code
    thief = Named(user_id="666", handle="thief")
    assert write(bank, code, thief).refusal is Refusal.PAIRING_REFUSED
    assert stored(bank).tries == 0
    assert write(bank, code).status == "answered"


def test_a_known_id_is_demanded_too(bank: Bank) -> None:
    """When the operator knew the id, the same @name under another id is refused."""
    code = choose(bank).pairing_code
    bank.table.items[invitation_key(stored(bank).id)]["user_id"] = "777"
    assert write(bank, code).refusal is Refusal.PAIRING_REFUSED


def test_five_wrong_pairing_codes_end_the_code(bank: Bank) -> None:
    """The sixth, right one is refused; a new code from the page, with the security code, is good again."""
    code = choose(bank).pairing_code
    for _ in range(5):
        assert write(bank, other(code)).refusal is Refusal.PAIRING_REFUSED
    assert write(bank, code).refusal is Refusal.PAIRING_REFUSED
    again = choose(bank)
    assert again.refusal is None
    assert write(bank, again.pairing_code).status == "answered"


def test_a_pairing_code_lives_a_quarter_of_an_hour(bank: Bank) -> None:
    """Late is like wrong."""
    code = choose(bank).pairing_code
    bank.time.move(900)
    assert write(bank, code).refusal is Refusal.PAIRING_REFUSED


def test_the_same_message_again_is_one_try_and_one_answer(bank: Bank) -> None:
    """A redelivered message, wrong or right, changes nothing the second time."""
    code = choose(bank).pairing_code
    wrong = mention(f"@Smoneyfr #associer {other(code)}")
    wrong = type(wrong)(**{**vars(wrong), "author": ZOE})
    for _ in range(3):
        assert place(bank.services, wrong).refusal is Refusal.PAIRING_REFUSED  # type: ignore[union-attr]
    assert stored(bank).tries == 1
    right = mention(f"@Smoneyfr #associer {code}")
    right = type(right)(**{**vars(right), "author": ZOE})
    first = place(bank.services, right)
    settled = deepcopy(bank.table.items)
    assert place(bank.services, right) == first
    assert bank.table.items == settled


def test_a_paired_invitation_opens_nothing_more(bank: Bank) -> None:
    """Link and pairing code are both over."""
    code = choose(bank).pairing_code
    link = join_link(bank)
    write(bank, code)
    assert joining.look(bank.services, link).refusal is Refusal.NOT_PENDING
    assert write(bank, code).refusal is Refusal.PAIRING_REFUSED


def test_a_handle_of_another_person_is_not_taken_over(bank: Bank) -> None:
    """Alice's id stays Alice's, whoever invited its @name anew."""
    alice = Named(user_id="101", handle="Zoe_M")
    code = choose(bank).pairing_code
    assert write(bank, code, alice).refusal is Refusal.PAIRING_REFUSED
    assert stored(bank).status == "coded"


def test_a_link_alone_never_replaces_a_security_code(bank: Bank) -> None:
    """Who has a code must type it: an SMS in wrong hands binds nothing, and guesses are counted as everywhere."""
    choose(bank)
    mac = bank.table.items[account_key("zoe")]["code"]
    assert joining.look(bank.services, join_link(bank)).has_code
    for _ in range(5):
        assert choose(bank, "111111").refusal is Refusal.CODE_REFUSED
    assert choose(bank).refusal is Refusal.CODE_REFUSED
    assert bank.table.items[account_key("zoe")]["code"] == mac


def test_a_join_link_expires_and_is_renewed_to_the_bound_number(bank: Bank) -> None:
    """Ten minutes; the new link has the next number, and only it is good; three renewals."""
    old_link = join_link(bank)
    bank.time.move(601)
    assert joining.look(bank.services, old_link).refusal is Refusal.LINK_EXPIRED
    for number in (2, 3, 4):
        assert joining.renew(bank.services, join_link(bank)).refusal is None
        assert stored(bank).link_number == number
    assert joining.look(bank.services, old_link).refusal is Refusal.LINK_REPLACED
    assert joining.renew(bank.services, join_link(bank)).refusal is Refusal.LINKS_TOO_MANY


def test_no_forged_join_link_opens_anything(bank: Bank) -> None:
    """Another purpose, key, number, id or form: the same nothing."""
    genuine = join_link(bank)
    payment = bank.say("@Smoneyfr #envoyer 10 € @bob")
    forged = ["", "x", genuine[:-1] + ("A" if genuine[-1] != "A" else "B"), bank.link(payment), "B" * 16 + genuine[16:]]
    before = deepcopy(bank.table.items)
    for link in forged:
        choice = Choice(digits=CODE, again=CODE, terms=True)
        assert joining.look(bank.services, link) == Joining(invitation=None)
        assert joining.choose(bank.services, link, choice) == Joining(invitation=None)
        assert joining.renew(bank.services, link) == Joining(invitation=None)
    assert bank.table.items == before


def test_a_join_link_confirms_no_payment(bank: Bank) -> None:
    """A link vouches for one purpose."""
    assert lifecycle.look(bank.services, join_link(bank)).intent is None


def test_one_handle_has_one_open_invitation(bank: Bank) -> None:
    """A second one is refused until the first is over."""
    assert people.invite(bank.table, invited(bank), clock=bank.services.clock)
    bank.time.move(604_801)
    assert people.invite(bank.table, invited(bank), clock=bank.services.clock) is None


def test_who_revokes_our_permission_orders_nothing_more(bank: Bank) -> None:
    """After `oauth.revoke` the identity is unlinked; it may be bound again by another invitation."""
    write(bank, choose(bank).pairing_code)
    event = Event(network="twitter", payload={"revoked_by": ZOE.user_id}, received_at=bank.services.clock.now())
    take(bank.services, event)
    take(bank.services, event)
    order = mention("@Smoneyfr #envoyer 10 € @bob")
    order = type(order)(**{**vars(order), "author": ZOE})
    assert place(bank.services, order).refusal is Refusal.PAYER_UNKNOWN  # type: ignore[union-attr]
    assert people.invite(bank.table, invited(bank), clock=bank.services.clock) is None
    again = write(bank, choose(bank).pairing_code)
    assert again.status == "answered"
    order = type(order)(**{**vars(order), "origin_id": "77", "message_id": "77"})
    assert place(bank.services, order).status == "pending"  # type: ignore[union-attr]


def test_a_revocation_of_nobody_we_know_changes_nothing(bank: Bank) -> None:
    """X tells of everybody who used the app."""
    before = deepcopy(bank.table.items)
    take(bank.services, Event(network="twitter", payload={"revoked_by": "31337"}, received_at=1))
    assert bank.table.items == before
