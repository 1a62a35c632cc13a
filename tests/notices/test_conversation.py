"""A conversation from the bytes that Meta sends to the body that Meta gets: what is said, and what may be tapped."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.channels import Named
from chalicelib.channels.meta_sending import BUTTONS, FORMS, ROWS, Outgoing
from chalicelib.channels.networks import network
from chalicelib.config import Bot
from chalicelib.intents import lifecycle, taps
from chalicelib.intents.intent import Intent
from chalicelib.intents.looking import Balance, Movement
from chalicelib.intents.order import read
from chalicelib.intents.who import Payee
from chalicelib.notices import change, chat_buttons
from chalicelib.notices.answering import facts
from chalicelib.notices.chat_shown import Facts
from chalicelib.notices.chat_words import Said, said
from chalicelib.notices.delivery import Told
from chalicelib.notices.replying import send_reply
from chalicelib.refusals import Refusal
from chalicelib.services import Permanent
from chalicelib.table import handle_key
from chalicelib.texts import LANGUAGES, sentences
from local import meta
from tests.bank import CODE, NOON, PROGRAMME, Bank
from tests.channels.meta_golden import load
from tests.chat import PAGE, PSID, Chat, confirmed, current, customer, journalled
from tests.intents import past
from tests.notices.test_delivery import FakePosts

BOB = "4237571439620832"
MENU = ["Solde", "Historique", "Répéter le dernier", "Qui puis-je payer ?", "Aide"]
WAITING = ["Renvoyer le SMS", "Annuler"]
NETWORKS = ("facebook", "instagram", "whatsapp", "twitter")
EVERYWHERE = replace(PROGRAMME, bots={name: Bot(handle="smoneyfr", user_id="1") for name in NETWORKS})
LONGEST = "Anne-Françoise Œuvrard-Lefêvre de la Tour du Pin-Château"
PAYMENT = Intent(
    id="9wGoFWy6z_3jZT-X", order="send", status="pending", network="facebook", page=PAGE, author_id=PSID,
    message_id="m_1", language="fr", private=True, created_at=NOON, received_at=NOON, expires_at=NOON + 100,
    payer="alice", payer_person="alice", payee="bob", payee_kind="charity", amount_minor=50_000, currency="EUR",
    said={"payee_name": LONGEST, "payee_handle": "longest_handle_"},
)  # fmt: skip
WHOLE = Facts(
    now=NOON,
    payment=PAYMENT,
    phone_end="01",
    balance=Balance(available_minor=99_999_999_999, currency="EUR"),
    movements=(Movement(moved_at=NOON, amount_minor=-99_999_999_999, currency="EUR", name=LONGEST),) * 5,
    payees=tuple(
        Payee(name=f"{name}-Maximiliane Œ.", hint="@longest_handle_", text="@longest_handle_", payment=PAYMENT.id)
        for name in "ABCDEFGH"
    ),
)


@pytest.fixture
def alice() -> Chat:
    """Alice's conversation; Bob has one too, and a name that Messenger knows."""
    bank = Bank()
    journalled(bank)
    customer(bank, "bob", psid=BOB, label="bob")
    chat = customer(bank, "alice", psid=PSID)
    chat.write("bonjour")
    chat.chats.sent.clear()
    return chat


def titles(chat: Chat) -> list[str]:
    """What may be tapped under the last message."""
    return [button.title for button in chat.chats.sent[-1].buttons]


def tap(chat: Chat, title: str) -> None:
    """Tap a button of the last message, as its title says."""
    (payload,) = [button.payload for button in chat.chats.sent[-1].buttons if button.title == title]
    chat.write(title, tapped=payload)


def heard(chat: Chat) -> str:
    """The last message, without its reference."""
    return re.sub(r"\sRéf\. \w{6}$", "", chat.texts[-1])


