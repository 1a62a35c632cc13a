"""Whole messages: which order they give, to whom, with what note."""

import pytest

from chalicelib.intents.order import Reading
from chalicelib.refusals import Refusal
from tests.orders.reading import by_entities, private, public, told

PUBLIC = {
    "@Smoneyfr #envoyer 10 euros @superpipou": ("send", 1000, ["superpipou"], None),
    "#envoyer 10€ @x pour 2 pizzas": ("send", 1000, ["x"], "pour 2 pizzas"),
    "@Smoneyfr #envoyer 10 euros à @taro pour la pizza 🍕 https://t.co/xy12": (
        "send",
        1000,
        ["taro"],
        "pour la pizza 🍕",
    ),
    "@taro 10€ #envoyer @Smoneyfr": ("send", 1000, ["taro"], None),
    "#ENVOYÉR 10€ ＠taro": ("send", 1000, ["taro"], None),
    "＃ｅｎｖｏｙｅｒ １０€ ＠taro": ("send", 1000, ["taro"], None),
    "#envoye\u0301r 10€ @taro": ("send", 1000, ["taro"], None),
    "#en\u200bvoyer 1\u200b0€ \u2066@taro\u2069": ("send", 1000, ["taro"], None),
    "@Smoneyfr\u00a0#payer\u202f10\u00a0€\u3000@taro": ("send", 1000, ["taro"], None),
    "#virer €10 @taro": ("send", 1000, ["taro"], None),
    "#envoyer 10€ @euro": ("send", 1000, ["euro"], None),
    "#envoyer 10 @eur10": ("send", 1000, ["eur10"], None),
    "#envoyer 10 @taro €": ("send", 1000, ["taro"], None),
    "#envoyer #send 10€ @taro": ("send", 1000, ["taro"], None),
    "#envoyer 10€ @taro @Taro": ("send", 1000, ["taro"], None),
    "#don 20€ @croixrouge": ("give", 2000, ["croixrouge"], None),
    "#donate 20€ @croixrouge": ("give", 2000, ["croixrouge"], None),
    "#envoyer 10€ @taro #merci": ("send", 1000, ["taro"], "#merci"),
    "#annuler": ("cancel", None, [], None),
    "@Smoneyfr #aide": ("help", None, [], None),
    "@Smoneyfr #envoyer #don 10€ @taro": ("send", "verb_several", [], None),
    "@Smoneyfr #envoyer #annuler": ("send", "verb_several", [], None),
    "@Smoneyfr #demander 10€ @taro": ("request", "not_offered", ["taro"], None),
    "@Smoneyfr #demander @taro": ("request", "amount_missing", ["taro"], None),
    "@Smoneyfr #envoyer 10€": ("send", "payee_missing", [], None),
    "#envoyer 10€": ("send", "payee_missing", [], None),
    "#envoyer 10€ taro@mail.fr": ("send", "payee_missing", [], "taro@mail.fr"),
    "#envoyer 10€ @taroé": ("send", "payee_missing", [], "@taroé"),
    "#envoyer 10€ @abcdefghijklmnop": ("send", "payee_missing", [], "@abcdefghijklmnop"),
    "#envoyer 10€ @a @b": ("send", "payee_several", ["a", "b"], None),
    "@Smoneyfr #envoyer 10€ @smoneyFR": ("send", "payee_bot", [], None),
    "#envoyer 10€ @Smoneyfr": ("send", "payee_bot", [], None),
    "#solde": ("balance", "private_only", [], None),
    "#history": ("history", "private_only", [], None),
    # What is no order.
    "": (None, None, [], None),
    "@Smoneyfr envoyer 10€ @taro": (None, None, [], None),
    "@Smoneyfr #envoyerons 10€ @taro": (None, None, [], None),
    "@Smoneyfr # envoyer 10€ @taro": (None, None, [], None),
    "@Smoneyfr x#envoyer 10€ @taro": (None, None, [], None),
    "@Smoneyfr https://x.com/#envoyer 10€ @taro": (None, None, [], None),
    "Je vais vous envoyer 10€ @taro": (None, None, [], None),
}
JAPANESE = {
    "@Smoneyfr #送金 1000円 @taro": ("send", 1000, ["taro"], None),
    "@Smoneyfr #送る１０００円 @taro": ("send", 1000, ["taro"], None),
    "@taroに1000円を#送る": ("send", 1000, ["taro"], None),
    "@taroさんに1000円を#送金してください ランチ代": ("send", 1000, ["taro"], "ランチ代"),
    "#送金1000円@taro": ("send", 1000, ["taro"], None),
    "#送る千円＠taro": ("send", 1000, ["taro"], None),
    "＃寄付　３千円　@unicef　応援してます！": ("give", 3000, ["unicef"], "応援してます！"),
    "@Smoneyfr @taro 1000円 #送る お昼代3人分": ("send", 1000, ["taro"], "お昼代3人分"),
    "#取消": ("cancel", None, [], None),
    "#取消お願いします": ("cancel", None, [], None),
    "#ﾍﾙﾌﾟ": ("help", None, [], None),
    "#残高": ("balance", "private_only", [], None),
    "#請求 1000円 @taro": ("request", "not_offered", ["taro"], None),
    "@Smoneyfr #送金しない 1000円 @taro": (None, None, [], None),
    "@Smoneyfr #送金一覧 1000円 @taro": (None, None, [], None),
    "@taroに1000円送金": (None, None, [], None),
}
PRIVATE = {
    "envoyer 10€ @taro": ("send", 1000, ["taro"], None),
    "10€ @taro envoyer": ("send", 1000, ["taro"], None),
    "Envoyer 10€ à @taro pour payer l'aide": ("send", 1000, ["taro"], "pour payer l'aide"),
    "#envoyer 10€ @taro envoyer": ("send", 1000, ["taro"], "envoyer"),
    "Bonjour, envoyer 10€ à @taro stp": ("send", 1000, ["taro"], "Bonjour, stp"),
    "tu peux envoyer 10€ à @taro": ("send", 1000, ["taro"], "tu peux"),
    "@taroに1000円送金": ("send", "currency_other", ["taro"], None),
    "solde": ("balance", None, [], None),
    "quel est mon solde ?": ("balance", None, [], None),
    "Historique": ("history", None, [], None),
    "残高": ("balance", None, [], None),
    "取消して": ("cancel", None, [], None),
    "annuler": ("cancel", None, [], None),
    "envoyer annuler 10€ @taro": ("send", "verb_several", [], None),
    "envoyer 10€ @taro donner": ("send", "verb_several", [], None),
    "envoyer @taro": ("send", "amount_missing", ["taro"], None),
    # Prose.
    "bonjour": (None, None, [], None),
    "je ne veux pas annuler": (None, None, [], None),
    "je vais payer demain": (None, None, [], None),
    "envoyerons 10€ @taro": (None, None, [], None),
    "合計送金額は1000円": (None, None, [], None),
}


