"""A whole payment through the local AWS: tweet, SMS, page, code, money, receipts."""

import re

import pytest

from local import wire
from tests.local import faults
from tests.local.town import CODE, FUNDS_MINOR, PAID, WRONG, Town

pytestmark = [pytest.mark.local]


def test_a_tweet_pays(town: Town) -> None:
    """A tweet becomes an SMS, the SMS a page, the code money, and both sides get one receipt each."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, "10,50 €", note="pour le café ☕")
    waits = town.order(order.id)
    assert (waits["status"], waits["amount_minor"], waits["currency"]) == ("pending", 1_050, "EUR")
    opened = town.step("open", order.link)
    assert opened.status == 200
    for seen in ("10,50", payee.name, f"@{payee.handle}", "le café ☕"):
        assert seen in opened.text.replace("\u00a0", " ")
    assert town.funds(payer) == FUNDS_MINOR
    paid = town.confirm(order.link)
    assert (paid.status, PAID in paid.text) == (200, True)
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_050, 1_050)
    assert len(town.told(payer, "vous avez payé", payee.name)) == 1
    assert len(town.told(payee, payer.name, "vous a payé")) == 1
    assert not any("#" in text for text in town.texts(payee))
    assert len(town.texts(payer)) == 2


def test_a_gift_to_a_charity(town: Town) -> None:
    """A cause gets money by #donner, and up to its own higher limit."""
    payer, cause = town.resident(40_000), town.resident(0, kind="charity")
    intent = town.send(f"@{town.bot.handle} #donner 300 euros @{cause.handle}", payer, cause)
    assert PAID in town.confirm(town.link(payer, intent)).text
    assert (town.funds(payer), town.funds(cause)) == (10_000, 30_000)


def test_a_payer_says_no(town: Town) -> None:
    """A declined payment moves nothing, says so by SMS, and its link pays no more."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    assert "Paiement refusé" in town.step("decline", order.link).text
    assert "Paiement refusé" in town.confirm(order.link).text
    assert len(town.told(payer, "refusé par vous")) == 1
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR, 0)


def test_a_new_link_kills_the_old_one(town: Town) -> None:
    """Asking for a new link sends it by SMS alone; the old one pays no more, and after three there is none."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    link = order.link
    for number in (2, 3, 4):
        renewed = town.step("renew", link)
        assert "Nouveau lien envoyé" in renewed.text
        old, link = link, town.link(payer, order.id, number=number)
        assert link not in renewed.body
        assert "Un lien plus récent existe" in town.confirm(old).text
    assert "Plus de nouveau lien" in town.step("renew", link).text
    assert town.funds(payer) == FUNDS_MINOR
    assert PAID in town.confirm(link).text
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)


def test_the_last_payment_is_cancelled(town: Town) -> None:
    """#annuler takes back the last payment that waits and no other; what was cancelled cannot be paid."""
    payer, payee = town.resident(), town.resident(0)
    first, last = town.pays(payer, payee, "10 euros"), town.pays(payer, payee, "20 euros")
    cancel = town.order(town.send(f"@{town.bot.handle} #annuler", payer))
    assert (cancel["status"], cancel["target"]) == ("answered", last.id)
    assert len(town.told(payer, "annulé", "20")) == 1
    assert "Paiement annulé" in town.confirm(last.link).text
    assert PAID in town.confirm(first.link).text
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)


def test_a_wrong_code_moves_nothing(town: Town) -> None:
    """A wrong code is counted and refused in the form; the right one then pays and counts anew."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    wrong = town.confirm(order.link, WRONG)
    assert "Ce code n’est pas accepté" in wrong.text
    assert (town.account(payer)["attempts"], town.funds(payer)) == (1, FUNDS_MINOR)
    assert "Le code a 6 chiffres" in town.confirm(order.link, "12345").text
    assert town.account(payer)["attempts"] == 1
    assert PAID in town.confirm(order.link, f" {CODE[:3]} {CODE[3:]} ").text
    assert (town.account(payer)["attempts"], town.funds(payer)) == (0, FUNDS_MINOR - 1_000)


@pytest.mark.parametrize(
    ("amount", "funds_minor", "word"),
    [("251 euros", 90_000, "limite est de 250"), ("100,01 euros", FUNDS_MINOR, "solde de votre compte")],
)
def test_a_payer_learns_by_sms_why_not(town: Town, amount: str, funds_minor: int, word: str) -> None:
    """Limits and missing funds are told on the payer's phone alone, never under the tweet."""
    payer, payee = town.resident(funds_minor), town.resident(0)
    body = town.tweet(f"@{town.bot.handle} #envoyer {amount} @{payee.handle}", payer, payee)
    assert town.deliver(body).status == 200
    assert len(town.told(payer, "rien n'a été payé", word)) == 1
    faults.quiet(town.stack)
    assert town.replies_to(body) == []
    assert town.texts(payee) == []


def test_full_width_and_no_break_spaces_are_read(town: Town) -> None:
    """What a Japanese keyboard types is read like any other order."""
    payer, payee = town.resident(), town.resident(0)
    text = f"＠{town.bot.handle} ＃ＥＮＶＯＹＥＲ １０\u00a0euros ＠{payee.handle}"
    order = town.order(town.send(text, payer, payee))
    assert (order["status"], order["amount_minor"], order["payee"]) == ("pending", 1_000, payee.account)


def test_no_log_holds_a_secret(town: Town) -> None:
    """After a payment with a note the functions' logs hold no code, no link, no phone number and no note."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, note="pour le mot passerose")
    town.confirm(order.link, WRONG)
    town.confirm(order.link)
    town.told(payee, "vous a payé")
    logs = town.stack.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    lines = [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]
    assert any(order.id in line for line in lines)
    for secret in (CODE, WRONG, order.link.rsplit(".", 1)[1], payer.phone, payer.phone[3:], "passerose"):
        assert not [line for line in lines if re.search(rf"(?<!\d){re.escape(secret)}", line)]


def test_the_shell_alone_shows_nothing(town: Town) -> None:
    """What a link preview sees is an empty shell that is the same for every payment."""
    shell = wire.call(town.stack.page_url)
    assert shell.status == 200
    assert "location.hash" in shell.body
    assert "a besoin de JavaScript" in shell.text
