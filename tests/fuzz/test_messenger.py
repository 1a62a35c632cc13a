"""Messenger's door: whatever Meta could sign is read to an outcome, and pays, links and asks nobody by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.channels import Event
from chalicelib.conditions import Item
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents.inbox import take
from chalicelib.table import Key
from local import meta
from tests.bank import Bank
from tests.chat import PAGE, PSID, Chat

WORDS = st.sampled_from(
    ["envoyer", "10 €", "@bob", "@alice", "@", "#associer", "482913", "annuler", "aide", "送金", "千円", "@" + "x" * 15,
     "06 12 34 56 78", "\u202e", "\x00", "é", "＠bob", "p_" + "A" * 16 + "_" + "B" * 22]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=60)
BUTTONS = st.sampled_from(["pair_yes:", "pair_no:", "GET_STARTED", "", "pair_yes:" + "A" * 16]) | st.text(max_size=40)
REFS = st.sampled_from(["p_" + "A" * 16 + "_" + "B" * 22, "p_", ""]) | st.text(max_size=60)
METADATA = st.sampled_from(["N#a refused#reply", "A#alice 0", "T#x 0", "N# ", ""]) | st.text(max_size=40)
OUTCOMES = {"OrdersTaken", "MessagesDropped", "HandlesRevoked"}

MESSAGES = st.builds(lambda text, button: meta.written(text, page=PAGE, by=PSID, tapped=button), TEXTS, BUTTONS)
OPENED = st.builds(lambda ref, first: meta.opened(ref, page=PAGE, by=PSID, first=first), REFS, st.booleans())
ECHOES = st.builds(lambda said: meta.echo(text="x", page=PAGE, to=PSID, mid="m_1", metadata=said), METADATA)
ELEMENTS = MESSAGES | OPENED | ECHOES | st.just(meta.unlinked(page=PAGE, by=PSID))
BOUNDED = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def bank(*, linked: bool) -> Bank:
    """A bank in which a chat is linked with Alice, or nobody's."""
    made = Bank()
    if linked:
        handle = Handle(
            network="facebook", page=PAGE, user_id=PSID, label="", person="alice", account="alice", name="Alice"
        )
        assert people.link(made.table, handle, clock=made.services.clock) is None
    return made


def held(found: Bank) -> Mapping[Key, Any]:
    """Accounts, identities and names: what no message may change."""
    kinds = ("A#", "L#", "Q#", "P#")
    return {key: dict(item) for key, item in found.table.items.items() if key[0].startswith(kinds)}


def counted(found: Bank, event: Event) -> list[str]:
    """Take an event; the metrics that were counted."""
    names: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.intents.inbox.count", lambda name, **_: names.append(name))
        take(found.services, event)
    return names


@BOUNDED
@given(element=ELEMENTS, linked=st.booleans())
@example(element=meta.written("@a " * 400, page=PAGE, by=PSID), linked=True)
@example(element=meta.written("x", page=PAGE, by=PSID, tapped="pair_yes:" + "A" * 5_000), linked=True)
@example(element=meta.echo(text="x", page=PAGE, to=PSID, mid="m", metadata="N#" + "a" * 5_000 + " b"), linked=True)
def test_whatever_is_written_ends_in_one_outcome(element: meta.Element, *, linked: bool) -> None:
    """An order, a drop or an unlinking; again it changes nothing; no money moves and nobody is bound."""
    found = bank(linked=linked)
    before = held(found)
    for event in Chat(found).events(element):
        assert len(OUTCOMES & set(counted(found, event))) == 1
        once = {key: dict(item) for key, item in found.table.items.items()}
        take(found.services, event)
        assert {key: dict(item) for key, item in found.table.items.items()} == once
    after = held(found)
    if "account_linking" in element:
        for item in after.values():
            item.pop("unlinked_at", None)
    assert after == before


def test_a_message_that_names_hundreds_is_read_in_one_batch() -> None:
    """DynamoDB reads a hundred items at once; one more would be a dead letter."""
    found = bank(linked=True)
    asked: list[list[Key]] = []
    read = found.table.get_many

    def kept(keys: Iterable[Key]) -> Mapping[Key, Item]:
        asked.append(list(keys))
        return read(asked[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found.table, "get_many", kept)
        text = "envoyer 10 € " + " ".join(f"@name{number}" for number in range(300))
        for event in Chat(found).events(meta.written(text, page=PAGE, by=PSID)):
            take(found.services, event)
        many = [str(number) for number in range(300)]
        people.look_up(found.table, ("facebook", PAGE), user_ids=many, names=many)
    assert len(asked) > 1
    assert max(map(len, asked)) <= 100