@pytest.mark.parametrize(("text", "expected"), PUBLIC.items())
def test_public_posts(text: str, expected: object) -> None:
    """In public the verb counts only with its #, in any case, width and place."""
    assert told(public(text)) == expected


@pytest.mark.parametrize(("text", "expected"), JAPANESE.items())
def test_japanese_posts(text: str, expected: object) -> None:
    """Japanese needs no spaces, and a verb that goes on as another word is none."""
    assert told(public(text, "JPY")) == expected


@pytest.mark.parametrize(("text", "expected"), PRIVATE.items())
def test_private_messages(text: str, expected: object) -> None:
    """In private the verb may lack its #, where it is no part of prose."""
    assert told(private(text)) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#associer 482913", "482913"),
        ("@Smoneyfr #pair 482 913", "482913"),
        ("#associer ４８２９１３", "482913"),
        ("#連携 482-913", "482913"),
        ("#連携482913", "482913"),
        ("#associer 482913 482913", "482913"),
        ("#associer 482913 111111", None),
        ("#associer 4829134", None),
        ("#associer 48291", None),
        ("#associer 12.482913", None),
        ("#associer @a482913", None),
        ("#associer", None),
    ],
)
def test_pairing_takes_one_code_of_six_digits(text: str, code: str | None) -> None:
    """The code may be grouped; two codes, or one of another length, are none."""
    assert public(text) == Reading(order="pair", code=code, language=public(text).language)


