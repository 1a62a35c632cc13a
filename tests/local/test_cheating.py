"""Messages that try to cheat: forged, repeated, reordered, edited, unreadable, in the name of nobody."""

import copy
import json
import time
from collections.abc import Callable

import pytest

from local import wire, x
from tests.local import faults
from tests.local.conftest import Drain
from tests.local.town import CODE, FUNDS_MINOR, PAID, Body, Resident, Town, at_once, post_id

pytestmark = [pytest.mark.local]

LEGACY = "x-twitter-webhooks-signature"
OAUTH2 = f"{LEGACY}-oauth2"


def encoded(body: Body) -> bytes:
    """A webhook's bytes."""
    return json.dumps(body, ensure_ascii=False).encode()


def sent(town: Town, body: bytes, headers: dict[str, str]) -> int:
    """The status that a webhook gets."""
    return wire.call(f"{town.stack.api_url}/webhooks/twitter", method="POST", body=body, headers=headers).status


def ordering(town: Town, payer: Resident, payee: Resident, amount: str = "10 euros") -> Body:
    """The webhook of an order to pay."""
    return town.tweet(f"@{town.bot.handle} #envoyer {amount} @{payee.handle}", payer, payee)


def settled(town: Town, payer: Resident, payee: Resident) -> str:
    """Wait until an order sent now has gone all the way, so that whatever was sent before has, too; returns its id."""
    order = town.pays(payer, payee, "1 euro", note="after all others")
    faults.quiet(town.stack)
    return order.id


def test_a_forgery_becomes_nothing(town: Town) -> None:
    """Another secret, a changed byte, another body's signature, one forged header of two: 401, and no item."""
    payer, payee = town.resident(), town.resident(0)
    secret = town.stack.x_secret["consumer_secret"]
    bodies = [ordering(town, payer, payee) for _ in range(5)]
    genuine = [x.sign(encoded(body), secret) for body in bodies]
    oauth2 = {**genuine[3], OAUTH2: x.sign(encoded(bodies[3]), "x" * 48)[LEGACY]}
    assert sent(town, encoded(bodies[0]), x.sign(encoded(bodies[0]), secret[:-1])) == 401
    assert sent(town, encoded(bodies[1]).replace(b"10 euros", b"90 euros"), genuine[1]) == 401
    assert sent(town, encoded(bodies[2]), genuine[0]) == 401
    assert sent(town, encoded(bodies[3]), oauth2) == 401
    assert sent(town, encoded(bodies[4]) + b" ", genuine[4]) == 401
    last = settled(town, payer, payee)
    assert [town.item(town.intent_of(post_id(body))) for body in bodies] == [None] * 5
    assert town.intents_told(payer) == {last}


def test_an_old_webhook_is_not_replayed(town: Town) -> None:
    """A genuine webhook whose post is older than a day by X's clock is answered and dropped; a younger one is read."""
    payer, payee = town.resident(), town.resident(0)
    text = f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}"
    old, young = (town.tweet(text, payer, payee, sent_at=time.time() - age) for age in (86_500, 86_000))
    assert [town.deliver(body).status for body in (old, young)] == [200, 200]
    assert town.order(town.intent_of(post_id(young)))["status"] == "pending"
    settled(town, payer, payee)
    assert town.item(town.intent_of(post_id(old))) is None


def cut(body: Body) -> bytes:
    """A body that ends too early."""
    return encoded(body)[:-2]


def twice(body: Body) -> bytes:
    """A body with one key twice, as two readers would differ on it."""
    return encoded(body)[:-1] + b', "data": {}}'


def not_utf8(body: Body) -> bytes:
    """A body in Latin-1."""
    return json.dumps(body, ensure_ascii=False).replace("euros", "\u20acuros\u00e9").encode("latin-1", "replace")


@pytest.mark.parametrize("spoil", [cut, twice, not_utf8])
def test_a_body_that_is_no_json_object_is_refused(town: Town, inbox: Drain, spoil: Callable[[Body], bytes]) -> None:
    """Signed, but cut off, ambiguous or in no UTF-8: 400 (401 if the gateway mends it), and nothing is queued."""
    payer, payee = town.stranger(), town.stranger()
    body = spoil(ordering(town, payer, payee))
    status = sent(town, body, x.sign(body, town.stack.x_secret["consumer_secret"]))
    assert status == (401 if spoil is not_utf8 else 400)
    assert inbox() == []


