"""Echoes: a message that has arrived is marked on its notice's claim, and nowhere else."""

import pytest

from chalicelib.channels import Echo
from chalicelib.conditions import Item
from chalicelib.intents.echoes import mark, metadata
from chalicelib.table import notice_key
from tests.bank import Bank
from tests.chat import PAGE, PSID
from tests.template.test_leading_keys import may_write

KEY = notice_key("GsW-eVDnY5QDaImZ", "refused#reply")
CLAIM = {"PK": KEY[0], "SK": KEY[1], "message": "m1", "to": PSID}


def told(bank: Bank, text: str, *, to: str = PSID) -> Item | None:
    """Take an echo with this metadata, and look at the claim."""
    echo = Echo(network="facebook", page=PAGE, user_id=to, message_id="m_1", metadata=text)
    mark(bank.services, echo)
    return bank.table.get(KEY)


def test_an_echo_marks_its_claim() -> None:
    """By the key that went out with the message; the rest of the claim stays. The reader's role may do it."""
    bank = Bank()
    bank.table.items[KEY] = dict(CLAIM)
    assert told(bank, metadata(KEY)) == {**CLAIM, "arrived_at": bank.services.clock.now()}
    assert may_write("read_orders", KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "N#",
        "A#alice 0",
        "T#GsW-eVDnY5QDaImZ 0",
        "N#other refused#reply",
        "N#GsW-eVDnY5QDaImZ",
        " ".join("abc"),
    ],
)
def test_metadata_of_others_changes_nothing(text: str) -> None:
    """Another app of the page may write what it likes; neither an account nor an order is touched, and nothing made."""
    bank = Bank()
    bank.table.items[KEY] = dict(CLAIM)
    before = {key: dict(item) for key, item in bank.table.items.items()}
    told(bank, text)
    assert bank.table.items == before


def test_an_echo_to_somebody_else_is_not_ours() -> None:
    """A message that went to another person proves nothing of this one."""
    bank = Bank()
    bank.table.items[KEY] = dict(CLAIM)
    assert told(bank, metadata(KEY), to="1") == CLAIM
