"""What is said of held money: on the page before the code, and by SMS when it is held and when it ends."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.intents import claim_page, lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish
from chalicelib.notices import gsm, held, message
from chalicelib.notices.change import Notice
from chalicelib.notices.delivery import Later, Told, send_sms
from chalicelib.notices.payees import tell_payee
from chalicelib.services import Permanent, Retry
from chalicelib.table import Update, intent_key, person_key
from chalicelib.web.views import View, view
from tests.bank import CODE, HOLDING, Bank
from tests.claims.holding import CAROL as CAROL_ID
from tests.claims.holding import HELD, confirmed, holding_bank, join, ordered, swept
from tests.claims.holding import held as hold
from tests.claims.payee import Wrote
from tests.notices.test_texts import INTENT, WORST

ALICE, CAROL = "+33612345101", "+33612345998"
KINDS = ("held", "held_fee", "claim_untold", "claim_claimed", "claim_returned", "claim_refused", "claim_cancelled")
CLAIM = Claim(
    id="A" * 16, status="open", payer="p", payer_person="p", network="twitter", page="1", user_id="2",
    amount_minor=200_000, fee_minor=165, currency="EUR", opened_at=1, expires_at=1_790_604_800,
)  # fmt: skip


def told(bank: Bank) -> list[tuple[str, str]]:
    """The SMS that the published notices become; each is delivered twice, and another message of it comes."""
    for number, (content, _) in enumerate(bank.topic.published):
        notice = Notice(**{name: content[name] for name in Notice.__dataclass_fields__})
        for message_id in (f"m{number}", f"other{number}") if notice.road != "replies" else ():
            send_sms(bank.services, Told(notice=notice, message_id=message_id))
    bank.topic.published.clear()
    return bank.sms.sent


def paid(bank: Bank) -> str:
    """Money that is held, everything before it told."""
    claim = hold(bank)
    told(bank)
    bank.sms.sent.clear()
    return claim.id


def test_the_payer_is_told_that_it_is_held_and_nobody_else() -> None:
    """Until when, for whom, and how to take it back: the amount with its fee, as it left the account."""
    bank = holding_bank()
    intent = ordered(bank)
    bank.topic.published.clear()
    confirmed(bank, intent)
    text = (
        "S-Money: 11,65 EUR (frais 1,65 EUR compris) réservés pour @carol jusqu'au 28/09/2026, sinon rendus. "
        f"Les reprendre: #annuler. Réf. {intent.reference}"
    )
    assert told(bank) == [(ALICE, text)]


def test_both_are_told_when_it_is_claimed() -> None:
    """The payee as of any payment that came."""
    bank = holding_bank()
    paid(bank)
    join(bank)
    swept(bank)
    texts = dict(told(bank))
    assert "@carol a touché vos 10,00 EUR" in texts[ALICE]
    assert "Alice vous a payé 10,00 EUR" in texts[CAROL]
    assert len(bank.sms.sent) == 2


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("", "n'a pas réclamé l'argent: 11,65 EUR"),
        ("refused", "a refusé l'argent: 11,65 EUR"),
        ("cancelled", "annulé: 11,65 EUR"),
    ],
)
def test_the_payer_is_told_how_it_ended(wish: str, said: str) -> None:
    """And what came back, the fee included; that it was asked for tells nobody anything yet."""
    bank = holding_bank()
    name = paid(bank)
    if wish:
        claiming.ask(bank.table, name, Wish(end=wish, by="x"), clock=bank.services.clock)
        bank.stream()
        assert told(bank) == []
    bank.time.move(0 if wish else HELD)
    swept(bank)
    ((phone, text),) = told(bank)
    assert phone == ALICE and said in text and "@carol" in text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_told_in_the_payers_own_language(language: str) -> None:
    """As the person's item says."""
    bank = holding_bank()
    bank.table.update(Update(key=person_key("alice"), assign={"language": language}))
    intent = ordered(bank)
    bank.topic.published.clear()
    confirmed(bank, intent)
    ((_, text),) = told(bank)
    assert ("(fee of 1.65 EUR included) held for @carol until 28 September 2026" in text) == (language == "en")
    assert ("2026年9月28日までお預かり" in text) == (language == "ja")


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("handle", ["A" * 15, WORST])
def test_each_fits_its_segments(kind: str, language: str, handle: str) -> None:
    """One of GSM-7, two of UCS-2, with the largest amount and the longest names."""
    intent = replace(INTENT, said={"payee_handle": handle})
    values = held.words(intent, CLAIM, programme=HOLDING, language=language)
    text = message.fit(language, f"sms.{kind}", values)
    assert gsm.parts(text) <= (2 if language == "ja" else 1), text
    assert language == "ja" or gsm.fits(text)
    assert intent.reference in text


def test_a_claim_that_cannot_be_read_yet_is_tried_again() -> None:
    """The notice may outrun the table's replicas; a claim of nobody with a number is told to nobody."""
    bank = holding_bank()
    with pytest.raises(Unavailable):
        held.held_sms(bank.services, Notice(kind="held", road="sms-receipts", subject="nothing"))
    name = paid(bank)
    bank.table.items[person_key("alice")]["phone"] = ""
    assert held.held_sms(bank.services, Notice(kind="held", road="sms-receipts", subject=name)) is None


