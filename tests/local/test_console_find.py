"""Finding anything by any handle, and telling what became of it: as programs against the local AWS."""

import json

import pytest

from chalicelib.intents.intent import reference
from local import wire
from tests.local.desk import read, searched, told, unknown
from tests.local.faults import console, denied, failure_of, quiet
from tests.local.town import CODE, FUNDS_MINOR, WRONG, Resident, Town, post_id

pytestmark = [pytest.mark.local]

IBAN = "FR7630006000011234567890189"


def people(rows: list[dict[str, str]]) -> set[str]:
    """The accounts among what was found."""
    return {row["account"] for row in rows if row["found"] == "account"}


def test_a_person_is_found_by_every_handle_that_has_a_key(town: Town) -> None:
    """With their account and social identity, in one round trip, and with masked numbers."""
    one = town.resident(0)
    person = f"p-{one.handle}"
    handles = (f"@{one.handle}", one.handle.upper(), one.user_id, one.account, person, f"https://x.com/{one.handle}")
    for handle in handles:
        rows = told(town, "find", handle)
        assert people(rows) == {one.account}
        (found,) = [row for row in rows if row["found"] == "person"]
        assert (found["person"], found["phone"]) == (person, "***" + one.phone[-2:])
        assert one.phone not in json.dumps(rows)


def test_a_person_is_found_by_phone_name_and_iban(town: Town) -> None:
    """By a search of the table; all of the number only if it is asked for."""
    name, phone = f"Zoé {town.stranger().handle}", "+33639987654"
    (added,) = told(town, "person", "add", name, "--phone", phone, "--iban", IBAN)
    for handle in ("06 39 98 76 54", phone, "+33 6.39.98.76.54", name.upper().replace("É", "e"), IBAN):
        rows = searched(town, "find", handle)
        assert added["account"] in people(rows)
        assert not [secret for secret in (phone, IBAN) if secret in json.dumps(rows)]
    (person,) = [row for row in searched(town, "find", phone, "--reveal") if row["found"] == "person"]
    assert (person["phone"], person["iban"]) == (phone, IBAN)


def test_an_intent_is_found_by_post_url_id_reference_and_correlation(town: Town) -> None:
    """Whatever of it a customer quotes."""
    payer, payee = town.resident(), town.resident(0)
    body = town.tweet(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle} cadeau secret", payer, payee)
    town.deliver(body)
    intent, post = town.intent_of(post_id(body)), post_id(body)
    order = town.order(intent)
    for handle in (post, f"https://x.com/{payer.handle}/status/{post}", intent):
        (row,) = told(town, "find", handle)
        assert (row["found"], row["intent"], row["amount_minor"]) == ("intent", intent, 1_000)
    for handle in (reference(intent), reference(intent).lower(), order["correlation_id"]):
        (row,) = [row for row in searched(town, "find", handle) if row["found"] == "intent"]
        assert row["intent"] == intent
        assert "cadeau" not in json.dumps(row)
    town.link(payer, intent)
    wire.wait_for(
        lambda: [row for row in told(town, "find", payer.account) if "last day" in row["found"]], what="a line"
    )


@pytest.mark.parametrize("handle", ["@nobody_at_all", "90210", "+33 6 00 00 00 00", "T#", "é", "''", "a\udcffb", ""])
def test_what_is_not_there_is_said_in_a_sentence(town: Town, handle: str) -> None:
    """However odd it is typed, and by each command that looks for something."""
    assert "try another handle" in unknown(town, "find", handle).lower()
    assert unknown(town, "intent", "expire", handle, "--yes").startswith("There is no single order")
    assert unknown(town, "intent", "resend", handle).startswith("There is no single order")
    assert unknown(town, "explain", handle)


