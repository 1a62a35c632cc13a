"""The sandbox plays X against the real stack: it posts, misbehaves when told to, and lets nobody else in."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from local import wire
from local.stack import Stack
from tests.local import faults
from tests.local.town import Resident, Town

pytestmark = [pytest.mark.local]

JSON = {"Content-Type": "application/json"}


def look(town: Town) -> Mapping[str, Any]:
    """What the page shows now."""
    return wire.sandbox(town.stack)


def post(town: Town, text: str, author: Resident, **more: str) -> str:
    """Post as somebody by the page; returns the post's id."""
    wish = {"author": author.handle, "text": text, **more}
    return str(wire.do(town.stack, "post", wish)["id"])


def order(town: Town, payer: Resident, payee: Resident, amount: str = "10 €") -> str:
    """Order a payment by the page; returns the post's id."""
    return post(town, f"@{town.bot.handle} #envoyer {amount} @{payee.handle}", payer)


def deliveries(town: Town, post_id: str, *, count: int = 1) -> list[Any]:
    """The webhooks of a post, oldest first, once so many of them were answered."""

    def answered() -> list[Any] | None:
        found = [one for one in look(town)["deliveries"] if one["about"] == post_id]
        return found[::-1] if len(found) == count and all(one["status"] for one in found) else None

    return wire.wait_for(answered, what=f"{count} answered webhooks of {post_id}")


def answer(town: Town, post_id: str) -> Mapping[str, Any]:
    """The bot's post under a post, waited for."""

    def found() -> Mapping[str, Any] | None:
        return next((one for one in look(town)["posts"] if one["bot"] and one["reply_to"] == post_id), None)

    return wire.wait_for(found, what="the bot's answer")


def intents(town: Town, *post_ids: str) -> list[Any]:
    """The orders that came by these posts."""
    return [one for one in look(town)["intents"] if one["message"] in post_ids]


@contextmanager
def switched(town: Town, name: str) -> Iterator[None]:
    """One switch is on for a while."""
    wire.do(town.stack, "switch", {"name": name, "on": True})
    try:
        yield
    finally:
        wire.do(town.stack, "switch", {"name": name, "on": False})


