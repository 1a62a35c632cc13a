"""One SMS for many gifts: what a payee with sub-balances is told."""

from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering
from chalicelib.money import format_amount_sms
from chalicelib.notices import change, gsm, message
from chalicelib.notices.change import Notice
from chalicelib.notices.composing import compose
from chalicelib.texts import LANGUAGES
from tests.bank import CODE, PROGRAMME, Bank
from tests.ledger.test_shards import charity, sharded


def told(bank: Bank) -> list[Notice]:
    """The notices of a gift that is just paid."""
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    bank.table.images.clear()
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    return [notice for old, new in bank.table.images for notice in change.notices(old, new, tries=5)]


def test_gifts_of_an_hour_are_one_notice_to_the_payee() -> None:
    """Every giver has a receipt; the payee's notices have one claim until the hour is over."""
    bank = sharded()
    first, second = told(bank), told(bank)
    bank.time.move(3_600)
    third = told(bank)
    assert [[notice.kind for notice in notices] for notices in (first, second, third)] == [["receipt", "gifts"]] * 3
    assert first[1].once == second[1].once != third[1].once


def test_the_sms_tells_all_that_was_ever_given() -> None:
    """Also what was gathered since, and gifts that came after the one it was sent for."""
    bank = sharded()
    notice = told(bank)[1]
    told(bank)
    gathering.gather(bank.table, charity(bank), clock=bank.services.clock)
    told(bank)
    composed = compose(bank.services, notice)
    assert composed
    person, text = composed
    assert person.id == "croixbleue"
    assert "dons pour vous: 3, 30,00 EUR en tout" in text


def test_a_payee_without_sub_balances_is_told_of_each_payment() -> None:
    """As everybody is."""
    assert [notice.kind for notice in told(Bank())] == ["receipt", "received"]


def test_it_fits_an_sms_whatever_was_given() -> None:
    """One segment in GSM-7, two in Japanese."""
    for language in LANGUAGES:
        amount = format_amount_sms(10**12, "EUR", language)
        text = message.gifts(PROGRAMME, language, number=10**8, amount=amount)
        assert gsm.parts(text) <= message.PARTS.get(language, 1), text
