"""Yen by Messenger, as `make demo PROGRAMME=rakuten` plays them: one payment is claimed, one goes back."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, from_item
from console import everything
from local import schedule, wire
from local.people import reach
from local.played import Failed, balances, checked, expect, heard, next_text, pay, say, tell_books
from local.stack import Stack
from local.stages import ROOT
from local.wire import FORM

CLAIMED, GIVEN_BACK = "@kentaに1000円を送る", "@yuki 二千円 送金"
CLAIMED_MINOR = 1_000

Person = Mapping[str, str]


def play(stack: Stack) -> None:
    """Send yen to two contacts who are not linked: one links and has them, the other's go back. Raises Failed."""
    payer, _, claimant, other = stack.people
    before = balances(stack)
    expect(checked(stack), "passed", "Meta's check of the webhook")
    say("check", "Meta's challenge answered")
    _unlinks(stack, claimant)
    claim = _held(stack, payer, CLAIMED, whom=claimant)
    _links(stack, claimant)
    expect(_ended(stack, claim), "claimed", "the first claim")
    back = _held(stack, payer, GIVEN_BACK, whom=other)
    _refuses(stack, other)
    expect(_ended(stack, back), "refused", "the second claim")
    tell_books(stack, before, wanted={payer["account"]: -CLAIMED_MINOR, claimant["account"]: CLAIMED_MINOR, "yuki": 0})


def _held(stack: Stack, payer: Person, text: str, *, whom: Person) -> str:
    """A payment to somebody who is not linked, confirmed; the claim that holds it."""
    told, known, said = heard(stack), {claim.id for claim in _claims()}, len(_messages(stack, whom))
    _write(stack, payer, text)
    sms = next_text(stack, payer["phone"], told, link=True)
    say("SMS", f"to {payer['name']}: {sms}")
    pay(stack, sms, code=payer["code"])
    say("SMS", f"to {payer['name']}: {next_text(stack, payer['phone'], told)}")
    (claim,) = [claim.id for claim in _claims() if claim.id not in known]
    say("Messenger", f"to {whom['name']}: {_hears(stack, whom, after=said)['text']}")
    return claim


def _unlinks(stack: Stack, person: Person) -> None:
    """Whoever linked when this was played before takes it back, and is a contact who is not linked again."""

    def linked() -> bool:
        return any(one["linked"] for one in wire.sandbox(stack)["phones"] if one["psid"] == person["user_id"])

    if linked():
        wire.do(stack, "unlink", {"by": person["user_id"]})
        wire.wait_for(lambda: not linked(), what=f"the end of {person['name']}'s link")


def _links(stack: Stack, person: Person) -> None:
    """A customer is invited, chooses a security code, opens the page's m.me link and says yes in the chat."""
    told = heard(stack)
    _console(stack, "person", "invite", person["account"], "--network", "facebook")
    sms = next_text(stack, person["phone"], told)
    say("SMS", f"to {person['name']}: {sms}")
    fields = {"link": wire.link_in(sms), "code": person["code"], "again": person["code"], "terms": "yes"}
    page = f"{stack.page_url.removesuffix('/p')}/j/code"
    answer = wire.call(page, method="POST", body=urlencode(fields).encode(), headers=FORM)
    expect(answer.status, 200, "the join page")
    (link,) = re.findall(r'href="(https://m\.me/[^"]+)"', answer.body) or [""]
    said = len(_messages(stack, person))
    wire.do(stack, "open", {"by": person["user_id"], "link": link})
    asked = _hears(stack, person, after=said)
    say("Messenger", f"to {person['name']}: {asked['text']}")
    yes = asked["buttons"][0]
    say("Messenger", f"{person['name']} taps {yes['title']}")
    wire.do(stack, "tap", {"by": person["user_id"], "message": asked["id"], "payload": yes["payload"]})


def _refuses(stack: Stack, person: Person) -> None:
    """Whom money is held for opens the link of their private message and does not want it."""
    link = _messages(stack, person)[-1]["text"].split(f"{_claims_page(stack)}#", 1)[1].split()[0]
    for name in ("open", "refuse"):
        body = urlencode({"link": link}).encode()
        answer = wire.call(f"{_claims_page(stack)}/{name}", method="POST", body=body, headers=FORM)
        expect(answer.status, 200, f"the claim page: {name}")
        say("page", answer.text)


def _claims_page(stack: Stack) -> str:
    return f"{stack.page_url.removesuffix('/p')}/c"


def _write(stack: Stack, person: Person, text: str) -> None:
    say("Messenger", f"{person['name']}: {text}")
    wire.do(stack, "write", {"by": person["user_id"], "text": text})


def _hears(stack: Stack, person: Person, *, after: int) -> Mapping[str, Any]:
    """What the page writes to somebody next, once they have had so many messages."""

    def found() -> Mapping[str, Any] | None:
        return next(iter(_messages(stack, person)[after:]), None)

    return wire.wait_for(found, what=f"a message to {person['name']}")


def _messages(stack: Stack, person: Person) -> Sequence[Mapping[str, Any]]:
    lines = wire.sandbox(stack)["messenger"]["lines"]
    return [line for line in lines if line["with"] == person["user_id"] and line["kind"] == "answer"]


def _claims() -> Sequence[Claim]:
    return [from_item(item) for item in everything.items() if item["PK"].startswith("C#")]


def _ended(stack: Stack, claim: str) -> str:
    """How a claim ended, once the sweep has looked where the stream told it to."""
    table = reach(stack.aws_endpoint_url, stack.region, table=stack.table)

    def status() -> str | None:
        if failed := schedule.run(stack, "sweep"):
            raise Failed(f"the sweep: {failed}")
        found = claiming.read(table, claim)
        return found.status if found and found.status != "open" else None

    end = wire.wait_for(status, what=f"the end of claim {claim}")
    say("sweep", f"the claim is {end}")
    return end


def _console(stack: Stack, *command: str) -> None:
    """An operator's command, as they type it."""
    say("operator", f"console {' '.join(command)} --stage {stack.stage}")
    place = {"ENVOI_PAGE_URL": stack.page_url}
    ran = subprocess.run(
        [sys.executable, "-m", "console", *command, "--stage", stack.stage],
        cwd=ROOT, env=os.environ | place, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise Failed(f"console {' '.join(command)}: {ran.stderr.strip()}")
