"""`make demo`: one payment by tweet, played before your eyes in the sandbox, then the stack is yours.

`DEMO_ONCE=1` plays it once and ends: 0 only if the payer was debited, the payee credited and the books sum to zero.
"""

import os
import sys
import time
import webbrowser
from collections.abc import Mapping
from typing import Any

from chalicelib.ledger.books import Books, balance
from chalicelib.money import format_amount
from console import everything
from local import stack as stacks
from local import wire
from local.deploy import DeployFailed
from local.ministack import NotReady
from local.package import PackagingFailed
from local.people import reach
from local.sandbox.bank import held_minor
from local.stack import Stack

TWEET = "@Smoneyfr #envoyer 10 euros @superpipou"
AMOUNT_MINOR = 1_000
CURRENCY = "EUR"


# What ends a start with a sentence instead of a payment.
STOPPED = (NotReady, PackagingFailed, DeployFailed)


class Failed(Exception):
    """A step did not do what it should have; the message says which."""


def main() -> int:
    """Play, then wait for Ctrl-C; with DEMO_ONCE=1 end after playing."""
    started = time.monotonic()
    say("local AWS", "starting, packaging and deploying Envoi…")
    try:
        stack = stacks.up()
    except STOPPED as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    say("local AWS", f"up at {stack.aws_endpoint_url} after {time.monotonic() - started:.1f} s")
    say("sandbox", f"{stack.sandbox_url}: the network, the phones and the books on one page")
    if not os.environ.get("DEMO_ONCE") and _has_display():
        webbrowser.open(stack.sandbox_url)
    try:
        play(stack)
    except (Failed, TimeoutError) as failure:
        print(f"\nThe payment failed: {failure}. The log is in {stacks.HOME / 'ministack.log'}.", file=sys.stderr)
        stacks.down()
        return 1
    if os.environ.get("DEMO_ONCE"):
        stacks.down()
        return 0
    return _stay(stack)


def play(stack: Stack) -> None:
    """Pay 10 € by tweet and check every account; raises Failed or TimeoutError."""
    reach(stack.aws_endpoint_url, stack.region, table=stack.table)
    os.environ["ENVOI_STAGE"] = "local"
    payer, payee = stack.people[0], stack.people[1]
    before = balances(stack)
    told = {person["phone"]: len(wire.texts(stack, person["phone"])) for person in (payer, payee)}
    _expect(checked(stack), "passed", "X's check of the webhook")
    say("check", "X's challenge answered with the right signature")
    say("tweet", f"@{payer['handle']}: {TWEET}")
    delivery = tweet(stack, TWEET, author=payer["handle"])
    _expect(delivery["status"], 200, "the signed webhook")
    say("webhook", f"signature checked, queued, answered 200 in {delivery['ms']} ms")
    sms = next_text(stack, payer["phone"], told, link=True)
    say("SMS", f"to {payer['name']}: {sms}")
    pay(stack, sms, code=payer["code"])
    for person in (payer, payee):
        say("receipt", f"to {person['name']}: {next_text(stack, person['phone'], told)}")
    _tell_books(stack, before, payer=payer["account"], payee=payee["account"])


def pay(stack: Stack, sms: str, *, code: str) -> None:
    """Open the page of an SMS and confirm it, as a browser would."""
    link = wire.link_in(sms)
    _expect(wire.call(stack.page_url).status, 200, "the page")
    opened = wire.step(stack, "open", link=link)
    _expect(opened.status, 200, "opening the link")
    say("page", opened.text)
    say("code", f"{payer_types(code)} typed")
    paid = wire.step(stack, "confirm", link=link, code=code)
    _expect(paid.status, 200, "confirming")
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


def _tell_books(stack: Stack, before: Mapping[str, int], *, payer: str, payee: str) -> None:
    after, total = balances(stack), books()
    print()
    for person in stack.people:
        account = person["account"]
        was, now = (format_amount(each[account], CURRENCY, "fr") for each in (before, after))
        say(account, f"{was:>12}  →  {now:>12}")
    state = "balanced" if total.balanced else f"NOT BALANCED {total.faults}"
    say("books", f"{total.transfers} transfers, balances and bank sum to {sum(total.sum_minor.values())}: {state}")
    if not total.balanced:
        raise Failed("the books do not balance")
    _expect(after[payer], before[payer] - AMOUNT_MINOR, "the payer's balance")
    _expect(after[payee], before[payee] + AMOUNT_MINOR, "the payee's balance")


def _ended(check: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return None if check["state"] == "waiting" else check


def _has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Failed(f"{what}: {found} instead of {wanted}")


def _stay(stack: Stack) -> int:
    print(f"\n  Now you: {stack.sandbox_url} lets you tweet as anybody, read their phones and upset the network.")
    print("  The stack stays up until Ctrl-C.")
    try:
        while stacks.status():
            time.sleep(1)
        print("\nThe local AWS has ended.", file=sys.stderr)
        return 1  # noqa: TRY300  # both ways out stand side by side
    except KeyboardInterrupt:
        print("\n  Stopping…")
        stacks.down()
        return 0


if __name__ == "__main__":
    sys.exit(main())
