"""A bank that knows who holds which account: a table of them, in place of a real name check."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.errors import Unavailable

# Account number → holder, in the letters that payments use.
ACCOUNTS = {
    "0036-251-1234567": "ﾔﾏﾀﾞ ﾊﾅｺ",
    "0001-001-7654321": "ｽｽﾞｷ ｲﾁﾛｳ",
    "FR1420041010050500013M02606": "Carol Martin",
}


@dataclass
class TableHolders:
    """The `Holders` port: an account that is not in the table is one that nobody can tell of; `down` fails."""

    accounts: Mapping[str, str] = field(default_factory=lambda: dict(ACCOUNTS))
    down: bool = False
    asked: int = 0

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """Whether the table has this name for the account; spaces do not matter."""
        self.asked += 1
        if self.down:
            raise Unavailable("the name check is down")
        parts = (account.get(part, "") for part in ("bank", "branch", "number"))
        holder = self.accounts.get(account.get("iban") or "-".join(parts))
        return None if holder is None else _letters(holder) == _letters(name)


def _letters(name: str) -> str:
    return "".join(name.split()).casefold()
