"""Accounts in the table: reading them, and the operator's few changes to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.ledger import sharding
from chalicelib.ledger.account import BANK, Account, from_item
from chalicelib.ledger.moving import move
from chalicelib.ledger.transfer import Transfer, credit
from chalicelib.refusals import Refusal
from chalicelib.retry import change
from chalicelib.services import Clock
from chalicelib.table import Part, Put, Rejection, Table, Write, absent, account_key, intent_key, update


def accounts(table: Table, ids: Iterable[str]) -> Mapping[str, Account]:
    """Read accounts in one round trip; missing ones are left out."""
    items = table.get_many([account_key(account) for account in ids])
    return {account.id: account for account in map(from_item, items.values())}


def account(table: Table, account_id: str) -> Account | None:
    """Read one account as it is now."""
    item = table.get(account_key(account_id), consistent=True)
    return from_item(item) if item else None


def open_account(table: Table, item: Item) -> Rejection | None:
    """Store a new account's item; refused with ALREADY_SEEN if there is one."""
    return table.put(Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),)))


def set_code(table: Table, account_id: str, *, mac: str) -> Item | Rejection:
    """Give an account its security code, and count wrong ones anew."""
    return table.update(update(account_key(account_id), _exists(), Part(assign={"code": mac, "attempts": 0})))


def set_status(table: Table, account_id: str, *, status: str, clock: Clock) -> Item | Rejection:
    """Freeze or unfreeze an account with its sub-balances; a closed one stays closed, refused with PAYEE_CLOSED.

    The account comes first: then nothing can give a frozen one more sub-balances. Each write is tried until it is
    done, as others pay an account at the very moment when it must be frozen. Cut off, it is done by doing it again.
    """
    lives = Clause(attribute="status", operator="<>", value="closed", means=Refusal.PAYEE_CLOSED)
    part = Part(clauses=(lives,), assign={"status": status})
    changed = change(table, update(account_key(account_id), _exists(), part), clock=clock)
    if not isinstance(changed, Rejection):
        _follow(table, account_id, clock=clock)
    return changed


def close(table: Table, account_id: str, *, clock: Clock) -> Item | Rejection:
    """Close an empty account for good; refused with FUNDS_MISSING while it or a sub-balance of it holds money.

    No transfer can come between: the condition and the new status are one write, and sub-balances are closed first;
    if one of them holds money, those that were closed are as the account again. Refused with STALE where it was given
    more of them meanwhile: do it again.
    """
    shards = sharding.count(table, account_id, consistent=True)
    for key in sharding.keys(account_id, shards):
        changed = change(table, update(key, _exists(), _closing()), clock=clock)
        if isinstance(changed, Rejection):
            break
    else:
        changed = change(table, update(account_key(account_id), _exists(), _closing(), _with(shards)), clock=clock)
    if isinstance(changed, Rejection):
        _follow(table, account_id, clock=clock)
    return changed


def _with(shards: int) -> Part:
    """The account has these sub-balances and no more: none was made after the others were closed."""
    same = Clause(attribute="shards", operator="=", value=shards, means=Refusal.STALE, or_absent=not shards)
    return Part(clauses=(same,))


def _closing() -> Part:
    empty = Clause(attribute="available", operator="=", value=0, means=Refusal.FUNDS_MISSING)
    return Part(clauses=(empty,), assign={"status": "closed"})


def _follow(table: Table, account_id: str, *, clock: Clock) -> None:
    """Give every sub-balance its account's status, again if another operator has changed that meanwhile."""
    main, done = table.get(account_key(account_id), consistent=True), None
    while main and main.get("shards") and main["status"] != done:
        done = main["status"]
        for key in sharding.keys(account_id, main["shards"]):
            change(table, update(key, _exists(), Part(assign={"status": done})), clock=clock)
        main = table.get(account_key(account_id), consistent=True)


def unblock(table: Table, account_id: str) -> Item | Rejection:
    """Let an account's holder type the security code again after too many wrong ones."""
    return table.update(update(account_key(account_id), _exists(), Part(assign={"attempts": 0})))


def fund(table: Table, funding: Transfer, *, clock: Clock) -> Rejection | None:
    """Credit money that came in from outside, once for each id; ALREADY_SEEN for an id used before.

    The other leg is the bank's, in the journal only.
    """

    def build(instant: int) -> Sequence[Write]:
        moved = replace(funding, moved_micros=instant)
        return [
            Put(item=_funding_item(moved, now=clock.now()), clauses=(absent(Refusal.ALREADY_SEEN),)),
            update(account_key(moved.payee), _exists(), credit(moved)),
        ]

    return move(table, build, clock=clock)


def funding(transfer_id: str, *, payee: str, amount_minor: int, currency: str) -> Transfer:
    """A transfer from the bank's own side, whose instant is still to come."""
    return Transfer(
        id=transfer_id, payer=BANK, payee=payee, amount_minor=amount_minor, currency=currency, moved_micros=0
    )


def _funding_item(transfer: Transfer, *, now: int) -> dict[str, Any]:
    key, sort = intent_key(transfer.id)
    return {
        "PK": key,
        "SK": sort,
        "order": "fund",
        "status": "paid",
        "payer": transfer.payer,
        "payee": transfer.payee,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "created_at": now,
        "paid_at": now,
        "moved_micros": transfer.moved_micros,
    }


def _exists() -> Part:
    return Part(clauses=(Clause(attribute="PK", operator="present", means=Refusal.PAYEE_UNKNOWN),))
