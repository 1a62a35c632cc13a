"""Whom money is held for hears of its end too, and who cannot be told gets the link by writing to the bot."""

from dataclasses import replace

import pytest

from chalicelib.channels import Named
from chalicelib.intents import claim_page
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish, to_item
from chalicelib.ledger.held import line
from chalicelib.notices.change import Notice
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.notices.replying import send_reply
from chalicelib.services import Permanent, Posted, Retry, Sent
from chalicelib.table import claim_key
from tests.bank import Bank, mention
from tests.chat import PSID, Chat
from tests.claims.holding import CAROL, HELD, held, holding_bank, join, swept
from tests.claims.payee import told

FORBIDDEN = Permanent("forbidden")


def end(bank: Bank, claim: Claim, how: str) -> None:
    """A claim ends: by itself, by a wish, or as its payee joins."""
    if how == "joined":
        join(bank)
    elif how != "returned":
        claiming.ask(bank.table, claim.id, Wish(end=how, by="x"), clock=bank.services.clock)
        bank.stream()
    else:
        bank.time.move(HELD)
    swept(bank)


@pytest.mark.parametrize(
    ("how", "said"),
    [("returned", "n’a pas été retiré à temps"), ("cancelled", "@alice a repris"), ("refused", ""), ("joined", "")],
)
def test_who_was_told_hears_that_it_went_back(how: str, said: str) -> None:
    """In the same thread and without a sum; who refused it knows, and who has it is told of that."""
    bank = holding_bank()
    claim = held(bank)
    assert len(told(bank)) == 1
    end(bank, claim, how)
    texts = told(bank)
    assert [said in text for text in texts] == ([True] if said else [])
    assert not any("10,00" in text or "http" in text for text in texts)


@pytest.mark.parametrize(("answer", "asked"), [(FORBIDDEN, 1), (Retry(30, "timeout"), 0), (Sent("1"), 0)])
def test_the_payer_is_asked_to_tell_a_payee_who_cannot_be_told(answer: Posted, asked: int) -> None:
    """By SMS, once, with where to write; not where it may have arrived."""
    bank = holding_bank()
    claim = held(bank)
    bank.topic.published[:] = [one for one in bank.topic.published if one[0]["kind"] == "claim"]
    told(bank, answer)
    notices = [content for content, _ in bank.topic.published]
    assert [content["kind"] for content in notices] == ["claim_untold"] * asked
    for content in notices:
        notice = Notice(**{name: content[name] for name in Notice.__dataclass_fields__})
        send_sms(bank.services, Told(notice=notice, message_id="m"))
    assert [("@carol" in text, "@Smoneyfr" in text) for _, text in bank.sms.sent] == [(True, True)] * asked
    bank.topic.published.clear()
    end(bank, claim, "returned")
    assert len(told(bank)) == 1 - asked


def test_what_comes_too_late_is_asked_of_the_payer_too() -> None:
    """An hour after it was held a message would be a surprise; the payer knows better."""
    bank = holding_bank()
    held(bank)
    bank.topic.published[:] = [one for one in bank.topic.published if one[0]["kind"] == "claim"]
    bank.time.move(3_601)
    assert told(bank) == []
    assert [content["kind"] for content, _ in bank.topic.published] == ["claim_untold"]


class Direct:
    """X's private messages."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def message(self, text: str, *, to: str) -> Posted:
        """Remember it."""
        self.sent.append((to, text))
        return Sent("1")

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:
        """Nothing here is public."""
        raise AssertionError((text, to, again))


def asked(bank: Bank, text: str, *, author: str = CAROL, private: bool = True) -> Intent:
    """Somebody writes to the bot."""
    written = mention(text, now=bank.services.clock.now(), private=private)
    intent = place(bank.services, replace(written, author=Named(user_id=author, handle="carol")))
    assert isinstance(intent, Intent)
    return intent


def write(bank: Bank, text: str = "bonjour", *, author: str = CAROL) -> list[str]:
    """Somebody writes to the bot in private; what they are answered."""
    bank.topic.published.clear()
    intent = asked(bank, text, author=author)
    bank.stream()
    network = Direct()
    for content, _ in bank.topic.published:
        notice = Notice(**{name: content[name] for name in Notice.__dataclass_fields__})
        send_reply(bank.services, network, Told(notice=notice, message_id=f"r{intent.id}"))
    assert {to for to, _ in network.sent} <= {author}
    return [answer for _, answer in network.sent]


@pytest.mark.parametrize("text", ["bonjour", "#envoyer 5 € @bob", "#solde"])
def test_who_writes_in_private_gets_the_link(text: str) -> None:
    """Whatever they write, before the answer to it; and then they hear of its end."""
    bank = holding_bank()
    claim = held(bank)
    told(bank, FORBIDDEN)
    (answer,) = write(bank, text)
    secret = answer.split("https://pay.example/c#")[1].split()[0]
    assert claim_page.look(bank.services, secret).claim == claim
    end(bank, claim, "cancelled")
    assert len(told(bank)) == 1


def test_nobody_else_gets_it() -> None:
    """Not another person, not once it was asked to end or is over, not in public, and not whom we know."""
    bank = holding_bank()
    claim = held(bank)
    assert "/c#" not in write(bank, author="997")[0]
    claiming.ask(bank.table, claim.id, Wish(end="cancelled", by="alice"), clock=bank.services.clock)
    assert "/c#" not in write(bank)[0]
    other = held(bank)
    bank.time.move(HELD)
    assert "/c#" not in write(bank)[0]
    assert other.id != claim.id
    held(bank)
    assert "/c#" in write(bank)[0]
    assert not asked(bank, "@Smoneyfr #aide", private=False).waiting
    bank.stream()
    join(bank)
    assert "/c#" not in write(bank)[0]


def test_a_claim_that_ends_before_the_answer_is_not_told() -> None:
    """The link would open nothing."""
    bank = holding_bank()
    claim = held(bank)
    bank.topic.published.clear()
    intent = asked(bank, "bonjour")
    assert intent.waiting == claim.id
    bank.stream()
    end(bank, claim, "cancelled")
    network = Direct()
    content = next(content for content, _ in bank.topic.published if content["kind"] == "help")
    notice = Notice(**{name: content[name] for name in Notice.__dataclass_fields__})
    send_reply(bank.services, network, Told(notice=notice, message_id="r"))
    assert "/c#" not in network.sent[0][1]


def test_a_programme_that_holds_nothing_looks_for_nothing() -> None:
    """No read more for a private message."""
    bank = holding_bank()
    held(bank)
    claims = replace(bank.programme.claims, offered=False)
    bank.services = replace(bank.services, programme=replace(bank.programme, claims=claims))
    assert "/c#" not in write(bank)[0]


def test_who_writes_on_messenger_gets_it_after_the_machine_has_said_what_it_is() -> None:
    """Once each: the disclosure, the link, the answer; a lost answer is sent again in the same words."""
    bank = holding_bank()
    psid, page = PSID, bank.programme.bots["facebook"].user_id
    claim = replace(held(bank), network="facebook", page=page, user_id=psid)
    bank.table.items[claim_key(claim.id)] = to_item(claim)
    bank.table.put(line(claim))
    bank.stream()
    chat = Chat(bank)
    bank.table.images.clear()
    chat.write("bonjour")
    chat.write("bonjour")
    first, second = chat.texts
    assert first.index("service automatique") < first.index("/c#") < first.index("Pour payer")
    assert ("service automatique" in second, "/c#" in second) == (False, True)
    assert claim_page.look(bank.services, second.split("/c#")[1].split()[0]).claim == claim
