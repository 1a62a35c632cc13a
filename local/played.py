"""One payment by tweet, step by step, as `make demo` plays it; and the steps that every play is made of."""

from collections.abc import Mapping
from typing import Any

from chalicelib import config
from chalicelib.ledger.books import Books, balance
from chalicelib.money import format_amount
from console import everything
from local import wire
from local.sandbox.bank import held_minor
from local.stack import Stack

TWEET = "@Smoneyfr #envoyer 10 euros @superpipou"
AMOUNT_MINOR = 1_000


class Failed(Exception):
    """A step did not do what it should have; the message says which."""


def play(stack: Stack) -> None:
    """Pay 10 € by tweet and check every account; raises Failed or TimeoutError."""
    payer, payee = stack.people[0], stack.people[1]
    before = balances(stack)
    told = heard(stack)
    expect(checked(stack), "passed", "X's check of the webhook")
    say("check", "X's challenge answered with the right signature")
    say("tweet", f"@{payer['handle']}: {TWEET}")
    delivery = tweet(stack, TWEET, author=payer["handle"])
    expect(delivery["status"], 200, "the signed webhook")
    say("webhook", f"signature checked, queued, answered 200 in {delivery['ms']} ms")
    sms = next_text(stack, payer["phone"], told, link=True)
    say("SMS", f"to {payer['name']}: {sms}")
    pay(stack, sms, code=payer["code"])
    for person in (payer, payee):
        say("receipt", f"to {person['name']}: {next_text(stack, person['phone'], told)}")
    tell_books(stack, before, wanted={payer["account"]: -AMOUNT_MINOR, payee["account"]: AMOUNT_MINOR})


def heard(stack: Stack) -> dict[str, int]:
    """How many SMS each phone has had."""
    return {person["phone"]: len(wire.texts(stack, person["phone"])) for person in stack.people}


def pay(stack: Stack, sms: str, *, code: str) -> None:
    """Open the page of an SMS and confirm it, as a browser would."""
    link = wire.link_in(sms)
    expect(wire.call(stack.page_url).status, 200, "the page")
    opened = wire.step(stack, "open", link=link)
    expect(opened.status, 200, "opening the link")
    say("page", opened.text)
    say("code", f"{payer_types(code)} typed")
    paid = wire.step(stack, "confirm", link=link, code=code)
    expect(paid.status, 200, "confirming")
    say("page", paid.text)


def payer_types(code: str) -> str:
    """What a code looks like on the page."""
    return "•" * len(code)


def checked(stack: Stack) -> str:
    """How X's Challenge-Response Check of our webhook went: `passed` or `failed`."""
    return str(wire.wait_for(lambda: _ended(wire.sandbox(stack)["check"]), what="X's check of the webhook")["state"])


def tweet(stack: Stack, text: str, *, author: str) -> Mapping[str, Any]:
    """Post a text in the sandbox and wait until its webhook was answered; returns the delivery."""
    post = wire.do(stack, "post", {"author": author, "text": text})["id"]

    def delivered() -> Mapping[str, Any] | None:
        return next((one for one in wire.sandbox(stack)["deliveries"] if one["about"] == post and one["status"]), None)

    return wire.wait_for(delivered, what="the answer of the webhook")


def next_text(stack: Stack, phone: str, told: Mapping[str, int], *, link: bool = False) -> str:
    """Wait for an SMS that came since, with or without a link: after a slow start one may come twice."""

    def found() -> str | None:
        new = wire.texts(stack, phone)[told[phone] :]
        return next((text for text in new if (stack.page_url in text) is link), None)

    return wire.wait_for(found, what="an SMS")


def balances(stack: Stack) -> dict[str, int]:
    """What every account of the local AWS holds."""
    accounts = {person["account"] for person in stack.people}
    return {name: minor for name, minor in held_minor(list(everything.items())).items() if name in accounts}


def books() -> Books:
    """The books of the whole table."""
    return balance(everything.items())


def say(what: str, text: str) -> None:
    """Tell one step in one line."""
    print(f"  {what:>9}  {text}", flush=True)


def tell_books(stack: Stack, before: Mapping[str, int], *, wanted: Mapping[str, int]) -> None:
    """Print what everybody has now; raises Failed unless the books balance and each account moved by what is wanted."""
    after, total, ours = balances(stack), books(), config.programme(stack.programme)
    print()
    for account in (person["account"] for person in stack.people):
        was, now = (format_amount(each[account], ours.currency, ours.language) for each in (before, after))
        say(account, f"{was:>12}  →  {now:>12}")
    state = "balanced" if total.balanced else f"NOT BALANCED {total.faults}"
    say("books", f"{total.transfers} transfers, balances and bank sum to {sum(total.sum_minor.values())}: {state}")
    if not total.balanced:
        raise Failed("the books do not balance")
    for account, moved_minor in wanted.items():
        expect(after[account], before[account] + moved_minor, f"the balance of {account}")


def _ended(check: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return None if check["state"] == "waiting" else check


def expect(found: object, wanted: object, what: str) -> None:
    """Raise Failed unless a step came out as it should."""
    if found != wanted:
        raise Failed(f"{what}: {found} instead of {wanted}")
