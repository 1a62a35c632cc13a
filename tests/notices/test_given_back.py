"""Both sides of a payment hear that money of it went back: the right words to the right phone, once."""

import pytest

from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import reference
from chalicelib.ledger import gathering, reversing
from chalicelib.ledger import store as ledger
from chalicelib.ledger.reversal import Wish
from chalicelib.notices import change
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.table import Update, intent_key, person_key
from tests.bank import CODE, Bank

ALICE, BOB = "+33612345101", "+33612345102"


def given_back(bank: Bank, text: str = "#envoyer 10 € @bob pour le secret") -> tuple[str, list[change.Notice]]:
    """Four euros of a payment go back; the payment's id, and the notices that the change in the table calls for."""
    intent, clock = bank.say(f"@Smoneyfr {text}"), bank.services.clock
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    account = ledger.account(bank.table, intent.payee)
    assert account
    gathering.gather(bank.table, account, clock=clock)
    wish = Wish(amount_minor=400, reason="never delivered", by="arn:odile")
    asked = reversing.request(bank.table, intent.id, wish, clock=clock).reversal
    assert asked
    bank.table.images = []
    assert reversing.approve(bank.table, asked.id, by="arn:rachid", clock=clock).refusal is None
    return intent.id, [one for old, new in bank.table.images for one in change.notices(old, new, tries=5)]


def test_who_gets_it_and_who_gives_it_are_told_apart() -> None:
    """With the amount that went back, the other's name and the payment's reference; neither why nor by whom."""
    bank = Bank()
    original, notices = given_back(bank)
    for number, notice in enumerate(notices):
        for _ in range(2):
            send_sms(bank.services, Told(notice=notice, message_id=f"m{number}"))
        send_sms(bank.services, Told(notice=notice, message_id="another"))
    ref = reference(original)
    returned = f"S-Money: remboursement de 4,00 EUR pour votre paiement à Bob. Réf. {ref}"
    taken = "S-Money: remboursement de 4,00 EUR à Alice, débité de votre compte. Une question? Appelez votre banque."
    assert bank.sms.sent == [(ALICE, returned)] * 2 + [(BOB, f"{taken} Réf. {ref}")] * 2


def test_who_was_paid_by_number_is_named_as_on_the_page() -> None:
    """A refund tells no more of them than the payment did."""
    bank = Bank()
    bank.table.items[person_key("bob")]["name"] = "Bob Durand"
    original, notices = given_back(bank)
    bank.table.items[intent_key(original)]["said"] = {"payee_hint": "••• 02", "payee_name": "Bob D."}
    send_sms(bank.services, Told(notice=notices[0], message_id="m1"))
    [(phone, text)] = bank.sms.sent
    assert phone == ALICE
    assert "pour votre paiement à Bob D. *** 02. " in text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_side_reads_it_in_their_own_language(language: str) -> None:
    """As the person's item says, not the post's."""
    bank = Bank()
    _, notices = given_back(bank)
    bank.table.update(Update(key=person_key("alice"), assign={"language": language}))
    send_sms(bank.services, Told(notice=notices[0], message_id="m1"))
    [(phone, text)] = bank.sms.sent
    assert phone == ALICE
    assert ("refunded to you" in text) == (language == "en")
    assert ("返金されました" in text) == (language == "ja")


def test_a_cause_without_a_phone_is_not_told_and_the_giver_is() -> None:
    """Nobody to write to is no failure."""
    bank = Bank()
    _, notices = given_back(bank, "#donner 10 € @croixbleue")
    bank.table.update(Update(key=person_key("croixbleue"), assign={"phone": ""}))
    for notice in notices:
        send_sms(bank.services, Told(notice=notice, message_id=notice.kind))
    assert [phone for phone, _ in bank.sms.sent] == [ALICE]


def test_a_reversal_that_cannot_be_read_yet_comes_again() -> None:
    """Its message is not dropped."""
    bank = Bank()
    notice = change.Notice(kind="returned", road=change.RECEIPTS, subject="B" * 16)
    with pytest.raises(Unavailable):
        send_sms(bank.services, Told(notice=notice, message_id="m1"))


def test_what_is_published_names_no_operator_and_no_reason() -> None:
    """Banks that subscribe learn ids, amounts and the payment that it belongs to."""
    bank = Bank()
    original, (notice, _) = given_back(bank)
    item = bank.table.items[f"T#{notice.subject}", "0"]
    said = change.message(notice, item)
    assert (said["order"], said["original"], said["amount_minor"]) == ("reversal", original, 400)
    assert not [word for word in ("arn:", "delivered", "Alice", "+336", "secret") if word in repr(said)]