def test_a_whole_conversation_by_buttons(alice: Chat) -> None:
    """Ordered, sent again, cancelled, repeated, paid, looked at; almost nothing of it is typed."""
    alice.write("envoyer 10 € à @bob pour la pizza")
    assert heard(alice) == (
        "10,00\u00a0€ à Bob : rien n'est encore payé. Pour payer, ouvrez le lien qui vient par SMS à votre numéro "
        "finissant par 01 et tapez votre code sur cette page seulement, jamais ici. Pas de SMS après une minute ? "
        "Redemandez-le."
    )
    assert titles(alice) == WAITING
    tap(alice, "Renvoyer le SMS")
    assert heard(alice).startswith(
        "Pour payer 10,00\u00a0€ à Bob, ouvrez le lien du nouveau SMS à votre numéro finissant"
    )
    assert titles(alice) == WAITING
    tap(alice, "Annuler")
    assert heard(alice) == "Le paiement de 10,00\u00a0€ à Bob a été annulé. Rien n’a été débité."
    assert titles(alice) == MENU
    tap(alice, "Répéter le dernier")
    assert heard(alice).startswith("10,00\u00a0€ à Bob : rien n'est encore payé.")
    again = alice.chats.sent[-1].buttons[0].payload.removeprefix("again:")
    assert f"#{again}.1." in alice.bank.sms.sent[-1][1]
    confirmed(alice.bank, current(alice.bank, replace(PAYMENT, id=again)))
    alice.write("solde")
    assert heard(alice) == "Vous pouvez dépenser 990,00\u00a0€ (2026-09-21 16:13)."
    assert titles(alice) == MENU[1:]
    tap(alice, "Historique")
    assert heard(alice).splitlines() == [
        "Vos derniers mouvements :",
        "2026-09-21  -10,00\u00a0€  Bob",
        "2026-09-21  +1\u202f000,00\u00a0€  S-Money",
    ]
    tap(alice, "Qui puis-je payer ?")
    assert heard(alice).splitlines()[:2] == ["Vous avez déjà payé :", "Bob (@bob)"]
    assert titles(alice) == ["Bob", *(title for title in MENU if title != "Qui puis-je payer ?")]
    tap(alice, "Bob")
    assert heard(alice) == "Pour payer Bob, écrivez par exemple : envoyer 10\u00a0€ @bob"
    tap(alice, "Aide")
    assert heard(alice).startswith(
        "Pour payer, écrivez par exemple : envoyer 10\u00a0€ @…, ou : envoyer 25,50\u00a0€ @…"
    )
    assert titles(alice) == MENU[:-1]


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ("again", "Le paiement de 10,00\u00a0€ à Bob a été annulé."),
        ("cancel", "Le paiement de 10,00\u00a0€ à Bob a été annulé."),
    ],
)
def test_an_old_button_tells_what_became_of_it(alice: Chat, payload: str, text: str) -> None:
    """With what else there is to ask for."""
    intent = alice.write("envoyer 10 € à @bob")
    assert intent
    alice.write("annuler")
    alice.write("…", tapped=f"{payload}:{intent.id}")
    assert heard(alice).startswith(text)
    assert titles(alice) == MENU


def test_when_no_link_is_left(alice: Chat) -> None:
    """The chat says so, and the page's own sentence says what comes."""
    intent = alice.write("envoyer 10 € à @bob")
    assert intent
    for _ in range(4):
        alice.write("confirmer")
    assert heard(alice).startswith("Trop de liens ont été demandés pour ce paiement de 10,00\u00a0€ à Bob.")


def test_mistakes_get_two_examples(alice: Chat) -> None:
    """What is missing, and two orders that could be typed as they stand."""
    alice.write("envoyer 10 €")
    assert heard(alice) == (
        "Il manque le bénéficiaire. Ajoutez son @nom, par exemple : envoyer 10\u00a0€ @… "
        "Ou bien : envoyer 25,50\u00a0€ @… merci pour hier"
    )
    assert titles(alice) == MENU


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_each_example_is_an_order(language: str, currency: str) -> None:
    """With a name in the place of the dots, it is read in its own language."""
    programme = replace(PROGRAMME, currency=currency)
    text = said(
        replace(PAYMENT, order="help", status="answered", language=language), programme=programme, first=False
    ).text
    examples = re.findall(
        r"(?:envoyer|send|送金) [^:：]*?@…(?: merci pour hier| thanks for yesterday| 昨日はありがとう)?", text
    )
    assert len(examples) == 2
    for example in examples:
        reading = read(
            example.replace("@…", "@taro "), named=[Named(user_id="7", handle="taro")], programme=programme,
            bot=PROGRAMME.bots["facebook"], author_id="", private=True,
        )  # fmt: skip
        assert (reading.order, reading.refusal, reading.language) == ("send", None, language), example