def test_unknown_events_are_answered_and_dropped(town: Town, inbox: Drain) -> None:
    """Types that we do not know, values of the wrong type and our own posts are answered 200 and make no order."""
    payer, payee = town.stranger(), town.stranger()
    bodies = [ordering(town, payer, payee) for _ in range(6)]
    bodies[0]["data"]["event_type"] = "post.like.create"
    bodies[1]["data"]["event_type"] = ["post.mention.create"]
    bodies[2]["data"]["payload"]["text"] = {"$ne": ""}
    bodies[3]["data"]["payload"]["id"] = "1 OR 1=1"
    bodies[4]["data"]["payload"]["author_id"] = None
    bodies[5]["data"] = [bodies[5]["data"]["payload"]]
    assert [town.deliver(body).status for body in bodies] == [200] * 6
    assert inbox() == []


def test_who_posts_what_decides(town: Town) -> None:
    """A repost, the bot's own post and a post that does not name the bot order nothing, though X delivers them."""
    payer, payee = town.resident(), town.resident(0)
    repost, own, aside = (ordering(town, payer, payee) for _ in range(3))
    repost["data"]["payload"]["referenced_tweets"] = [{"type": "retweeted", "id": "1"}]
    own["data"]["payload"]["author_id"] = town.bot.user_id
    aside["data"]["payload"]["entities"]["mentions"].pop(0)
    assert [town.deliver(body).status for body in (repost, own, aside)] == [200] * 3
    settled(town, payer, payee)
    assert [town.item(town.intent_of(post_id(body))) for body in (repost, own, aside)] == [None] * 3


