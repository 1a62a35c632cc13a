"""Whatever is written: in public nobody is reached by number or name, and in private no number is kept or said."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents import naming
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from tests.bank import Bank, mention
from tests.chat import Chat
from tests.intents.past import ALICE, PHILIPPE, bank_of_three, confirmed, written
from tests.intents.test_reaching import watched

DIGITS = "698765478"
SPELLINGS = [
    "06 98 76 54 78",
    "0698765478",
    "+33 6 98 76 54 78",
    "00 33 (0)6.98.76.54.78",
    "０６ ９８ ７６ ５４ ７８",
    f"@{PHILIPPE}",
]
PIECES = [
    "envoyer",
    "#envoyer",
    "send",
    "donner",
    "5 €",
    "5€",
    "10",
    "au",
    "à",
    "to",
    "Philippe",
    "@bob",
    "pour",
    "annuler",
]
LEFT, RIGHT = (
    ["", "(", "#", "&", "!", "*", "“", "…", "\u200b"],
    ["", ")", "!", " merci", "…", "é", "@x.fr", ":", "\u200b"],
)

numbers = st.tuples(st.sampled_from(LEFT), st.sampled_from(SPELLINGS), st.sampled_from(RIGHT)).map("".join)
texts = st.lists(st.one_of(numbers, st.sampled_from(PIECES)), min_size=1, max_size=7).map(" ".join)


def payer() -> Bank:
    """A bank in which Alice has paid Philippe."""
    bank = bank_of_three()
    confirmed(bank, written(bank, f"Envoyer 5 € au {PHILIPPE}"))
    bank.sms.sent.clear()
    bank.topic.published.clear()
    return bank


def plain(content: object) -> str:
    """All that something says, with nothing between its digits."""
    return re.sub(r"[\s.()+-]", "", json.dumps(content, ensure_ascii=False, default=str))


@given(texts)
def test_in_public_nobody_is_reached_by_number_or_name(text: str) -> None:
    """Whom a post pays, X has named by an id; nothing is looked up by number, and no past payment is."""
    bank = payer()
    table = watched(bank)
    order = place(bank.services, naming.named(bank.services, mention(f"@Smoneyfr {text}")))
    assert not [key for key in table.read if key[:2] in ("F#", "E#", "P#")]
    if isinstance(order, Intent):
        assert order.payee in ("", "bob")
        assert "payee_hint" not in order.said


@given(texts)
def test_in_private_no_number_is_kept_or_said(text: str) -> None:
    """Neither in an order, a list or a notice, nor in a chat or an SMS; only the person's own item has it."""
    bank = payer()
    before = set(bank.table.items)
    chat = Chat(bank, psid=ALICE)
    chat.write(text)
    kept = {key[0]: bank.table.items[key] for key in bank.table.items if key not in before}
    assert kept
    assert DIGITS not in plain(kept)
    assert DIGITS not in plain(chat.texts) + plain([text for _, text in bank.sms.sent])


@given(st.text(max_size=80))
def test_any_private_message_is_answered_with_an_order(text: str) -> None:
    """Nothing that people write breaks the way to a payee."""
    bank = payer()
    message = mention(text or "x", private=True)
    assert isinstance(place(bank.services, naming.named(bank.services, message)), Intent)
