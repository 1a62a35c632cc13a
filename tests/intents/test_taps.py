"""What a button carries, and what comes back of it: a wish in our own form, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents import taps
from chalicelib.intents.taps import Tap

ID = "9wGoFWy6z_3jZT-X"
TAPS = [*(Tap(order) for order in taps.BARE), Tap("confirm", ID), Tap("cancel", ID), Tap("contacts", ID)]


@pytest.mark.parametrize("tap", TAPS)
def test_a_button_says_what_was_put_into_it(tap: Tap) -> None:
    """Short, in plain letters, and no pairing."""
    written = taps.payload(tap.order, tap.target)
    assert taps.read(written) == tap
    assert written.isascii() and len(written) <= 23
    assert taps.answer_in(written) is None


@pytest.mark.parametrize(("order", "target"), [("send", ""), ("balance", ID), ("confirm", ""), ("pair", ID)])
def test_other_orders_have_no_button(order: str, target: str) -> None:
    """A bug, not a silent button."""
    with pytest.raises(KeyError):
        taps.payload(order, target)


@pytest.mark.parametrize(
    "button",
    [
        None, "", "again", "cancel", "again:", f"again:{ID}x", f"again:{ID[1:]}", f"again:{ID}\n", f" again:{ID}",
        f"AGAIN:{ID}", f"confirm:{ID}", f"cancel:{ID};", f"balance:{ID}", "balance ", "Balance",
        "again:９wGoFWy6z_3jZT-X",
        f"again:{ID}#again:{ID}", "GET_STARTED", "opened", f"pair_yes:{ID}",
    ],
)  # fmt: skip
def test_what_we_did_not_write_is_no_wish(button: str | None) -> None:
    """Cut off, longer, in other letters, or another app's."""
    assert taps.read(button) is None


@given(st.text(max_size=60))
def test_whatever_comes_back_is_ours_or_nothing(button: str) -> None:
    """A wish that is read writes the very same button."""
    tap = taps.read(button)
    assert tap is None or taps.payload(tap.order, tap.target) == button


@pytest.mark.parametrize("yes", [True, False])
def test_the_two_answers_say_what_they_are_about(*, yes: bool) -> None:
    """Yes comes first; neither is another wish."""
    written = taps.answer_buttons(ID)[0 if yes else 1]
    assert taps.answer_in(written) == taps.Answer(ID, yes=yes)
    assert (taps.read(written), taps.choice_in(written)) == (None, None)


@pytest.mark.parametrize("number", [0, 9])
def test_a_names_button_says_which_of_which_order(number: int) -> None:
    """One digit: no order asks about more than ten."""
    written = taps.name_button(ID, number)
    assert taps.choice_in(written) == taps.Choice(ID, number)
    assert (taps.read(written), taps.answer_in(written)) == (None, None)
    assert taps.choice_in(taps.name_button(ID, 10)) is None
    assert (taps.choice_in(None), taps.answer_in(None)) == (None, None)