def test_a_pairing_in_private_prose_needs_its_code() -> None:
    """`pair` is an ordinary word: inside a sentence it is an order only when a code stands in the message."""
    assert private("je voudrais associer 482913").code == "482913"
    assert private("I bought a pair of shoes").order is None


def test_payees_are_who_the_network_says() -> None:
    """A @name that the network gives no id for is nobody's; it stays in the note."""
    reading = by_entities("@Smoneyfr #envoyer 10€ @Taro @nobody", Smoneyfr="1471859046", Taro="42")
    assert told(reading) == ("send", 1000, ["Taro"], "@nobody")
    assert [payee.user_id for payee in reading.payees] == ["42"]


def test_the_bot_is_known_by_its_id() -> None:
    """A renamed bot is still the bot, and a stranger under its old name is not."""
    assert by_entities("@NewName #envoyer 10€ @taro", NewName="1471859046", taro="42").refusal is None
    assert told(by_entities("#envoyer 10€ @Smoneyfr", Smoneyfr="666")) == ("send", 1000, ["Smoneyfr"], None)


def test_nobody_pays_themselves() -> None:
    """The author as the only payee is refused; with another one, several is told first."""
    text = "@Smoneyfr #envoyer 10€ @me"
    assert by_entities(text, author_id="7", me="7").refusal is Refusal.PAYEE_SELF
    assert by_entities(f"{text} @taro", author_id="7", me="7", taro="8").refusal is Refusal.PAYEE_SEVERAL


def test_the_first_refusal_in_the_order_of_precedence_is_told() -> None:
    """Each step mends one fault of a message; the next one is told then."""
    steps = {
        "@Smoneyfr #envoyer #don": Refusal.VERB_SEVERAL,
        "@Smoneyfr #demander": Refusal.AMOUNT_MISSING,
        "@Smoneyfr #demander -1,000k$ 0€": Refusal.AMOUNT_SEVERAL,
        "@Smoneyfr #demander -1,000k$": Refusal.AMOUNT_UNREADABLE,
        "@Smoneyfr #demander -1,000$": Refusal.AMOUNT_AMBIGUOUS,
        "@Smoneyfr #demander -0,0000$": Refusal.AMOUNT_ZERO,
        "@Smoneyfr #demander -1,0001$": Refusal.AMOUNT_NEGATIVE,
        "@Smoneyfr #demander 1,0001$": Refusal.AMOUNT_DECIMALS,
        "@Smoneyfr #demander 1$": Refusal.CURRENCY_OTHER,
        "@Smoneyfr #demander 1€": Refusal.PAYEE_MISSING,
        "@Smoneyfr #demander 1€ @a @b": Refusal.PAYEE_SEVERAL,
        "@Smoneyfr #demander 1€ @Smoneyfr": Refusal.PAYEE_BOT,
        "@Smoneyfr #demander 1€ @a": Refusal.NOT_OFFERED,
    }
    assert {text: public(text).refusal for text in steps} == steps
    assert sorted(steps.values(), key=lambda refusal: refusal.precedence) == list(steps.values())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#envoyer", "fr"),
        ("#SEND", "en"),
        ("#送る", "ja"),
        ("#cancel", "en"),
        ("#history", "en"),
        ("#don", "fr"),
        ("#virer", "fr"),
    ],
)
def test_the_verb_tells_the_language(text: str, language: str) -> None:
    """The language of a verb is told when only one language has it."""
    assert public(text).language == language
