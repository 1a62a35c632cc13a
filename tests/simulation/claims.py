"""What people do about held money: strangers are linked, payees refuse, the desk takes back."""

from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Wish
from chalicelib.table import Rejection
from tests.simulation.bank import BOT, NETWORK, Customer
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
    _ask(world, claim, Wish(end="refused", by="payee"), kind="refuse")


def take_back(world: World, claim: str) -> None:
    """The desk takes it back."""
    _ask(world, claim, Wish(end="cancelled", by="operator"), kind="take_back")


def _ask(world: World, claim: str, wish: Wish, *, kind: str) -> None:
    clock = world.services.clock
    while (
        answer := world.run(Act(kind, f"C#{claim}"), lambda: claiming.ask(world.table, claim, wish, clock=clock))
    ) is None:
        world.scheduler.pause(1)
    world.counted[f"{kind}_{answer.refusal if isinstance(answer, Rejection) else 'asked'}"] += 1
