"""Which accounts have sub-balances: a line for each, found without a scan; and with which one gathering goes on."""

from collections.abc import Iterator

from chalicelib.table import Part, Put, Table, update

LIST = "S#accounts"
_MARK = ("S#gathered", "0")
PAGE = 100


def line(account: str) -> Put:
    """The line of an account that has sub-balances; written again it changes nothing."""
    return Put(item={"PK": LIST, "SK": account}, clauses=())


def accounts(table: Table, *, first: str = "") -> Iterator[str]:
    """The ids of all accounts that have sub-balances, in their order, from one on and round to it again."""
    yield from _ids(table, start=first)
    for account in _ids(table, start="") if first else ():
        if account >= first:
            return
        yield account


def stopped_at(table: Table) -> str:
    """The account that gathering goes on with; empty when it came round."""
    item = table.get(_MARK)
    return str(item["account"]) if item else ""


def stop_at(table: Table, account: str) -> None:
    """Remember the account that gathering is to go on with; of two at once either may be remembered."""
    table.update(update(_MARK, Part(assign={"account": account})))


def _ids(table: Table, *, start: str) -> Iterator[str]:
    while lines := table.query(LIST, start=start, limit=PAGE):
        yield from (str(found["SK"]) for found in lines)
        start = f"{lines[-1]['SK']}\0"