def test_what_is_refused_is_told_in_the_chat_and_by_no_sms(alice: Chat) -> None:
    """Where it was asked; by SMS where the chat does not take it."""
    alice.write("envoyer 300 € à @bob")
    assert heard(alice) == "Rien n'a été payé. La limite est de 250,00 EUR par paiement."
    assert alice.bank.sms.sent == []
    alice.chats.answers.append(Permanent("outside_window"))
    alice.write("envoyer 300 € à @bob")
    assert [text.partition(".")[0] for _, text in alice.bank.sms.sent] == [
        "S-Money: Messenger n'a pas accepté notre réponse à votre message"
    ]


def test_a_balance_that_cannot_be_told_owes_no_sms(alice: Chat) -> None:
    """Nobody thinks that it was paid."""
    alice.bank.table.items["L#facebook#" + PAGE + "#" + PSID, "0"]["linked_at"] = 0
    alice.chats.answers.append(Permanent("outside_window"))
    assert (made := alice.write("solde")) and made.refusal is Refusal.PROOF_TOO_OLD
    assert alice.bank.sms.sent == []


def test_a_code_is_warned_of_and_kept_nowhere(alice: Chat) -> None:
    """Neither in the table, nor in a log line, nor in the answer."""
    for text in (CODE, f"envoyer 10 € @bob code {CODE}", "ma carte 4111 1111 1111 1111"):
        alice.write(text)
        assert heard(alice).startswith("N'envoyez jamais ici de code, de numéro de carte ni d'IBAN.")
    kept = json.dumps([*map(str, alice.bank.table.items.values()), *alice.texts])
    assert CODE not in kept and "4111" not in kept


def test_an_answer_that_comes_late_tells_the_truth(alice: Chat) -> None:
    """Whoever has paid by then does not hear that it waits."""
    intent = alice.write("envoyer 10 € à @bob")
    assert intent
    assert lifecycle.confirm(alice.bank.services, alice.bank.link(intent), CODE).refusal is None
    late = said(
        current(alice.bank, intent),
        programme=PROGRAMME,
        first=False,
        facts=replace(WHOLE, payment=current(alice.bank, intent)),
    )
    assert late.text.startswith("Vous avez payé 10,00\u00a0€ à Bob.")


def test_who_is_unlinked_before_the_answer_sees_nothing(alice: Chat) -> None:
    """The chat is read by somebody else by now."""
    alice.bank.table.items["L#facebook#" + PAGE + "#" + PSID, "0"]["account"] = "bob"
    found = said(
        replace(PAYMENT, order="balance", status="answered"), programme=PROGRAMME, first=False,
        facts=replace(WHOLE, linked=False),
    )  # fmt: skip
    assert "99" not in found.text and "n'est pas encore associé" in found.text


@pytest.mark.parametrize("change", [{"account": "bob"}, {"unlinked_at": 1}, None])
def test_the_link_is_looked_at_when_it_is_told(alice: Chat, change: dict[str, Any] | None) -> None:
    """Of a chat that is another customer's by then, or nobody's, nothing of the account is read."""
    key = handle_key("facebook", PAGE, PSID)
    orders = [alice.write(word) for word in ("solde", "historique", "contacts")]
    if change is None:
        del alice.bank.table.items[key]
    else:
        alice.bank.table.items[key].update(change)
    assert {facts(alice.bank.services, order) for order in orders if order} == {Facts(now=NOON, linked=False)}


def test_what_is_over_but_not_swept_yet_waits_no_more() -> None:
    """It expired in the second that it says."""
    late = replace(WHOLE, now=PAYMENT.expires_at)
    found = said(replace(PAYMENT, order="confirm", status="answered"), programme=PROGRAMME, first=False, facts=late)
    assert "n’a pas été confirmé à temps" in found.text
    found = said(
        replace(PAYMENT, order="confirm", status="refused", refusal=Refusal.EXPIRED), programme=PROGRAMME, first=False,
        facts=late,
    )  # fmt: skip
    assert "n’a pas été confirmé à temps" in found.text


@pytest.mark.parametrize("name", ["balance", "history", "repeat", "contacts"])
def test_what_is_not_offered_has_no_button(alice: Chat, name: str) -> None:
    """And its word is told so."""
    programme = alice.bank.services.programme
    off = replace(programme, private=replace(programme.private, **{name: False}))
    alice.bank.services = replace(alice.bank.services, programme=off)
    alice.write("aide")
    assert name not in [button.payload for button in alice.chats.sent[-1].buttons]
    assert (made := alice.write("…", tapped=name)) and made.refusal is Refusal.NOT_OFFERED