def test_the_story_of_a_payment(town: Town) -> None:
    """From the post to both receipts: who, when, by which transfer, and every line of its log."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, note="cadeau secret")
    town.confirm(order.link, WRONG)
    town.confirm(order.link)
    town.told(payee, "vous a payé")
    quiet(town.stack)
    (facts,) = told(town, "explain", order.id)
    assert (facts["status"], facts["order"], facts["amount_minor"], facts["links"]) == ("paid", "send", 1_000, 1)
    assert (facts["payer"]["account"], facts["payer"]["handle"]) == (payer.account, payer.handle)
    assert (facts["payee"]["account"], facts["payee"]["name"]) == (payee.account, payee.name)
    assert {claim["notice"] for claim in facts["notices"]} == {"link#1", "receipt", "received"}
    logged = {(line["function"], line["message"]) for line in facts["log"]}
    assert {("api", "queued"), ("read_orders", "order"), ("api", "page"), ("send_links", "notice")} <= logged
    story = read(town, "explain", order.id)
    for words in (f"@{payer.handle}", payee.name, "Received by our webhook.", f"transfer {order.id}", "€10.00"):
        assert words in story
    lines = [line for line in story.splitlines() if line.startswith("  ")]
    assert lines == sorted(lines, key=lambda line: line[:22])
    for secret in (payer.phone, payee.phone, "cadeau", order.link, order.link.split(".")[-1]):
        assert secret not in story + json.dumps(facts)


def test_the_story_of_a_refused_order_tells_the_hint(town: Town) -> None:
    """The desk reads out what the author was told to type."""
    payer = town.resident()
    body = town.tweet(f"@{town.bot.handle} #envoyer", payer)
    town.deliver(body)
    town.reply_to(body)
    (facts,) = told(town, "explain", f"https://x.com/{payer.handle}/status/{post_id(body)}")
    assert (facts["status"], facts["refusal"]) == ("refused", "amount_missing")
    assert "Its author is answered: " in read(town, "explain", post_id(body))


def test_the_story_of_a_message_that_made_no_order(town: Town) -> None:
    """What was dropped is told with its reason, from the post's own id; what never came is said so."""
    body = town.tweet(f"@{town.bot.handle} bonjour", town.resident())
    town.deliver(body)

    def story() -> str:
        found = console(town.stack, "explain", post_id(body), "--stage", "local").stdout
        return found if "Dropped" in found else ""

    text = wire.wait_for(story, what="the line of the drop")
    assert "No order is stored" in text
    assert "Dropped (no_order): it holds no order; in a public post the verb needs its #." in text
    assert "the network never delivered it" in unknown(town, "explain", "1871234567890123456")


def test_the_story_of_an_order_that_died_names_its_dead_letter(town: Town) -> None:
    """A table that cannot be written keeps orders as dead letters; the post leads to the letter."""
    payer, payee = town.resident(), town.resident(0)
    body = town.tweet(f"@{town.bot.handle} #envoyer 1 euro @{payee.handle}", payer, payee)
    with denied(town.stack, "envoi-local-read_orders", "dynamodb:*"):
        town.deliver(body)
        failure_of(town.stack, "envoi-local-read_orders")
        wire.wait_for(lambda: in_dead(town, post_id(body)), what="the dead letter", seconds=60)
    (facts,) = searched(town, "explain", post_id(body))
    (letter,) = facts["dead"]
    assert letter["queue"] == "inbox-dead"
    assert told(town, "inbox", "redrive", "--only", letter["message"]) == [{"moved": 1}]
    town.link(payer, town.intent_of(post_id(body)))
    assert not in_dead(town, post_id(body))


def in_dead(town: Town, post: str) -> list[str]:
    """The dead letters about a post."""
    return [row["message"] for row in told(town, "dead", "list") if row.get("post") == post]


def test_support_ends_an_intent_and_sends_a_link_again(town: Town) -> None:
    """Asked before it ends; its payer is told, the old link is dead, nothing moves."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    assert told(town, "intent", "resend", order.id)[0]["link_number"] == 2
    second = town.link(payer, order.id, number=2)
    assert "lien" in town.confirm(order.link).text
    assert "--yes" in unknown(town, "intent", "expire", order.id)
    assert town.order(order.id)["status"] == "pending"
    assert told(town, "intent", "expire", order.id, "--yes")[0]["status"] == "expired"
    town.told(payer, reference(order.id), "expir")
    town.confirm(second)
    assert "it is expired" in unknown(town, "intent", "expire", order.id, "--yes")
    assert "it is expired" in unknown(town, "intent", "resend", order.id)
    assert told(town, "intent", "show", order.id)[0]["status"] == "expired"
    assert town.funds(payer) == FUNDS_MINOR


def test_a_resent_link_has_the_programmes_cap(town: Town) -> None:
    """Support cannot send more of them than the payer could have."""
    payer: Resident = town.resident()
    order = town.pays(payer, town.resident(0))
    for _ in range(3):
        told(town, "intent", "resend", order.id)
    assert "the programme's cap" in unknown(town, "intent", "resend", order.id)


def test_no_command_that_reads_prints_a_secret(town: Town) -> None:
    """Neither number, IBAN, code, link nor note, in lines or as JSON, while a payment waits and after it."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, note="cadeau secret")
    mac = town.account(payer)["code"]
    secrets = [payer.phone, payee.phone, order.link, order.link.rsplit(".", 1)[1], "cadeau", "secret", CODE, mac]
    commands = [
        ("find", f"@{payer.handle}"),
        ("find", payer.phone),
        ("find", payer.name),
        ("explain", order.id),
        ("intent", "show", order.id),
        ("account", "show", payer.account),
        ("person", "list"),
        ("tail", "--intent", order.id),
        ("dead", "list"),
    ]
    for command in commands:
        for option in ((), ("--json",)):
            ran = console(town.stack, *command, *option, "--stage", "local")
            assert ran.returncode == 0
            assert not [secret for secret in secrets if secret in ran.stdout + ran.stderr], command
