"""The round of gathering: what came in on sub-balances moves to their accounts every hour, while gifts go on coming.

Each step is a transaction of one sub-balance and its account. A step that meets other payments is left for the next
round: they come first. Rounds at once, or one again, move nothing twice, as a step is named by the leg that it saw.
"""

from collections.abc import Iterator

from chalicelib.ledger import gathering, sharded
from chalicelib.ledger import store as ledger
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# Some ten thousand steps; the function has a minute more, so that it is never cut off.
RUN_SECONDS = 240


def go_round(services: Services) -> int:
    """Gather every open account that has sub-balances; returns how many of these were emptied.

    Stops after four minutes, and goes on with the same account the next time. Raises Unavailable when the table is
    down: what was moved is moved.
    """
    table, clock = services.table, services.clock
    until = clock.monotonic() + RUN_SECONDS
    emptied = 0
    for account, moved in _steps(services):
        emptied += moved
        if clock.monotonic() > until:
            sharded.stop_at(table, account)
            LOG.warning("gathering is behind", extra={"account": account, "emptied": emptied})
            return emptied
    sharded.stop_at(table, "")
    count("GatheringsFinished")
    LOG.info("gathered", extra={"emptied": emptied})
    return emptied


def _steps(services: Services) -> Iterator[tuple[str, bool]]:
    """Each account as it comes up, then each of its steps: whether money was moved."""
    for name in sharded.accounts(services.table, first=sharded.stopped_at(services.table)):
        yield name, False
        account = ledger.account(services.table, name)
        if account is None or account.status != "open":
            continue  # nothing of it can move
        for moved_minor in gathering.steps(services.table, account, clock=services.clock, hurry=True):
            if moved_minor:
                count("SubBalancesEmptied")
            else:
                count("SubBalancesLeft")
            yield name, moved_minor > 0
