"""Steps of tests about held money: Alice pays Carol, whom the network knows and Envoi does not."""

from typing import Any

from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents import lifecycle, sweeping
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claim as claims
from chalicelib.ledger.books import balance
from chalicelib.ledger.claim import Claim
from chalicelib.ledger.claiming import read
from chalicelib.services import Services
from chalicelib.table import account_key
from tests.bank import BOT, CODE, HOLDING, Bank, add_customer

HELD = HOLDING.claims.hold_seconds
FEE = HOLDING.claims.fee_minor
CAROL = "998"
ORDER = "@Smoneyfr #envoyer 10 € @carol"


def holding_bank() -> Bank:
    """The bank that holds money; Alice has 1,000 €."""
    return Bank(programme=HOLDING)


def ordered(bank: Bank, text: str = ORDER, **changes: Any) -> Intent:
    """An order to pay somebody who is not linked, its lines written."""
    intent = bank.say(text, **changes)
    assert isinstance(intent, Intent)
    bank.stream()
    return intent


def confirmed(bank: Bank, intent: Intent) -> lifecycle.Outcome:
    """Type the right code; the stream has told."""
    outcome = lifecycle.confirm(bank.services, bank.link(intent), CODE)
    bank.stream()
    return outcome


def held(bank: Bank, text: str = ORDER, **changes: Any) -> Claim:
    """Money that is held for Carol."""
    intent = ordered(bank, text, **changes)
    assert confirmed(bank, intent).refusal is None
    return claim_of(bank, intent.id)


def claim_of(bank: Bank, claim: str) -> Claim:
    """A claim as it is now."""
    found = read(bank.table, claim)
    assert found
    return found


def join(bank: Bank, name: str = "carol", user_id: str = CAROL) -> None:
    """Somebody becomes a customer who is linked."""
    add_customer(bank.services, name, user_id=user_id, kind="person")
    bank.stream()


def link(services: Services, account: str, *, user_id: str = CAROL) -> None:
    """Another identity of a customer is linked."""
    who: dict[str, Any] = {"user_id": user_id, "label": "carol", "person": account, "account": account, "name": "Carol"}
    handle = Handle(network="twitter", page=BOT.user_id, **who)
    assert people.link(services.table, handle, clock=services.clock) is None


def swept(bank: Bank) -> int:
    """A minute later the sweep runs; the stream has told."""
    bank.time.move(60)
    done = sweeping.sweep(bank.services)
    bank.stream()
    return done


def sound(bank: Bank) -> bool:
    """Whether the books balance and name no fault."""
    books = balance(bank.table.items.values())
    assert books.balanced, books.faults
    return True


def suspended(bank: Bank) -> int:
    """What the transfers leave in suspense, in minor units; the same as all open claims hold."""
    legs = 0
    for item in bank.table.items.values():
        if item["PK"].startswith("T#") and item["status"] == "paid":
            moved_minor = item["amount_minor"] + item.get("fee_minor", 0)
            legs += moved_minor * ((item["payee"] == "suspense") - (item["payer"] == "suspense"))
    found = (claims.from_item(item) for item in bank.table.items.values() if item["PK"].startswith("C#"))
    assert legs == sum(claim.held_minor for claim in found if claim.status == "open")
    return legs


def status(bank: Bank, account: str, status: str) -> None:
    """An account's status is set by hand."""
    bank.table.items[account_key(account)]["status"] = status
