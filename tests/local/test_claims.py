"""Held money on the local AWS: each function does its part with its own rights, and no more."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.ledger.claiming import read
from chalicelib.services import Clock
from chalicelib.table import Part, Update, intent_key, update
from local import wire
from local.wire import Answer
from tests.local.test_sweep import run_sweep
from tests.local.town import FUNDS_MINOR, Ordered, Resident, Town

pytestmark = [pytest.mark.local]

FEE = 165


def held(town: Town, payer: Resident, stranger: Resident) -> Ordered:
    """A payment that is held for a stranger.

    The programme of the local AWS does not offer it: an order to somebody else is made one for the stranger before it
    is confirmed, and gets the link that is its own.
    """
    ordered = town.pays(payer, town.resident(0))
    said = {**town.order(ordered.id)["said"], "payee_handle": stranger.handle}
    becomes: dict[str, Any] = {"payee": "suspense", "payee_user": stranger.user_id, "fee_minor": FEE, "said": said}
    part = Part(assign={**becomes, "link_number": 2}, remove=("payee_person",))
    town.table.update(update(intent_key(ordered.id), part))
    link = town.link(payer, ordered.id, number=2)
    assert "Argent réservé" in town.confirm(link).text
    return Ordered(id=ordered.id, link=link)


def ended(town: Town, claim: str) -> str:
    """What became of a claim, once the sweep has looked where the stream told it to."""

    def status() -> str:
        run_sweep(town)
        found = read(town.table, claim)
        return found.status if found and found.status != "open" else ""

    return wire.wait_for(status, what=f"the end of claim {claim}")


def message_to(town: Town, stranger: Resident) -> str:
    """The one private message that whom money is held for gets on X."""

    def found() -> list[str]:
        return [one["text"] for one in town.replies() if one.get("to") == stranger.user_id]

    (text,) = wire.wait_for(found, what="the private message")
    return text


def secret_in(message: str) -> str:
    """What stands behind the # of the link to the payee's page."""
    return message.split("/c#")[1].split(maxsplit=1)[0]


def claim_step(town: Town, name: str, secret: str) -> Answer:
    """One step of the payee's page."""
    body = urlencode({"link": secret}).encode()
    return wire.call(f"{town.stack.api_url}/c/{name}", method="POST", body=body, headers=wire.FORM)


def link(town: Town, stranger: Resident, owner: Resident) -> None:
    """The stranger's identity is linked to a customer."""
    person = f"p-{owner.handle}"
    handle = Handle(
        network="twitter", page=town.bot.user_id, user_id=stranger.user_id, label=stranger.handle, person=person,
        account=owner.account, name=owner.name,
    )  # fmt: skip
    assert people.link(town.table, handle, clock=Clock()) is None


def test_what_is_held_is_claimed_when_its_payee_is_linked(town: Town) -> None:
    """The page holds amount and fee, the stream tells the sweep, the sweep moves both, and both are told."""
    payer, owner, stranger = town.resident(), town.resident(0), town.stranger()
    ordered = held(town, payer, stranger)
    assert town.funds(payer) == FUNDS_MINOR - 1_000 - FEE
    message = message_to(town, stranger)
    assert "10,00" not in message
    assert "10,00" in claim_step(town, "open", secret_in(message)).text
    link(town, stranger, owner)
    assert ended(town, ordered.id) == "claimed"
    assert (town.funds(payer), town.funds(owner)) == (FUNDS_MINOR - 1_000, 1_000)
    assert len(town.told(payer, "réservés")) == len(town.told(payer, "a touché")) == 1
    assert len(town.told(owner, "vous a payé")) == 1


def test_what_is_held_is_taken_back_by_a_tweet(town: Town) -> None:
    """The reader of posts writes the wish and no account; the sweep gives it back."""
    payer, stranger = town.resident(), town.stranger()
    ordered = held(town, payer, stranger)
    cancel = town.send(f"@{town.bot.handle} #annuler", payer)
    assert town.order(cancel)["target"] == ordered.id
    assert ended(town, ordered.id) == "cancelled"
    assert town.funds(payer) == FUNDS_MINOR
    assert len(town.told(payer, "annulé")) == 1


def test_what_is_over_goes_back_by_itself(town: Town) -> None:
    """Its clock is turned forward; the sweep finds it by its line."""
    payer, stranger = town.resident(), town.stranger()
    ordered = held(town, payer, stranger)
    town.table.update(Update(key=(f"C#{ordered.id}", "0"), assign={"expires_at": int(time.time()) - 5}))
    assert ended(town, ordered.id) == "returned"
    assert town.funds(payer) == FUNDS_MINOR


def test_what_is_held_is_refused_on_the_page_of_the_private_message(town: Town) -> None:
    """The page writes the wish; the sweep gives it back, and the link says so from then on."""
    payer, stranger = town.resident(), town.stranger()
    ordered = held(town, payer, stranger)
    secret = secret_in(message_to(town, stranger))
    assert claim_step(town, "open", ordered.link).status == 403
    assert "Argent refusé" in claim_step(town, "refuse", secret).text
    assert ended(town, ordered.id) == "refused"
    assert town.funds(payer) == FUNDS_MINOR
    assert "Argent refusé" in claim_step(town, "open", secret).text
    assert len(town.told(payer, "a refusé l'argent")) == 1


def test_whom_it_was_held_for_hears_that_it_was_taken_back(town: Town) -> None:
    """In a second private message."""
    payer, stranger = town.resident(), town.stranger()
    ordered = held(town, payer, stranger)
    message_to(town, stranger)
    town.send(f"@{town.bot.handle} #annuler", payer)
    assert ended(town, ordered.id) == "cancelled"

    def told() -> list[str]:
        return [
            one["text"] for one in town.replies() if one.get("to") == stranger.user_id and "a repris" in one["text"]
        ]

    assert len(wire.wait_for(told, what="the second message")) == 1
