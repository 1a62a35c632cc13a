"""Laws of the grammar, for every message that chance can write."""

import unicodedata
from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents.numerals import AMOUNT_MINOR_MAX, english, french, kanji
from chalicelib.intents.tokens import tokenise
from chalicelib.money import format_amount, format_amount_sms
from chalicelib.refusals import Refusal
from tests.orders.reading import EUROS, private, public, told

AMOUNTS = st.one_of(st.integers(1, 10**6), st.integers(1, AMOUNT_MINOR_MAX))
WORDS = (
    "#envoyer #send #送る envoyer 送金 pay don @taro @Smoneyfr ＠x @ 10 10€ € $ 1 000 1,000 1.000,50 -5 − 千 一万 円 "
    "dix vingt et un cent cents mille euros euro 50 / : x k e3 % ½ ٣ https://t.co/x a@b.fr # \u200b \u202e \ud800 "
    "pour pizza 🍕 👨‍👩‍👧 e\u0301 06 18h30 \n"
)
PIECES = st.sampled_from(WORDS.split(" "))
MESSAGES = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=12).map(" ".join),
    st.lists(PIECES, max_size=12).map("".join),
    st.text("0123456789 .,'€-#@x", max_size=30).map(lambda text: f"#envoyer @taro {text}"),
)


@given(amount_minor=AMOUNTS, language=st.sampled_from(["fr", "en", "ja"]), currency=st.sampled_from(["EUR", "JPY"]))
def test_what_we_write_we_read(amount_minor: int, language: str, currency: str) -> None:
    """An amount that Envoi writes, on a page or in an SMS, is read back as the same amount."""
    for write in (format_amount, format_amount_sms):
        reading = public(f"#envoyer {write(amount_minor, currency, language)} @taro", currency)
        assert (reading.refusal, reading.amount_minor) == (None, amount_minor)


@given(st.integers(1, 99_999), st.sampled_from(["€", " €", " euros", "EUR", ""]), st.sampled_from([",", "."]))
def test_the_order_of_the_parts_does_not_matter(amount_minor: int, currency: str, mark: str) -> None:
    """Bot, verb, amount and payee may come in any order."""
    amount = f"{amount_minor // 100}{mark}{amount_minor % 100:02}{currency}"
    for parts in permutations(["#envoyer", amount, "@taro", "@Smoneyfr"]):
        assert told(public(" ".join(parts))) == ("send", amount_minor, ["taro"], None)


@given(st.data())
def test_case_accents_and_width_do_not_matter(data: st.DataObject) -> None:
    """Any letter of the verb and the currency may be a capital, accented or full-width; so may digits."""

    def dressed(word: str) -> str:
        forms = [(c, c.upper(), c + "\u0301" * c.isalpha(), _wide(c), c + "\u200b", "\u2066" + c) for c in word]
        return "".join(data.draw(st.sampled_from(form)) for form in forms)

    text = f"＃{dressed('envoyer')} {dressed('12,50')} {dressed('euros')} ＠taro"
    assert told(public(text)) == ("send", 1250, ["taro"], None)
    assert public(unicodedata.normalize("NFC", text)) == public(unicodedata.normalize("NFD", text))


@given(MESSAGES)
def test_no_message_is_an_accident(text: str) -> None:
    """Whatever the text: no exception; a payment has one payee and an amount in bounds; a note is short and visible."""
    for reading in (public(text), private(text), public(text, "JPY"), private(text, "JPY")):
        if reading.amount_minor is not None:
            assert 0 < reading.amount_minor <= AMOUNT_MINOR_MAX
        if reading.order in {"send", "give"} and reading.refusal is None:
            assert len(reading.payees) == 1
            assert reading.amount_minor is not None
        if reading.note is not None:
            assert 0 < len(reading.note) <= EUROS.caps.note_characters
            assert not set(reading.note) & set("\n\u202e\u200b\ud800\x00")
            reading.note.encode()


@given(MESSAGES)
def test_a_text_without_a_verb_is_no_order(text: str) -> None:
    """Nothing but a verb makes an order: without # in public, without verbs in private; a code is warned of."""
    plain = text.replace("#", "").replace("＃", "").replace("﹟", "")
    assert public(plain).order is None
    for word in [*EUROS.verbs["send"], *EUROS.verbs["give"], "pay", "don"]:
        plain = plain.casefold().replace(word, "")
    if unicodedata.normalize("NFKC", plain).isascii() and not any(c.isalpha() for c in plain):
        reading = private(plain)
        assert reading.order is None or reading.refusal is Refusal.SENSITIVE


@given(MESSAGES)
def test_tokens_are_the_whole_text(text: str) -> None:
    """The tokens of a message follow each other without gap or overlap, up to its end."""
    tokens = tokenise(text, EUROS.verbs)
    assert all(left.end == right.start for left, right in pairwise(tokens))
    assert not tokens or tokens[-1].end == len(text)


def test_number_words_are_complete() -> None:
    """French and English name every number up to 999."""
    assert set(french().values()) == set(range(1000))
    assert set(english().values()) >= set(range(1000))


@given(st.integers(1, 99_999_999))
def test_kanji_numbers_are_read_back(number: int) -> None:
    """A number written in kanji, with units and in the short positional form, is read as itself."""
    assert kanji(_kanji(number)) == number
    assert kanji(str(number).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))) == number


def _wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


def _kanji(number: int) -> str:
    high, low = divmod(number, 10_000)
    return (f"{_section(high)}万" if high else "") + _section(low)


def _section(number: int) -> str:
    digits = [(number // unit % 10, name) for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, ""))]
    return "".join(("" if d == 1 and name else "一二三四五六七八九"[d - 1]) + name for d, name in digits if d)
