"""What people do about held money: strangers are linked, payees refuse, the desk takes back."""

from collections.abc import Callable

from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents import claim_link, claim_page
from chalicelib.intents.claim_page import Held
from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Wish
from chalicelib.table import Rejection, claim_key
from tests.simulation.bank import BOT, NETWORK, PROGRAMME, Customer
from tests.simulation.doors import CLAIM_KEY
from tests.simulation.scheduler import Act
from tests.simulation.world import World


def link(world: World, stranger: Customer, account: str) -> None:
    """Somebody's identity is linked to an account, as often as it takes; it stays whose it is."""
    handle = Handle(
        network=NETWORK,
        page=BOT.user_id,
        user_id=stranger.user_id,
        label=stranger.name,
        person=account,
        account=account,
        name=account.title(),
    )

    def linked() -> bool:
        people.link(world.table, handle, clock=world.services.clock)
        return True

    while world.run(Act("link"), linked) is None:
        world.scheduler.pause(1)


def refuse(world: World, claim: str) -> None:
    """The payee says no on their page, as often as it takes."""
    _page(world, claim, "refuse", lambda text: claim_page.refuse(world.services, text))


def name_account(world: World, claim: str, *, right: bool = True, bank: str = "0001") -> None:
    """The payee names an account on their page, as often as it takes; the last digits are in its holder's name."""
    form = {
        "bank": bank,
        "branch": "001",
        "kind": "ordinary",
        "number": "7654321",
        "holder": "C 321" if right else "C 9",
    }
    _page(world, claim, "name", lambda text: claim_page.name_account(world.services, text, form))


def take_back(world: World, claim: str) -> None:
    """The desk takes it back."""
    clock, wish = world.services.clock, Wish(end="cancelled", by="operator")
    while (
        answer := world.run(Act("take_back", f"C#{claim}"), lambda: claiming.ask(world.table, claim, wish, clock=clock))
    ) is None:
        world.scheduler.pause(1)
    world.counted[f"take_back_{answer.refusal if isinstance(answer, Rejection) else 'asked'}"] += 1


def _page(world: World, claim: str, kind: str, step: Callable[[str], Held]) -> None:
    """A step of the page with the link of the private message, if there is a claim."""
    item = world.storage.items.get(claim_key(claim))
    if item is None:
        return
    text = claim_link.make(CLAIM_KEY, PROGRAMME.name, claims.from_item(item))
    while (shown := world.run(Act(kind, f"C#{claim}"), lambda: step(text))) is None:
        world.scheduler.pause(1)
    told = shown.refusal or (shown.claim.wish or shown.claim.status if shown.claim else "forged")
    world.counted[f"{kind}_{told}"] += 1