def request(stack: Stack, target: tuple[str, str], headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """A request to the sandbox with headers of its own, `Host` included."""
    with closing(HTTPConnection(urlsplit(stack.sandbox_url).netloc, timeout=30)) as connection:
        connection.request(*target, body, dict(headers))
        told = connection.getresponse()
        return told.status, told.read()


def test_x_has_checked_the_webhook(town: Town) -> None:
    """At its start the sandbox sent the Challenge-Response Check, and it can be sent again."""
    assert look(town)["check"]["state"] == "passed"
    assert wire.do(town.stack, "check", {})["state"] == "passed"


def test_a_payment_by_the_page(town: Town) -> None:
    """A post by the page becomes an order; its SMS is on the payer's phone, and the books balance."""
    payer, payee = town.resident(), town.resident(0)
    sent = order(town, payer, payee)
    assert [(one["status"], one["event"]) for one in deliveries(town, sent)] == [(200, "post.mention.create")]
    town.confirm(town.link(payer, town.intent_of(sent)))
    town.told(payee, "vous a payé")
    shown = look(town)
    (phone,) = [one for one in shown["phones"] if one["phone"] == payer.phone]
    assert (phone["handle"], phone["code"], len(phone["texts"]) >= 2) == (payer.handle, "", True)
    assert [one["status"] for one in intents(town, sent)] == ["paid"]
    assert shown["books"]["balanced"]
    (account,) = [one for one in shown["accounts"] if one["account"] == payee.account]
    assert account["available"] == "€10.00"


def test_a_stranger_is_answered_in_the_thread(town: Town) -> None:
    """Somebody whom nobody knows may write; the bot answers under the post, and a reply to it goes on from there."""
    stranger = town.stranger()
    sent = post(town, f"@{town.bot.handle} #envoyer 10 €", stranger)
    told = answer(town, sent)
    assert "n'est pas encore associé" in told["text"] or "Il manque" in told["text"]
    again = post(town, "#aide", stranger, kind="reply", target=told["id"])
    assert [one["event"] for one in deliveries(town, again)] == ["post.reply.create"]
    (reply,) = [one for one in look(town)["posts"] if one["id"] == again]
    assert (reply["reply_to"], reply["text"]) == (told["first"], "#aide")


def test_a_private_message_is_answered_in_private(town: Town) -> None:
    """A private message to the bot gets its answer in private, and none under a post."""
    payer = town.resident()
    wire.do(town.stack, "message", {"author": payer.handle, "text": "aide"})

    def answered() -> Mapping[str, Any] | None:
        return next((one for one in look(town)["messages"] if one["bot"] and one["with"] == payer.handle), None)

    assert "Pour payer" in wire.wait_for(answered, what="a private answer")["text"]


def test_an_edit_pays_nothing_more(town: Town) -> None:
    """An edited order is delivered again under a new id, and the first reading stands."""
    payer, payee = town.resident(), town.resident(0)
    first = order(town, payer, payee)
    town.link(payer, town.intent_of(first))
    text = f"@{town.bot.handle} #envoyer 99 € @{payee.handle}"
    second = post(town, text, payer, kind="edit", target=first)
    assert [one["status"] for one in deliveries(town, second)] == [200]
    faults.quiet(town.stack)
    assert [(one["message"], one["amount"]) for one in intents(town, first, second)] == [(first, "€10.00")]
    (shown,) = [one for one in look(town)["posts"] if one["first"] == first]
    assert (shown["id"], len(shown["before"])) == (second, 1)


@pytest.mark.parametrize(("kind", "events"), [("repost", ["post.repost.create"]), ("quote", [])])
def test_nobody_pays_by_repeating_an_order(town: Town, kind: str, events: list[str]) -> None:
    """A repost or a quote of an order is an order of nobody."""
    payer, payee, other = town.resident(), town.resident(0), town.resident()
    first = order(town, payer, payee)
    repeated = post(town, "voilà", other, kind=kind, target=first)
    found = deliveries(town, repeated, count=len(events)) if events else look(town)["deliveries"]
    assert [one["event"] for one in found if one["about"] == repeated] == events
    town.link(payer, town.intent_of(first))
    faults.quiet(town.stack)
    assert intents(town, repeated) == []


def test_a_duplicate_is_one_order(town: Town) -> None:
    """A webhook that comes twice is taken twice and makes one order."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "duplicate"):
        sent = order(town, payer, payee)
        assert [one["status"] for one in deliveries(town, sent, count=2)] == [200, 200]
    town.link(payer, town.intent_of(sent))
    faults.quiet(town.stack)
    assert len(intents(town, sent)) == 1
    assert town.intents_told(payer) == {town.intent_of(sent)}


def test_a_forged_webhook_is_refused(town: Town) -> None:
    """A webhook under a wrong secret is answered 401 and does nothing; the next genuine one is taken."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "forge"):
        forged = order(town, payer, payee)
        assert [one["status"] for one in deliveries(town, forged)] == [401]
    town.link(payer, town.intent_of(order(town, payer, payee)))
    assert intents(town, forged) == []


def test_a_lost_webhook_is_lost(town: Town) -> None:
    """What X never delivers is never ordered; it is shown as lost."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "drop"):
        lost = order(town, payer, payee)
    town.link(payer, town.intent_of(order(town, payer, payee)))
    (delivery,) = [one for one in look(town)["deliveries"] if one["about"] == lost]
    assert (delivery["state"], delivery["status"]) == ("lost", 0)
    assert intents(town, lost) == []


def test_two_webhooks_change_places(town: Town) -> None:
    """The first of two is held and delivered after the second; both orders are placed."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "reorder"):
        first = order(town, payer, payee, "11 €")
        (held,) = [one for one in look(town)["deliveries"] if one["about"] == first]
        assert held["state"] == "held"
        second = order(town, payer, payee, "12 €")
        assert deliveries(town, first)[0]["note"] == "after the next one"
        assert deliveries(town, second)[0]["note"] == ""
    assert all(town.link(payer, town.intent_of(each)) for each in (first, second))


def test_what_is_held_goes_out_when_reordering_ends(town: Town) -> None:
    """Turning the switch off delivers what waits for a next one."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "reorder"):
        held = order(town, payer, payee)
    assert [one["status"] for one in deliveries(town, held)] == [200]


def test_a_late_webhook_is_ordered_late(town: Town) -> None:
    """A delayed webhook comes five seconds later and is an order like any other."""
    payer, payee = town.resident(), town.resident(0)
    with switched(town, "delay"):
        late = order(town, payer, payee)
    assert intents(town, late) == []
    town.link(payer, town.intent_of(late))
    assert town.order(town.intent_of(late))["received_at"] - float(_shown(town, late)["at"]) > 3.5


def test_a_rate_limit_puts_replies_off(town: Town) -> None:
    """While X's API answers 429 nothing is posted; afterwards the reply comes."""
    stranger = town.stranger()
    with switched(town, "limit"):
        sent = post(town, f"@{town.bot.handle} #aide", stranger)
        wire.wait_for(lambda: [one for one in look(town)["calls"] if one["status"] == 429], what="a limited call")
        assert [one for one in look(town)["posts"] if one["reply_to"] == sent] == []
    assert "Pour envoyer" in answer(town, sent)["text"]


def test_the_older_envelope_orders_as_well(town: Town) -> None:
    """An order in the Account Activity API's envelope is placed; the same post would have the same id in both."""
    payer, payee = town.resident(), town.resident(0)
    wire.do(town.stack, "envelope", {"name": "account_activity"})
    try:
        sent = order(town, payer, payee)
    finally:
        wire.do(town.stack, "envelope", {"name": "activity"})
    assert [one["event"] for one in deliveries(town, sent)] == ["tweet_create_events"]
    assert town.link(payer, town.intent_of(sent))


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"author": "alicemartin", "text": " "}, "nothing to post"),
        ({"author": "a b", "text": "x"}, "An @name has"),
        ({"author": "Smoneyfr", "text": "x"}, "The bot answers by itself"),
        ({"author": "alicemartin", "text": "x", "kind": "reply", "target": "1"}, "not there"),
    ],
)
def test_what_x_would_not_take_is_refused_with_a_sentence(town: Town, wish: Mapping[str, str], why: str) -> None:
    """The page says why something was not posted."""
    with pytest.raises(ValueError, match=why):
        wire.do(town.stack, "post", wish)


