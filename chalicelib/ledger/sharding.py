"""Sub-balances: a payee whom many pay at once has its money on many items, as one item takes some eighty a second.

The main account says how many there are. Its number only grows, and grows in the transaction that makes the new ones,
while the account is open: so a frozen account has none that could still take money, and a number that is a moment old
only means that some are not used yet. A credit to one that does not exist is refused like one to a closed account.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.ledger import sharded
from chalicelib.ledger.account import Account
from chalicelib.ledger.transfer import sub_balance
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Clock
from chalicelib.table import Part, Put, Rejection, Table, Update, Write, absent, account_key, update

# What a charity starts with: 5,000 gifts a minute (docs/proof.md); and the most, for 60,000.
FIRST, MOST = 16, 256
# A transaction holds a hundred writes; some room is kept for what others may add.
STEP = 90


def count(table: Table, account: str, *, consistent: bool = False) -> int:
    """How many sub-balances an account has, a moment old unless `consistent`; 0 if it has none or is none."""
    item = table.get(account_key(account), consistent=consistent)
    return item.get("shards", 0) if item else 0


def choose(account: str, shards: int, *, chance: float) -> str:
    """The balance that a payment goes to: one of the account's sub-balances, or the account itself if it has none."""
    return sub_balance(account, int(chance * shards)) if shards else account


def chooser(table: Table, account: str, known: int, *, chance: Callable[[], float]) -> Callable[[], str]:
    """Chooses where a payment goes, anew for each try.

    The number of sub-balances is the one that is `known` at first; after a conflict it is asked for, as it may have
    been raised since.
    """
    tried: list[str] = []

    def chosen() -> str:
        shards = count(table, account) if tried else known
        tried.append(choose(account, shards, chance=chance()))
        return tried[-1]

    return chosen


def keys(account: str, shards: int) -> Sequence[tuple[str, str]]:
    """Where an account's sub-balances are kept."""
    return [account_key(sub_balance(account, number)) for number in range(shards)]


def balances(table: Table, account: str, shards: int) -> Sequence[Item]:
    """An account's sub-balances as they are, a hundred a round trip, a moment old at most."""
    wanted = keys(account, shards)
    found: dict[tuple[str, str], Item] = {}
    for start in range(0, len(wanted), 100):
        found.update(table.get_many(wanted[start : start + 100]))
    return [found[key] for key in wanted if key in found]


def raise_to(table: Table, account: Account, number: int, *, clock: Clock) -> Rejection | None:
    """Give an open account this many sub-balances, live, and list it; a number that it has already changes nothing.

    Refused with STALE where another hand has changed the number meanwhile, with PAYEE_FROZEN or PAYEE_CLOSED where the
    account is not open. Raises ValueError above 256, Unavailable when the table is out of reach: run it again.
    """
    if number > MOST:
        raise ValueError(f"an account has at most {MOST} sub-balances")
    has = account.shards
    while has < number:
        upto = min(number, has + STEP)
        writes = _step(account, has, upto)
        rejection = transact(table, partial(list, writes), clock=clock)
        if rejection:
            return rejection
        has = upto
    return None


def _step(account: Account, has: int, upto: int) -> Sequence[Write]:
    made = [part(account, number) for number in range(has, upto)]
    new = [Put(item=item, clauses=(absent(Refusal.STALE),)) for item in made]
    return [_raise(account, has, upto), sharded.line(account.id), *new]


def _raise(account: Account, has: int, upto: int) -> Update:
    return update(
        account_key(account.id),
        Part(
            clauses=(
                Clause(attribute="status", operator="<>", value="frozen", means=Refusal.PAYEE_FROZEN),
                Clause(attribute="status", operator="=", value="open", means=Refusal.PAYEE_CLOSED),
                Clause(attribute="shards", operator="=", value=has, means=Refusal.STALE, or_absent=not has),
            ),
            assign={"shards": upto},
        ),
    )


def part(account: Account, number: int) -> dict[str, Any]:
    """The item of a sub-balance that is just made: empty. `gifts` and `received` count what it ever took."""
    key, sort = account_key(sub_balance(account.id, number))
    return {
        "PK": key,
        "SK": sort,
        "status": "open",
        "currency": account.currency,
        "available": 0,
        "seq": 0,
        "gifts": 0,
        "received": 0,
    }