def test_a_name_is_worth_its_id(town: Town) -> None:
    """Whoever takes over a payee's @name is refused under their own id, and whoever takes a payer's name cannot pay."""
    payer, payee, thief = town.resident(), town.resident(0), town.stranger()
    named_alike = Resident(**{**vars(thief), "handle": payee.handle})
    intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, named_alike)
    assert town.order(intent)["refusal"] == "payee_renamed"
    posing = Resident(**{**vars(thief), "handle": payer.handle})
    intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", posing, payee)
    assert (town.order(intent)["refusal"], town.order(intent).get("payer")) == ("payer_unknown", None)
    assert town.funds(payer) == FUNDS_MINOR


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u00ad"], ids=["rlo", "lri", "zwsp", "shy"])
def test_invisible_characters_hide_nothing(town: Town, hidden: str) -> None:
    """What turns or splits text unseen is neither in the amount nor in the note: what the page shows is what moves."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, f"1{hidden}2 euros", note=f"le {hidden}plat{hidden} du jour")
    opened = town.step("open", order.link)
    assert "12,00" in opened.text
    assert hidden not in opened.body and "le plat du jour" in opened.text
    assert town.confirm(order.link).status == 200
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_200, 1_200)


def test_one_webhook_many_times_is_one_payment(town: Town) -> None:
    """Five times in parallel and again after the payment: one order, one SMS, one transfer."""
    payer, payee = town.resident(), town.resident(0)
    body = ordering(town, payer, payee)
    assert [answer.status for answer in at_once([lambda: town.deliver(body)] * 5)] == [200] * 5
    intent = town.intent_of(post_id(body))
    link = town.link(payer, intent)
    assert PAID in town.confirm(link).text
    assert town.deliver(body).status == 200
    settled(town, payer, payee)
    assert town.order(intent)["status"] == "paid"
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)
    assert len(town.links(payer, intent)) == 1


def of_account_activity(body: Body, payer: Resident) -> Body:
    """The same post as the Account Activity API delivers it, as a v1.1 Tweet."""
    post = body["data"]["payload"]
    mentions = [
        {"screen_name": one["username"], "id_str": one["id"], "indices": [one["start"], one["end"]]}
        for one in post["entities"]["mentions"]
    ]
    tweet = {
        "id_str": post["id"],
        "timestamp_ms": str(int(time.time() * 1000)),
        "text": post["text"],
        "display_text_range": post["display_text_range"],
        "user": {"id_str": payer.user_id, "screen_name": payer.handle},
        "entities": {"user_mentions": mentions},
        "lang": "fr",
    }
    return {"for_user_id": body["data"]["filter"]["user_id"], "tweet_create_events": [tweet]}


def test_one_post_in_three_envelopes_is_one_payment(town: Town) -> None:
    """As a mention, as a reply and by the Account Activity API: one order and one SMS, whichever comes first."""
    payer, payee = town.resident(), town.resident(0)
    mention = ordering(town, payer, payee)
    reply = copy.deepcopy(mention)
    reply["data"]["event_type"] = "post.reply.create"
    legacy = of_account_activity(mention, payer)
    answers = at_once([lambda body=body: town.deliver(body) for body in (legacy, reply, mention)])  # type: ignore[misc]
    assert [answer.status for answer in answers] == [200] * 3
    last = settled(town, payer, payee)
    assert town.intents_told(payer) == {town.intent_of(post_id(mention)), last}
    assert len(town.links(payer, town.intent_of(post_id(mention)))) == 1


def test_the_account_activity_api_alone_orders(town: Town) -> None:
    """The older envelope is read in full, not only dropped as a repeat."""
    payer, payee = town.resident(), town.resident(0)
    mention = ordering(town, payer, payee, "7 euros")
    assert town.deliver(of_account_activity(mention, payer)).status == 200
    order = town.order(town.intent_of(post_id(mention)))
    assert (order["status"], order["amount_minor"], order["payee"]) == ("pending", 700, payee.account)


@pytest.mark.parametrize("edit_first", [False, True], ids=["in order", "edit first"])
def test_an_edit_changes_no_amount(town: Town, *, edit_first: bool) -> None:
    """Of a post and its edit with another amount the first one that arrives counts, and there is one order."""
    payer, payee = town.resident(), town.resident(0)
    original, edit = ordering(town, payer, payee, "10 euros"), ordering(town, payer, payee, "90 euros")
    edit["data"]["payload"]["edit_history_tweet_ids"] = [post_id(original), post_id(edit)]
    intent = town.intent_of(post_id(original))
    arrivals = [(edit, 9_000), (original, 1_000)] if edit_first else [(original, 1_000), (edit, 9_000)]
    for body, _ in arrivals:
        assert town.deliver(body).status == 200
        town.order(intent)
    settled(town, payer, payee)
    assert town.order(intent)["amount_minor"] == arrivals[0][1]
    assert town.item(town.intent_of(post_id(edit))) is None
    assert len(town.links(payer, intent)) == 1


def test_a_cancellation_before_its_order_cancels_nothing(town: Town) -> None:
    """#annuler that overtakes its order is told that nothing waits, once; delivered again it still hits nothing."""
    payer, payee = town.resident(), town.resident(0)
    cancel = town.tweet(f"@{town.bot.handle} #annuler", payer)
    assert town.deliver(cancel).status == 200
    assert town.order(town.intent_of(post_id(cancel)))["refusal"] == "nothing_to_cancel"
    order = town.pays(payer, payee)
    assert town.deliver(cancel).status == 200
    settled(town, payer, payee)
    assert town.order(order.id)["status"] == "pending"
    assert len(town.told(payer, "Aucun paiement n'attendait")) == 1


def test_a_cancellation_again_spares_the_next_payment(town: Town) -> None:
    """The same #annuler delivered twice cancels one payment, not the one before it as well."""
    payer, payee = town.resident(), town.resident(0)
    first, last = town.pays(payer, payee), town.pays(payer, payee)
    cancel = town.tweet(f"@{town.bot.handle} #annuler", payer)
    assert town.deliver(cancel).status == 200
    town.told(payer, "annulé")
    assert town.deliver(cancel).status == 200
    settled(town, payer, payee)
    assert [town.order(one.id)["status"] for one in (first, last)] == ["pending", "cancelled"]


def test_nobody_cancels_for_others(town: Town) -> None:
    """A reply with #annuler under somebody else's order cancels nothing."""
    payer, payee, other = town.resident(), town.resident(0), town.resident(0)
    body = ordering(town, payer, payee)
    assert town.deliver(body).status == 200
    link = town.link(payer, town.intent_of(post_id(body)))
    cancel = town.tweet(f"@{town.bot.handle} #annuler", other)
    cancel["data"]["payload"]["referenced_tweets"] = [{"type": "replied_to", "id": post_id(body)}]
    assert town.deliver(cancel).status == 200
    assert town.order(town.intent_of(post_id(cancel)))["refusal"] == "nothing_to_cancel"
    assert PAID in town.confirm(link, CODE).text
