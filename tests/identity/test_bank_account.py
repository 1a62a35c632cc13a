"""Bank accounts that somebody names: Zengin's letters and digits, IBANs, and what may be shown of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity.bank_account import BankAccount, by_iban, kana, zengin
from chalicelib.refusals import Refusal

FORM = {"bank": "0036", "branch": "251", "kind": "ordinary", "number": "1234567", "holder": "ﾔﾏﾀﾞ ﾊﾅｺ"}
WHOLE = BankAccount(**FORM)
IBAN = "FR14 2004 1010 0505 0001 3M02 606"
# Zengin's character set for names: no small kana, no ｦ, no long vowel, marks apart.
ALLOWED = set("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ()-./｢｣")


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ヤマダ ハナコ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("やまだ　はなこ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("  ヤマダ \t ハナコ ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        ("パンダ", "ﾊﾟﾝﾀﾞ"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("キャノン", "ｷﾔﾉﾝ"),
        ("ショップ", "ｼﾖﾂﾌﾟ"),
        ("サトー", "ｻﾄ-"),
        ("ｻﾄｰ", "ｻﾄ-"),
        ("ミヲ", "ﾐｵ"),
        ("みを", "ﾐｵ"),
        ("カ）ラクテン", "ｶ)ﾗｸﾃﾝ"),
        ("ジョン・スミス", "ｼﾞﾖﾝ.ｽﾐｽ"),
        ("Smith John", "SMITH JOHN"),
        ("ＡＢＣショウジ３", "ABCｼﾖｳｼﾞ3"),
        ("か\u3099", "ｶﾞ"),
    ],
)
def test_a_holders_name_becomes_zengins(typed: str, written: str) -> None:
    """Hiragana, full width, small kana, long vowels, voiced marks and spaces, as people type them."""
    assert kana(typed) == written


@pytest.mark.parametrize(
    "typed", ["", " ", "山田 花子", "ヤマダ!", "ヤマダ\x00", "-", "()", "123", "é", "ア" * 31, "ガ" * 16, "👪"]
)
def test_a_name_that_zengin_cannot_write_is_none(typed: str) -> None:
    """Kanji above all; more than thirty characters, each voiced mark one of them; no name at all."""
    assert kana(typed) == ""


@given(st.text() | st.text("アガパャヲーあがぱヴヵ ・（）ABc1-", max_size=60))
def test_whatever_is_typed_is_written_in_zengins_letters_or_not_at_all(text: str) -> None:
    """At most thirty of them; and writing it again changes nothing."""
    written = kana(text)
    assert set(written) <= ALLOWED
    assert len(written) <= 30
    assert kana(written) == written


@given(st.text("アイウカガサザタダハバパマヤラワンABC 12", min_size=1, max_size=15))
def test_a_name_reads_the_same_however_wide_it_is_typed(text: str) -> None:
    """Full-width and half-width katakana are one name."""
    assert kana(unicodedata.normalize("NFKC", kana(text))) == kana(text)


@pytest.mark.parametrize(
    "change",
    [{}, {"bank": "００３６"}, {"bank": " 00-36 "}, {"number": "123 4567"}, {"holder": "やまだ　はなこ"}],
)
def test_a_whole_account_is_read_however_it_is_typed(change: dict[str, str]) -> None:
    """Digits of any width, spaces and hyphens."""
    assert zengin({**FORM, **change}) == WHOLE


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"bank": "36"}, "account_malformed"),
        ({"bank": "00366"}, "account_malformed"),
        ({"bank": "٠٠٣٦"}, "account_malformed"),
        ({"branch": "25"}, "account_malformed"),
        ({"branch": ""}, "account_malformed"),
        ({"number": "123456"}, "account_malformed"),
        ({"number": "12345678"}, "account_malformed"),
        ({"number": "1" * 5_000}, "account_malformed"),
        ({"kind": "savings"}, "account_malformed"),
        ({"kind": ""}, "account_malformed"),
        ({"holder": "山田花子"}, "holder_malformed"),
        ({"holder": ""}, "holder_malformed"),
        ({"bank": "", "holder": ""}, "account_malformed"),
    ],
)
def test_what_is_not_whole_is_refused(change: dict[str, str], refusal: str) -> None:
    """The account first, then its holder; a field that is missing too."""
    assert zengin({**FORM, **change}) == refusal
    assert zengin({name: value for name, value in {**FORM, **change}.items() if value}) == refusal


def test_an_iban_is_read_by_its_check_digits() -> None:
    """And its holder in letters of any kind."""
    named = {"iban": IBAN, "holder": "  Anne-Françoise  d’Œuvre "}
    assert by_iban(named) == BankAccount(iban=IBAN.replace(" ", ""), holder="Anne-Françoise d’Œuvre")
    assert by_iban({**named, "iban": IBAN[:-1] + "7"}) is Refusal.ACCOUNT_MALFORMED
    for holder in ("", "  ", "Bob 3", "a" * 71, "Bob\x00", "<b>"):
        assert by_iban({**named, "holder": holder}) is Refusal.HOLDER_MALFORMED


def test_little_is_shown_of_an_account() -> None:
    """Enough to know it by; the holder not at all."""
    assert WHOLE.masked == "0036-251 ••••567"
    assert BankAccount(iban=IBAN.replace(" ", ""), holder="Carol").masked == "FR14 •••• 606"


def test_what_is_stored_is_the_account_again() -> None:
    """Without empty fields."""
    assert WHOLE.fields() == FORM
    assert BankAccount(**WHOLE.fields()) == WHOLE
