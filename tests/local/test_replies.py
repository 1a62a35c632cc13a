"""What the bot answers in public: what to type, once, with a reference, and nothing about anybody's money."""

import re

import pytest

from chalicelib.intents.intent import reference
from tests.local import faults
from tests.local.town import Body, Resident, Town, post_id

pytestmark = [pytest.mark.local]

WEIGHTED_CHARACTERS = 280
# What counts once in X's limit; anything else counts twice (X docs, counting characters).
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def weight(text: str) -> int:
    """The length of a post as X counts it."""
    return sum(1 if any(low <= ord(one) <= high for low, high in LIGHT) else 2 for one in text)


def posted(town: Town, text: str, author: Resident, *named: Resident) -> Body:
    """A post that our webhook takes."""
    body = town.tweet(f"@{town.bot.handle} {text}", author, *named)
    assert town.deliver(body).status == 200
    return body


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#envoyer dix-mille trucs @{payee}", "Il manque le montant"),
        ("#send 10 dollars @{payee}", "We cannot send that currency"),
        ("#送金 1.000 ユーロ @{payee}", "この金額は二通りに読めます"),
        ("#envoyer 10 € @{payee} https://evil.example/p#secret 20 €", "plusieurs montants"),
        ("#balance", "We give this information in private only"),
        ("#aide", "Pour envoyer de l'argent"),
    ],
)
def test_what_cannot_be_read_is_answered(town: Town, text: str, words: str) -> None:
    """An unreadable order is answered under the post in its writer's language: no link, no name, a reference."""
    payer, payee = town.resident(), town.resident(0)
    body = posted(town, text.format(payee=payee.handle), payer, payee)
    answer = town.reply_to(body)
    assert words in answer
    assert reference(town.intent_of(post_id(body))) in answer
    assert set(re.findall(r"@\w+", answer)) <= {f"@{town.bot.handle}"}
    assert not re.search(r"https?:|://|#p|evil|secret", answer)
    assert weight(answer) <= WEIGHTED_CHARACTERS
    assert town.texts(payer) == []


def test_a_stranger_is_told_to_link_first(town: Town) -> None:
    """An order of nobody's customer is answered in public, the same whether its payee is a customer or not."""
    payee, nobody = town.resident(0), town.stranger()
    texts = [
        town.reply_to(posted(town, f"#envoyer 10 € @{named.handle}", town.stranger(), named))
        for named in (payee, nobody)
    ]
    assert all("n'est pas encore associé à un client" in text for text in texts)
    assert len({re.sub(r"\w{6}$", "", text) for text in texts}) == 1


def test_an_author_gets_three_answers_a_day(town: Town) -> None:
    """Of five unreadable orders three are answered; somebody else still gets an answer."""
    payer, payee, other = town.resident(), town.resident(0), town.resident(0)
    bodies = [posted(town, f"#envoyer @{payee.handle} {number}e essai", payer, payee) for number in "ABCDE"]
    for body in bodies:
        town.order(town.intent_of(post_id(body)))
    town.reply_to(posted(town, f"#envoyer @{payee.handle}", other, payee))
    faults.quiet(town.stack)
    answers = [town.replies_to(body) for body in bodies]
    assert sorted(map(len, answers)) == [0, 0, 1, 1, 1]


def test_a_repeat_is_answered_once(town: Town) -> None:
    """An unreadable order that X delivers three times gets one answer."""
    payer, payee = town.resident(), town.resident(0)
    body = posted(town, f"#envoyer @{payee.handle}", payer, payee)
    town.reply_to(body)
    assert [town.deliver(body).status for _ in range(2)] == [200, 200]
    town.reply_to(posted(town, f"#payer @{payee.handle}", payer, payee))
    faults.quiet(town.stack)
    assert len(town.replies_to(body)) == 1


def test_a_payment_is_never_told_in_public(town: Town) -> None:
    """From order to receipt nothing is posted under a linked author's tweet."""
    payer, payee = town.resident(), town.resident(0)
    body = posted(town, f"#envoyer 10 € @{payee.handle}", payer, payee)
    town.confirm(town.link(payer, town.intent_of(post_id(body))))
    town.told(payee, "vous a payé")
    town.reply_to(posted(town, "#envoyer rien", payer))
    faults.quiet(town.stack)
    assert town.replies_to(body) == []


def test_prose_is_no_order(town: Town) -> None:
    """A post without a verb is neither stored nor answered, even if it names the bot, an amount and a payee."""
    payer, payee = town.resident(), town.resident(0)
    body = posted(town, f"envoyer 10 € à @{payee.handle}, quelle bonne idée", payer, payee)
    town.reply_to(posted(town, "#envoyer rien", payer))
    faults.quiet(town.stack)
    assert town.item(town.intent_of(post_id(body))) is None
    assert town.replies_to(body) == []
