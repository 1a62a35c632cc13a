"""The sandbox's network: threads, edits, what an @name is, ids that grow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels import Named
from local.sandbox import network
from local.sandbox.entities import escaped, hashtags, mentions
from local.sandbox.network import Draft, Kind, Network, Post, Refused

BOT = Named(user_id="1471859046", handle="Smoneyfr")
ALICE = Named(user_id="2244994945", handle="alicemartin")
BOB = Named(user_id="783214", handle="superpipou")
NOW = 1_795_000_000.25
HOUR = 3_600


def town() -> Network:
    """A network where the bot, Alice and Bob exist."""
    new = Network(BOT)
    new.meet([ALICE, BOB])
    return new


def posted(place: Network, text: str, author: Named = ALICE, *, kind: Kind = "post", target: str = "") -> Post:
    """A post that the network takes."""
    made = place.add(Draft(author=author, text=text, kind=kind, target=target), now=NOW)
    assert isinstance(made, Post)
    return made


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Smoneyfr #envoyer 10€ @superpipou", ["Smoneyfr", "superpipou"]),
        ("＠superpipou et @SUPERPIPOU", ["superpipou", "SUPERPIPOU"]),
        ("@nobody_at_all", []),
        ("mail@superpipou", []),
        ("@superpipoué", []),
        ("@superpipou://x", []),
        ("R&D<@superpipou>", ["superpipou"]),
    ],
)
def test_an_at_name_counts_as_on_x(text: str, names: list[str]) -> None:
    """Names of existing accounts count, glued ones do not; each stands where the escaped text has it."""
    ids = {one.handle.lower(): one.user_id for one in (BOT, ALICE, BOB)}
    found = mentions(text, ids)
    assert [one.word for one in found] == names
    assert [escaped(text)[one.start + 1 : one.end] for one in found] == names


@given(st.text(alphabet="a é😀&<>@#＃superpipou_ 10€", max_size=60))
def test_entities_stand_where_they_say(text: str) -> None:
    """Whatever stands before them, entities are the escaped text from start to end, and never overlap."""
    found = [*mentions(text, {"superpipou": BOB.user_id}), *hashtags(text)]
    assert all(escaped(text)[one.start + 1 : one.end] == one.word for one in found)
    places = sorted((one.start, one.end) for one in found)
    assert all(before[1] <= after[0] for before, after in pairwise(places))


def test_a_new_name_always_gets_the_same_account() -> None:
    """Somebody unknown has an id made from the name, whatever its case, until the bank tells another one."""
    first, again = town().account("@Zoe_M"), town().account("zoe_m")
    assert isinstance(first, Named) and isinstance(again, Named)
    assert first.user_id == again.user_id
    assert first.user_id.isdigit() and len(first.user_id) <= 19
    place = town()
    place.account("zoe_m")
    place.meet([Named(user_id="42", handle="zoe_m")])
    assert place.account("ZOE_M") == Named(user_id="42", handle="zoe_m")


@pytest.mark.parametrize("name", ["", "@", "élodie", "a b", "sixteen_letters_", "<b>"])
def test_some_names_are_none(name: str) -> None:
    """An @name has 1 to 15 ASCII letters, digits or underscores."""
    assert isinstance(town().account(name), Refused)


def test_a_reply_starts_with_the_names_above() -> None:
    """A reply joins its thread; the prefix is not shown and does not name anybody in the author's own words."""
    place = town()
    root = posted(place, "@Smoneyfr #envoyer 10€ @superpipou")
    reply = posted(place, "merci & à bientôt", BOB, kind="reply", target=root.id)
    assert reply.text == "@alicemartin @Smoneyfr merci & à bientôt"
    assert reply.escaped[slice(*reply.shown)] == "merci &amp; à bientôt"
    assert (reply.reply_to, reply.conversation, reply.target_author) == (root.id, root.id, ALICE)
    assert not reply.names(BOT.user_id)
    assert posted(place, "@Smoneyfr #annuler", ALICE, kind="reply", target=reply.id).names(BOT.user_id)


def test_an_edit_is_a_new_version() -> None:
    """An edit gets a new id, keeps the first one and its thread, and the old versions stay found under the new one."""
    place = town()
    first = posted(place, "@Smoneyfr #envoyer 10€ @superpipou")
    second = posted(place, "@Smoneyfr #envoyer 99€ @superpipou", kind="edit", target=first.id)
    assert second.versions == (first.id, second.id)
    assert second.conversation == first.id
    assert place.newest() == [second]
    assert place.find(first.id) == second


def test_x_takes_five_edits_in_an_hour_from_the_author() -> None:
    """A sixth edit, a late one, somebody else's, and that of a reply are refused."""
    place = town()
    post = posted(place, "one")
    assert isinstance(place.add(Draft(author=BOB, text="two", kind="edit", target=post.id), now=NOW), Refused)
    late = Draft(author=ALICE, text="two", kind="edit", target=post.id)
    assert isinstance(place.add(late, now=NOW + HOUR + 1), Refused)
    reply = posted(place, "three", kind="reply", target=post.id)
    assert isinstance(place.add(Draft(author=ALICE, text="4", kind="edit", target=reply.id), now=NOW), Refused)
    for number in range(network.EDITS):
        post = posted(place, f"edit {number}", kind="edit", target=post.id)
    assert isinstance(place.add(Draft(author=ALICE, text="6", kind="edit", target=post.id), now=NOW), Refused)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(author=ALICE, text="  "),
        Draft(author=ALICE, text="x" * 281),
        Draft(author=ALICE, text="to nowhere", kind="reply", target="123"),
        Draft(author=ALICE, kind="repost", target="123"),
    ],
)
def test_what_x_does_not_take(draft: Draft) -> None:
    """Nothing, too much, and what refers to a post that is not there is refused and not kept."""
    place = town()
    assert isinstance(place.add(draft, now=NOW), Refused)
    assert place.posts == []


def test_the_bot_may_answer_what_is_not_here() -> None:
    """A post that reached the webhook by another way can be answered; the answer stands in its conversation."""
    answer = town().answer("Bonjour", to="999", now=NOW)
    assert (answer.author, answer.reply_to, answer.conversation) == (BOT, "999", "999")


@given(st.floats(min_value=1_600_000_000, max_value=1_900_000_000))
def test_ids_hold_their_time(at: float) -> None:
    """A snowflake id tells when it was made, to the millisecond, and a later one is greater."""
    place = town()
    ids = [int(place.new_id(at)), int(place.new_id(at)), int(place.new_id(at + 1))]
    assert ids == sorted(set(ids))
    assert network.sent_at(str(ids[0])) == pytest.approx(at, abs=0.0011)