def test_on_x_a_private_message_is_answered_with_words(alice: Chat) -> None:
    """Sent to the author's id, with what may be typed where a chat has buttons."""
    posts, bank = FakePosts(), alice.bank
    confirmed(bank, bank.say("@Smoneyfr #envoyer 10 € @bob"))
    bank.table.images.clear()
    for text in ("solde", "envoyer 5 € @bob", "confirmer", "annuler", "répéter", "contacts"):
        made = bank.say(text, private=True)
        bank.list(made)
        (told,) = [
            Told(notice=notice, message_id=made.id)
            for old, new in bank.table.images
            for notice in change.notices(old, new, tries=5)
            if (notice.road, notice.subject) == (change.REPLIES, made.id)
        ]
        bank.table.images.clear()
        send_reply(bank.services, posts, told)
    assert posts.replies == [] and {to for _, to in posts.messages} == {"101"}
    assert posts.messages[0][0].startswith("Vous pouvez dépenser 990,00")
    assert "Vous pouvez écrire : confirmer, annuler." in posts.messages[1][0]
    assert "Pour payer 5,00\u00a0€ à Bob, ouvrez le lien du nouveau SMS" in posts.messages[2][0]
    assert "de 5,00\u00a0€ à Bob a été annulé." in posts.messages[3][0]
    assert "Vous pouvez écrire : solde, historique, répéter, contacts, aide." in posts.messages[3][0]
    assert "5,00\u00a0€ à Bob : rien n'est encore payé." in posts.messages[4][0]
    assert "Bob (@bob)" in posts.messages[5][0]


def test_who_has_just_linked_sees_what_there_is(alice: Chat) -> None:
    """Under the sentence that it is done."""
    paired = replace(PAYMENT, order="pair", status="answered")
    found = said(paired, programme=PROGRAMME, first=False)
    assert [button.title for button in found.buttons] == MENU
    assert said(replace(paired, payer=""), programme=PROGRAMME, first=False).buttons == ()
    assert alice.texts == []


def test_of_two_with_one_name_one_has_a_button() -> None:
    """A title stands for one person; long names are cut; whom nothing names here has none, nor has a fourth."""
    names = ("Bob T.", "Bob T.", "Anne-Françoise-Marie P.", "Zoé", "Yann", "Xavier")
    payees = [
        Payee(name=name, hint="", text="" if name == "Zoé" else "@x", payment=f"{number:016}")
        for number, name in enumerate(names)
    ]
    assert [(button.title, button.payload) for button in chat_buttons.people(payees, "facebook")] == [
        ("Bob T.", "pay:0000000000000000"),
        ("Anne-Françoise-Mari…", "pay:0000000000000002"),
        ("Yann", "pay:0000000000000004"),
    ]
    assert [button.title for button in chat_buttons.people(payees, "whatsapp")[3:]] == ["Xavier"]


@pytest.mark.parametrize(("number", "shown"), [(3, ["A", "B", "C"]), (4, ["A", "B", "C", "D", *MENU])])
def test_whom_one_can_pay_is_a_list_on_whatsapp(number: int, shown: list[str]) -> None:
    """As soon as its three buttons are too few; what else may be asked for has the rows that are left."""
    payees = tuple(Payee(name=name, hint="", text=f"@{name}", payment=name * 16) for name in "ABCDEFGH"[:number])
    asked = replace(PAYMENT, order="contacts", status="answered", network="whatsapp")
    found = said(asked, programme=EVERYWHERE, first=False, facts=replace(WHOLE, payment=None, payees=payees))
    assert [one.title for one in found.buttons] == [title for title in shown if title != "Qui puis-je payer ?"]
    assert found.list_label == ("Choisir" if number > 3 else "")
    full = said(asked, programme=EVERYWHERE, first=False, facts=replace(WHOLE, payment=None))
    assert len(full.buttons) == 10 and [one.payload for one in full.buttons[8:]] == ["balance", "history"]