@pytest.mark.parametrize("authorization", ["", 'OAuth oauth_nonce="1", oauth_timestamp="1", oauth_signature="AAAA"'])
def test_the_api_wants_a_signature(town: Town, authorization: str) -> None:
    """A call of X's API that is not signed with our keys is answered 401, and nothing is posted."""
    text = f"forged {town.stranger().handle}"
    body = json.dumps({"text": text}).encode()
    headers = {**JSON, "Authorization": authorization}
    assert request(town.stack, ("POST", "/2/tweets"), headers, body)[0] == 401
    assert text not in [one["text"] for one in town.replies()]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/snapshot"), ("GET", "/posts"), ("POST", "/do/check")]
)
def test_a_name_that_points_here_is_not_served(local_stack: Stack, method: str, path: str) -> None:
    """A foreign Host is refused: a web page whose name was pointed at this machine reads and does nothing here."""
    assert request(local_stack, (method, path), {**JSON, "Host": "evil.example"}, b"{}")[0] == 403


@pytest.mark.parametrize(
    "headers",
    [{**JSON, "Sec-Fetch-Site": "cross-site"}, {"Content-Type": "text/plain"}, {**JSON, "Sec-Fetch-Site": "same-site"}],
)
def test_another_site_posts_nothing_here(local_stack: Stack, headers: Mapping[str, str]) -> None:
    """What a page of another site can send unasked is refused."""
    assert request(local_stack, ("POST", "/do/check"), headers, b"{}")[0] == 403


def test_the_page_loads_nothing_from_elsewhere(local_stack: Stack) -> None:
    """The page comes with a policy that allows its own files alone, and they are there."""
    answer = wire.call(f"{local_stack.sandbox_url}/")
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    for name in ("sandbox.css", "sandbox.js", "render.js", "live.js", "stations.js", "messenger.js"):
        assert wire.call(f"{local_stack.sandbox_url}/{name}").status == 200
    assert wire.call(f"{local_stack.sandbox_url}/server.py").status == 404


def test_what_happens_is_told_live(local_stack: Stack) -> None:
    """The stream of events begins with a whole snapshot."""
    with closing(HTTPConnection(urlsplit(local_stack.sandbox_url).netloc, timeout=30)) as connection:
        connection.request("GET", "/live")
        stream = connection.getresponse()
        assert stream.headers["Content-Type"] == "text/event-stream"
        told = json.loads(stream.readline().removeprefix(b"data: "))
    assert told["up"] and told["bot"] == local_stack.bot_handle


def _shown(town: Town, post_id: str) -> Mapping[str, Any]:
    return next(one for one in look(town)["posts"] if one["id"] == post_id)
