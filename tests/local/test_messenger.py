"""Messenger beside X on one stage: from the invitation to the payment, and whatever strangers send to its webhook."""

import re

import pytest

from chalicelib.channels.inbox import read
from chalicelib.config import programme
from chalicelib.table import handle_key, notice_key
from local import meta, wire
from local.stack import Stack
from local.stages import PROGRAMME
from tests.local import desk, faults
from tests.local.conftest import Call, Drain
from tests.local.messenger import PAGE, joined, linked, thread
from tests.local.town import CODE, PAID, Resident, Town

pytestmark = [pytest.mark.local]

PATH = "/webhooks/facebook"
BRAND = programme(PROGRAMME).brand


def signed(stack: Stack, body: bytes) -> dict[str, str]:
    """The headers of a genuine webhook."""
    return meta.sign(body, stack.meta_secret["app_secret"])


def order(text: str = "Envoyer 10 € à @bob") -> bytes:
    """The body of a webhook with one message."""
    return meta.body(meta.written(text, page=PAGE, by="4237571439620831"), page=PAGE)


def test_the_challenge_is_given_back(local_stack: Stack, call: Call) -> None:
    """To whoever knows the verify token, as it came; to nobody else."""
    token = local_stack.meta_secret["verify_token"]
    query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert call("GET", f"{PATH}{query}{token}") == (200, b"1158201444")
    assert call("GET", f"{PATH}{query}{token}x") == (403, b"")
    assert call("GET", PATH) == (403, b"")


@pytest.mark.parametrize("network", ["instagram", "whatsapp"])
def test_a_network_that_the_programme_is_not_on_is_not_there(local_stack: Stack, call: Call, network: str) -> None:
    """A genuine body changes nothing."""
    body = order()
    assert call("POST", f"/webhooks/{network}", body, signed(local_stack, body)) == (404, b"")


@pytest.mark.parametrize("forgery", ["wrong key", "other body", "no header", "X's header", "cut off"])
def test_a_forgery_is_refused_without_a_word(local_stack: Stack, call: Call, inbox: Drain, forgery: str) -> None:
    """A bare 401, and nothing in the inbox."""
    body, headers = order(), {}
    if forgery != "no header":
        headers = signed(local_stack, body)
    if forgery == "wrong key":
        headers = meta.sign(body, local_stack.meta_secret["verify_token"])
    elif forgery == "other body":
        body = body.replace(b"10 ", b"99 ")
    elif forgery == "X's header":
        headers = {"x-twitter-webhooks-signature": headers["X-Hub-Signature-256"]}
    elif forgery == "cut off":
        body = body[:-20]
    assert call("POST", PATH, body, {"Content-Type": "application/json", **headers}) == (401, b"")
    assert inbox() == []