def page(bank: Bank, intent: Intent) -> View:
    """What the link shows."""
    return view(lifecycle.look(bank.services, bank.link(intent)), programme=bank.services.programme, language="fr")


@pytest.mark.parametrize(
    ("language", "fee", "joined"),
    [
        (
            "fr",
            "Plus 1,65 € de frais, rendus si",
            "@carol n’a pas encore rejoint S-Money : l’argent lui est réservé 7 jours",
        ),
        (
            "en",
            "Plus a fee of €1.65, given back",
            "@carol has not joined S-Money yet: the money is held for them for 7 days",
        ),
        ("ja", "ほかに手数料", "@carolさんはまだS-Moneyに登録していません。お金を7日間お預かりし"),
    ],
)
def test_the_page_shows_fee_and_that_the_payee_has_not_joined(language: str, fee: str, joined: str) -> None:
    """Before the code is typed; the button says what leaves the account."""
    bank = holding_bank()
    intent = replace(ordered(bank), payer_language=language)
    shown = view(lifecycle.Outcome(intent=intent, first=True), programme=HOLDING, language="fr")
    texts = {name: text.replace("\xa0", " ").replace("\u202f", " ") for name, text in shown.texts.items()}
    assert texts["free"].startswith(fee)
    assert texts["first"].startswith(joined)
    assert (texts["payee"], texts["payee_handle"]) == ("@carol", "")
    assert "11" in texts["pay"] and "65" in texts["pay"]
    assert "11" not in texts["amount"]


def test_without_a_fee_the_page_says_so() -> None:
    """As of any payment."""
    programme = replace(HOLDING, claims=replace(HOLDING.claims, fee_minor=0))
    bank = Bank(programme=programme)
    shown = page(bank, ordered(bank))
    assert shown.texts["free"] == "Sans frais pour vous."
    assert "réservé" in shown.texts["first"]


def test_the_page_says_held_and_not_paid() -> None:
    """Also when it is opened again, whatever became of it."""
    bank = holding_bank()
    intent = ordered(bank)
    shown = view(confirmed(bank, intent), programme=HOLDING, language="fr")
    again = page(bank, intent)
    assert shown.texts["title"] == again.texts["title"] == "Argent réservé"
    assert "@carol" in shown.texts["body"]


def test_a_usual_payment_is_told_as_ever() -> None:
    """No fee, no hold."""
    bank = holding_bank()
    shown = page(bank, ordered(bank, "@Smoneyfr #envoyer 10 € @bob"))
    assert (shown.texts["free"], shown.texts["payee"]) == ("Sans frais pour vous.", "Bob")
    kinds: list[Any] = [content["kind"] for content, _ in bank.topic.published]
    assert kinds == ["link"]
    assert CODE


def notice_of(bank: Bank, name: str) -> Told:
    """The published notice for whom money is held for."""
    (content,) = [content for content, _ in bank.topic.published if content["kind"] == "claim"]
    fields = {field: content[field] for field in Notice.__dataclass_fields__}
    assert (content["road"], content["subject"], content["network"]) == ("replies", name, "twitter")
    return Told(notice=Notice(**fields), message_id="m1", network=content["network"])


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_the_payee_is_told_once_and_in_private(language: str) -> None:
    """From whom and until when, and the link of their page, but no sum; a second message of it is dropped."""
    bank, wrote = holding_bank(), Wrote()
    claim = hold(bank)
    bank.table.items[intent_key(claim.id)]["language"] = language
    told = notice_of(bank, claim.id)
    for message_id in ("m1", "m2"):
        tell_payee(bank.services, wrote, replace(told, message_id=message_id))
    ((to, text),) = wrote.sent
    assert to == CAROL_ID
    until = {"fr": "28/09/2026", "en": "28 September 2026", "ja": "2026年9月28日"}[language]
    assert all(part in text for part in ("@alice", "S-Money", until)), text
    assert "10,00" not in text and "10.00" not in text and "€" not in text
    assert claim_page.look(bank.services, text.split("https://pay.example/c#")[1].split()[0]).claim == claim


def test_nobody_is_told_of_what_has_ended_or_is_long_ago() -> None:
    """It would be a promise that is not kept."""
    for deed in ("asked", "ended", "late"):
        bank, wrote = holding_bank(), Wrote()
        claim = hold(bank)
        told = notice_of(bank, claim.id)
        if deed != "late":
            claiming.ask(bank.table, claim.id, Wish(end="cancelled", by="alice"), clock=bank.services.clock)
            bank.stream()
        if deed == "ended":
            swept(bank)
        bank.time.move(3_601 if deed == "late" else 0)
        tell_payee(bank.services, wrote, told)
        assert wrote.sent == []


def test_a_network_that_refuses_is_not_asked_again_and_one_that_is_busy_is() -> None:
    """Most people have never written to the bot, and then a network lets nobody write to them."""
    bank = holding_bank()
    told = notice_of(bank, hold(bank).id)
    with pytest.raises(Later):
        tell_payee(bank.services, Wrote(Retry(30, "rate_limited")), told)
    for answer in (Permanent("forbidden", alarm=True), Retry(30, "timeout"), Retry(30, "unknown")):
        refused = Wrote(answer)
        tell_payee(bank.services, refused, told)
        assert len(refused.sent) == 1
    with pytest.raises(Unavailable):
        tell_payee(bank.services, refused, replace(told, notice=replace(told.notice, subject="nothing")))
