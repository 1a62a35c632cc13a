"""A conversation on the local AWS, with each function's own role: from the order to the last button."""

import re

import pytest

from chalicelib.table import intent_key
from local import meta, wire
from tests.local import faults
from tests.local.messenger import PAGE, Thread, linked
from tests.local.town import CODE, PAID, Resident, Town, at_once

pytestmark = [pytest.mark.local]

WAITS = "rien n'est encore payé"
MENU = ["Solde", "Historique", "Répéter le dernier", "Qui puis-je payer ?", "Aide"]


def titles(talker: Thread) -> list[str]:
    """What may be tapped under the page's last message."""
    return [one["title"] for one in talker.messages()[-1]["buttons"]]


def heard(talker: Thread, words: str, *, times: int) -> str:
    """The last of so many messages with these words, waited for."""

    def found() -> str | None:
        texts = [str(one["text"]) for one in talker.messages() if words in one["text"]]
        return texts[-1] if len(texts) >= times else None

    return wire.wait_for(found, what=f"{times} messages with {words!r}")


def ordered(talker: Thread, payee: Resident, amount: str = "10 €") -> str:
    """Order a payment in the chat, and hear how to pay it."""
    before = sum(WAITS in one["text"] for one in talker.messages())
    intent = talker.write(f"envoyer {amount} à @{payee.handle[:15]}")
    heard(talker, WAITS, times=before + 1)
    return intent


def friends(town: Town) -> tuple[Resident, Resident, Thread]:
    """A payer with their conversation, and a payee whom it can name."""
    payer, payee = town.resident(), town.resident(0)
    linked(town, payee, label=payee.handle[:15])
    return payer, payee, linked(town, payer)


def test_ordered_sent_again_and_cancelled(town: Town) -> None:
    """The second link comes by SMS, the first one is dead; then nothing waits any more, and both roads say so."""
    payer, payee, talker = friends(town)
    intent = ordered(talker, payee)
    assert f"votre numéro finissant par {payer.phone[-2:]}" in talker.messages()[-1]["text"]
    assert titles(talker) == ["Renvoyer le SMS", "Annuler"]
    first = town.link(payer, intent)
    talker.taps("Renvoyer le SMS")
    talker.hears("Pour payer 10,00")
    assert "lien plus récent" in town.confirm(first).text
    assert town.link(payer, intent, number=2) != first
    talker.taps("Annuler")
    talker.hears("a été annulé. Rien n’a été débité.")
    assert titles(talker) == MENU
    town.told(payer, "annulé")
    assert town.order(intent)["status"] == "cancelled"
    talker.write("…", tapped=f"again:{intent}")
    heard(talker, "a été annulé. Rien n’a été débité.", times=2)
    assert len(town.links(payer, intent, number=3)) == 0


def test_balance_history_and_whom_one_can_pay(town: Town) -> None:
    """Read when they are told, by a role that may; the last payment is repeated with a tap."""
    payer, payee, talker = friends(town)
    assert PAID in town.confirm(town.link(payer, ordered(talker, payee))).text
    talker.write("solde")
    assert re.match(r"Vous pouvez dépenser 90,00\s€ \(\d{4}-\d\d-\d\d \d\d:\d\d\)\.", talker.hears("dépenser"))
    wire.wait_for(lambda: town.table.get((f"E#{payer.account}", f"{2:012}")), what="the entry")
    talker.taps("Historique")
    lines = talker.hears("Vos derniers mouvements").splitlines()[1:3]
    assert [re.sub(r"\s+", " ", line[10:]).strip() for line in lines] == [
        f"-10,00 € Rose {payee.name[5]}.", "+100,00 € S-Money",
    ]  # fmt: skip
    talker.taps("Qui puis-je payer ?")
    assert f"Rose {payee.name[5]}. (@{payee.handle[:15]})" in talker.hears("Vous avez déjà payé")
    talker.taps(f"Rose {payee.name[5]}.")
    talker.hears(f"Pour payer Rose {payee.name[5]}., écrivez par exemple : envoyer 10\u00a0€ @{payee.handle[:15]}")
    talker.taps("Répéter le dernier")
    heard(talker, WAITS, times=2)
    again = wire.wait_for(lambda: sorted(town.intents_told(payer) - {""}), what="the links")
    assert len(again) == 2
    said = " ".join(one["text"] for one in talker.messages()).replace(payee.handle[:15], "")
    assert not re.search(r"https?:|://|#|\d{6}", said)
    assert CODE not in said and payer.phone[-4:] not in said


def test_a_redelivered_tap_is_one(town: Town) -> None:
    """Meta delivers it three times: one SMS, one answer, one new order."""
    _, payee, talker = friends(town)
    intent = ordered(talker, payee)
    element = meta.written("…", page=PAGE, by=talker.psid, tapped=f"again:{intent}")
    body = meta.body(element, page=PAGE)
    assert [wire.deliver_meta(town.stack, body).status for _ in range(3)] == [200] * 3
    talker.hears("ouvrez le lien du nouveau SMS")
    faults.quiet(town.stack)
    assert sum("ouvrez le lien du nouveau SMS" in one["text"] for one in talker.messages()) == 1
    assert town.order(intent)["link_number"] == 2


def test_nobody_taps_for_somebody_else(town: Town) -> None:
    """A stranger and another customer with a genuine id get the same help as for any button; nothing is sent."""
    payer, payee, talker = friends(town)
    intent = ordered(talker, payee)
    town.link(payer, intent)
    other = linked(town, town.resident())
    for name in ("again", "cancel"):
        other.write("…", tapped=f"{name}:{intent}")
    heard(other, "Pour payer, écrivez par exemple", times=2)
    faults.quiet(town.stack)
    found = town.order(intent)
    assert (found["status"], found["link_number"], town.links(payer, intent, number=2)) == ("pending", 1, [])


def test_a_code_in_a_chat_is_kept_nowhere(town: Town) -> None:
    """It is warned of; the order of it holds nothing."""
    payer, payee, talker = friends(town)
    intent = talker.write(f"envoyer 10 € @{payee.handle[:15]} mon code est {CODE}")
    assert CODE not in talker.hears("N'envoyez jamais ici de code")
    item = town.table.get(intent_key(intent), consistent=True) or {}
    assert (item["refusal"], item.get("said")) == ("sensitive", None)
    assert town.intents_told(payer) == set()


def test_a_payment_and_its_buttons_race(town: Town) -> None:
    """Confirmed, sent again and cancelled at one moment: paid once or cancelled, and the money says the same."""
    payer, payee, talker = friends(town)
    intent = ordered(talker, payee)
    link = town.link(payer, intent)
    at_once(
        [
            lambda: town.confirm(link).text,
            lambda: talker.write("…", tapped=f"again:{intent}"),
            lambda: talker.write("…", tapped=f"cancel:{intent}"),
        ]
    )
    faults.quiet(town.stack)
    status = town.order(intent)["status"]
    assert status in ("paid", "cancelled")
    assert town.funds(payee) == (1_000 if status == "paid" else 0)
    assert town.account(payer)["attempts"] == 0