def answers(name: str, language: str) -> list[Said]:
    """Everything that can be said to a customer on a network, with the longest values."""
    orders = [*(replace(PAYMENT, order=order, status="answered", target=PAYMENT.id) for order in
                ("confirm", "cancel", "balance", "history", "contacts", "help"))]  # fmt: skip
    refusals = [
        Refusal(key.split(".")[1])
        for key in sentences("fr")
        if key.startswith(("hint.", "reason.")) and key.split(".")[1] in set(Refusal)
    ]
    refused = [replace(PAYMENT, status="refused", refusal=refusal) for refusal in refusals]
    ended = [
        replace(WHOLE, payment=replace(PAYMENT, status=status)) for status in ("paid", "declined", "expired", "refused")
    ]
    made = [(order, WHOLE) for order in [PAYMENT, *orders, *refused]]
    made += [
        (replace(PAYMENT, order="confirm", status="refused", refusal=Refusal.NOT_PENDING), facts) for facts in ended
    ]
    return [
        said(replace(one, network=name, language=language), programme=EVERYWHERE, first=True, facts=facts)
        for one, facts in made
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
def test_each_network_takes_all_that_is_said(name: str, language: str) -> None:
    """In its own lengths, with no more buttons than it shows: three on WhatsApp, the most useful first."""
    for found in answers(name, language):
        sent = Outgoing(
            to=PSID, text=found.text, metadata="m", buttons=found.buttons, list_label=found.list_label
        )  # fmt: skip
        assert FORMS[name](sent)
        assert 1 <= len(found.buttons) <= (ROWS[name] if found.list_label else BUTTONS[name])
        assert len({button.title for button in found.buttons}) == len(found.buttons)
        assert all(taps.read(button.payload) for button in found.buttons)
    menu = answers(name, language)[-1].buttons
    assert [button.payload for button in menu[:3]] == ["balance", "history", "repeat"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_there_are_no_buttons_the_words_are_told(language: str) -> None:
    """On X a private message is typed: every word that is told is an order."""
    for found in answers("twitter", language):
        assert found.buttons == ()
        assert any(
            word in found.text
            for word in PROGRAMME.verbs["cancel"] + PROGRAMME.verbs["balance"] + PROGRAMME.verbs["help"]
        )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NETWORKS)
def test_no_answer_holds_a_secret(name: str, language: str) -> None:
    """No link, no digits of a code, no phone number, no IBAN, no id, and no whole name of a person."""
    person = replace(WHOLE, payment=replace(PAYMENT, payee_kind="person"))
    texts = [found.text for found in answers(name, language)]
    texts += [
        said(replace(PAYMENT, network=name, language=language), programme=EVERYWHERE, first=True, facts=person).text
    ]
    for text in texts:
        assert not re.search(r"https?:|://|#|\d{6}|\+33|[A-Z]{2}\d{2}[ A-Z0-9]{11}", text), text
        assert PAYMENT.id not in text
    assert LONGEST not in texts[-1] and "Anne-Françoise P." in texts[-1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=st.text(max_size=60), amount=st.integers(1, 10**13), end=st.from_regex(r"\d{2}", fullmatch=True))
def test_no_note_and_no_id_gets_into_an_answer(note: str, amount: int, end: str) -> None:
    """Whatever an order holds: amounts, shown names and two digits are all that is told."""
    payment = replace(PAYMENT, amount_minor=amount, payee_kind="person", said={**PAYMENT.said, "note": f"<{note}>"})
    for order in ("send", "confirm", "cancel"):
        found = said(
            replace(payment, order=order), programme=PROGRAMME, first=False,
            facts=replace(WHOLE, payment=payment, phone_end=end),
        )  # fmt: skip
        assert f"<{note}>" not in found.text
        assert not re.search(r"\d{4}", found.text)


def test_a_golden_quick_reply_is_a_tap_of_ours(alice: Chat) -> None:
    """The element as Meta has sent it, but for whose it is and what it carries."""
    intent = alice.write("envoyer 10 € à @bob")
    assert intent
    element = load("messenger_event_quick_reply")
    element |= {"sender": {"id": PSID}, "recipient": {"id": PAGE}}
    element["message"]["quick_reply"]["payload"] = f"again:{intent.id}"
    assert alice.happens(element)
    assert current(alice.bank, intent).link_number == 2


@pytest.mark.parametrize(
    ("name", "golden", "kept"),
    [
        (
            "instagram", "instagram_webhook_quick_reply",
            ("entry", 0, "messaging", 0, "message", "quick_reply", "payload"),
        ),
        (
            "whatsapp", "whatsapp_webhook_interactive_button_reply",
            ("entry", 0, "changes", 0, "value", "messages", 0, "interactive", "button_reply", "id"),
        ),
        (
            "whatsapp", "whatsapp_webhook_interactive_list_reply",
            ("entry", 0, "changes", 0, "value", "messages", 0, "interactive", "list_reply", "id"),
        ),
    ],
)  # fmt: skip
def test_the_other_networks_bring_the_same_wish(name: str, golden: str, kept: tuple[Any, ...]) -> None:
    """In their own envelopes."""
    body = load(golden)
    place = body
    for step in kept[:-1]:
        place = place[step]
    place[kept[-1]] = f"cancel:{PAYMENT.id}"
    owner = "17841400000000000"
    if name == "whatsapp":
        owner = body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"]
    ours = replace(
        PROGRAMME,
        bots={name: Bot(handle="x", user_id=owner)},
        durations=replace(PROGRAMME.durations, message_age_seconds=10**10),
    )
    channel = network(name, ours)
    (event,) = channel.split(json.dumps(body).encode(), received_at=1_800_000_000)
    mention = channel.mention(event)  # type: ignore[arg-type]  # it is an event
    assert taps.read(mention.button) == taps.Tap("cancel", PAYMENT.id)  # type: ignore[union-attr]  # it is a message


def test_what_meta_gets_is_a_quick_reply_for_each(alice: Chat) -> None:
    """Title and payload as its Send API wants them."""
    intent = alice.write("envoyer 10 € à @bob")
    assert intent
    sent = FORMS["facebook"](alice.chats.sent[-1])["message"]["quick_replies"]
    assert sent == [
        {"content_type": "text", "title": "Renvoyer le SMS", "payload": f"again:{intent.id}"},
        {"content_type": "text", "title": "Annuler", "payload": f"cancel:{intent.id}"},
    ]


def test_an_order_is_answered_once(alice: Chat) -> None:
    """A message that Meta delivers twice."""
    element = meta.written("envoyer 10 € à @bob", page=PAGE, by=PSID)
    assert alice.happens(element)
    assert alice.happens(element) is None
    assert len(alice.texts) == 1 and len(alice.bank.sms.sent) == 1


def test_a_long_conversation_is_answered_and_a_loop_is_not(alice: Chat) -> None:
    """So many answers in ten minutes; then silence, but a payment that was refused is told by SMS."""
    for _ in range(PROGRAMME.caps.private_answers_in_ten_minutes + 5):
        alice.write("solde")
    assert len(alice.texts) == PROGRAMME.caps.private_answers_in_ten_minutes
    alice.write("envoyer 300 € à @bob")
    assert len(alice.bank.sms.sent) == 1
    alice.bank.time.move(600)
    alice.write("solde")
    assert len(alice.texts) == PROGRAMME.caps.private_answers_in_ten_minutes + 1


def test_mistakes_use_up_nothing_of_a_conversation(alice: Chat) -> None:
    """And a conversation nothing of the help that there is a day."""
    for _ in range(PROGRAMME.caps.private_replies_a_day + 3):
        alice.write("???")
    assert len(alice.texts) == PROGRAMME.caps.private_replies_a_day - 1  # one was for "bonjour"
    alice.write("solde")
    assert heard(alice).startswith("Vous pouvez dépenser")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("handle", ["", "bob"])
def test_how_to_pay_somebody_again_is_an_order_as_it_stands(language: str, handle: str) -> None:
    """Typed as the chat says it, it pays them: by their @name, or by the first name behind a word that leads to it."""
    bank = past.bank_of_three()
    chat = Chat(bank, psid=past.ALICE)
    bank.table.items[handle_key("facebook", PAGE, past.ALICE)]["language"] = language
    past.confirmed(bank, past.written(bank, "envoyer 5 € à @bob" if handle else f"envoyer 5 € au {past.PHILIPPE}"))
    chat.write("contacts")
    tap(chat, "Bob" if handle else "Philippe D.")
    example = re.split(r"[:：] ?", heard(chat))[-1].partition(" R")[0].strip()
    made = chat.write(example)
    assert made and (made.status, made.payee) == ("pending", "bob" if handle else "dupont"), example
