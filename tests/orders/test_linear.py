"""A hostile message costs no more than its length."""

import sys
import time
from types import FrameType

import pytest

from tests.orders.reading import private, public

# Each is repeated to 100,000 characters: what makes patterns that try again and again explode.
HOSTILE = [
    "a", "1", "1 ", "1 000 ", "1,", "1.1", "1'", "#", "#envoyer ", "@", "@a ", "a@", "a@b", "a.", "a-", "-", "1-",
    "1/", "€", "1€", "€1", "1€1", "1 € ", "10€ 12 ", "dix ", "dix-", "vingt et ", "et ", "cent mille ", "20 cinq ",
    "un 1 ", "千", "1万", "円", "千円", "送金", "#送金", "送", "ー1", "マイナス", "moins ", "x", "1x", "\u0301",
    "e\u0301", "1\u0336", "\u200d", "\u202e", "🇫", "👍🏽", "http://", "https://a", "www.", "a.com/", " ", "\n",
    "\u3000", "$a", "½", "envoyer ", "1 ou ", "10€ et 50 ",
]  # fmt: skip
LENGTH = 100_000
SECONDS = 10.0


@pytest.mark.parametrize("piece", HOSTILE)
def test_steps_grow_with_the_length_only(piece: str) -> None:
    """Twice the text takes about twice the calls, and 100,000 characters end well before a function's time is up."""
    half, whole = (_calls(piece * (length // len(piece))) for length in (5_000, 10_000))
    assert whole <= 2.5 * half + 1000
    started = time.process_time()
    text = piece * (LENGTH // len(piece))
    public(f"#envoyer 10 @taro {text}")
    private(text)
    assert time.process_time() - started < SECONDS


def _calls(text: str) -> int:
    """How many calls, built-in ones too, reading a text makes."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        public(f"#envoyer 10 @taro {text}")
        private(text)
    finally:
        sys.setprofile(None)
    return count