def test_what_is_signed_and_no_object_is_refused(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """Truncated before it was signed, or over a mebibyte."""
    body = order()[:-20]
    assert call("POST", PATH, body, signed(local_stack, body)) == (400, b"")
    large = b" " * 1_048_577
    assert call("POST", PATH, large, signed(local_stack, large)) == (413, b"")
    assert inbox() == []


def test_a_batch_is_as_many_messages(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """Meta puts up to a thousand updates into one body; each of these fifty is an event of its own."""
    written = [meta.written(f"aide {number}", page=PAGE, by="4237571439620831") for number in range(50)]
    body = meta.body(*written, page=PAGE)
    assert call("POST", PATH, body, signed(local_stack, body)) == (200, b"")
    texts = [read(message).payload["text"] for message in inbox()]
    assert sorted(texts) == sorted(f"aide {number}" for number in range(50))


def test_somebody_joins_in_the_chat_orders_and_pays(town: Town) -> None:
    """Invited by the desk, linked by the button and a Yes; the order, the SMS, the code; both are told."""
    payee, payer = town.resident(0), thread(town)
    linked(town, payee, label=payee.handle[:15])
    new = town.stranger()
    phone = f"+3363998{5_000 + int(payer.psid[-4:]) % 5_000}"
    (added,) = desk.told(
        town, "person", "add", "Zoé Martin", "--phone", phone, "--network", "facebook", "--shared-phone"
    )
    zoe = Resident(name="Zoé Martin", user_id=new.user_id, handle="", phone=phone, account=added["account"])
    desk.told(town, "account", "fund", zoe.account, "100", "--reference", zoe.account, "--yes")
    invitation = town.told(zoe, "Choisissez votre code")[0]
    payer.opens(joined(town, wire.link_in(invitation)))
    question = payer.hears("Associer cette conversation au compte de Zoé M. ?")
    assert question.startswith(f"Bonjour, vous parlez au service automatique de {BRAND}")
    payer.taps("Oui, associer")
    payer.hears("votre compte est associé")
    town.told(zoe, "Messenger est maintenant associé à votre compte")
    intent = payer.write(f"Envoyer 10 € à @{payee.handle[:15]}")
    payer.hears(f"10,00\u00a0€ à Rose {payee.name[5]}. : rien n'est encore payé.")
    assert PAID in town.confirm(town.link(zoe, intent)).body
    town.told(zoe, "vous avez payé 10,00 EUR")
    town.told(payee, "vous a payé 10,00 EUR")
    assert (town.funds(zoe), town.funds(payee)) == (9_000, 1_000)
    said = " ".join(one["text"] for one in payer.messages())
    assert not re.search(r"https?:|://|p_|#|Martin|\d{6}", said)
    assert CODE not in said and phone[-4:] not in said


def test_a_ref_of_somebody_else_binds_nobody(town: Town) -> None:
    """Whoever was sent an attacker's link says No, and the attacker's other window gets nothing."""
    victim, attacker, phone = thread(town), thread(town), "+33639980999"
    added = desk.told(
        town, "person", "add", "Mallory Noir", "--phone", phone, "--network", "facebook", "--shared-phone"
    )
    mallory = Resident(name="Mallory", user_id="", handle="", phone=phone, account=added[0]["account"])
    ref = joined(town, wire.link_in(town.told(mallory, "Choisissez votre code")[-1]))
    victim.opens(ref)
    victim.hears("au compte de Mallory N. ?")
    attacker.opens(ref)
    attacker.hears("Ce lien d'association n'est pas accepté.")
    victim.taps("Non")
    victim.hears("rien n'est associé")
    assert town.table.get(handle_key("facebook", PAGE, victim.psid), consistent=True) is None
    assert town.table.get(handle_key("facebook", PAGE, attacker.psid), consistent=True) is None


def test_a_repeat_is_one_order_and_one_answer(town: Town) -> None:
    """Meta delivers again whenever it is not sure; so does anybody who has caught a body."""
    talker = thread(town)
    element = meta.written("Envoyer beaucoup à Bob", page=PAGE, by=talker.psid)
    body = meta.body(element, page=PAGE)
    assert [wire.deliver_meta(town.stack, body).status for _ in range(3)] == [200] * 3
    talker.hears("montant")
    faults.quiet(town.stack)
    assert len(talker.messages()) == 1


def test_a_message_whose_answer_is_lost_is_known_by_its_echo(town: Town) -> None:
    """Meta takes it and says nothing: the claim learns from the echo that it has arrived."""
    talker = thread(town)
    wire.do(town.stack, "fault", {"how": "lost"})
    intent = talker.write("Envoyer beaucoup à Bob")
    key = notice_key(intent, "refused#reply")

    def arrived() -> bool:
        return "arrived_at" in (town.table.get(key, consistent=True) or {})

    wire.wait_for(arrived, what="the mark of the echo")
    assert len(talker.messages()) == 1


def test_what_meta_refuses_is_told_by_sms(town: Town) -> None:
    """A customer's order that could not be read, outside Meta's 24 hours: their phone says that nothing was paid."""
    payer = town.resident()
    talker = linked(town, payer)
    wire.do(town.stack, "fault", {"how": "551"})
    talker.write("Envoyer beaucoup à Bob")
    assert town.told(payer, "Messenger n'a pas accepté notre réponse", "Rien n'a été payé")
    assert talker.messages() == []


def test_a_link_that_is_taken_back_ends_it(town: Town) -> None:
    """The next order from that chat is nobody's."""
    talker = linked(town, town.resident())
    assert talker.deliver(meta.unlinked(page=PAGE, by=talker.psid)).status == 200
    key = handle_key("facebook", PAGE, talker.psid)
    wire.wait_for(lambda: (town.table.get(key, consistent=True) or {}).get("unlinked_at"), what="the unlinking")
    talker.write("annuler")
    talker.hears("n'est pas encore associé à un client")
