"""Every page and state that a person can meet, and how they get there from the address in an SMS."""

from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Page

from chalicelib import production
from chalicelib.channels import inbox
from tests.bank import CODE
from tests.browser.town import CHOSEN, DAY_SECONDS, LINK_SECONDS, WEEK_SECONDS, Town

WRONG = "314159"
Reach = Callable[[Town, Page, str], None]


def form(town: Town, page: Page, language: str) -> None:
    """The payment to confirm."""
    page.goto(town.order(language))
    page.wait_for_selector("#code")


def form_held(town: Town, page: Page, language: str) -> None:
    """The payment to confirm, to somebody who has not joined: with a fee, and held."""
    link = town.hold(language)
    with production.using(town.bank.services):
        page.goto(link)
        page.wait_for_selector("#code")


def held(town: Town, page: Page, language: str) -> None:
    """The money held."""
    link = town.hold(language)
    with production.using(town.bank.services):
        page.goto(link)
        page.wait_for_selector("#code")
        confirm(page, CODE)
        page.wait_for_url("**/p/confirm")


def wrong_code(town: Town, page: Page, language: str) -> None:
    """The form again, with its error."""
    form(town, page, language)
    confirm(page, WRONG)
    page.wait_for_selector("#error")


def malformed(town: Town, page: Page, language: str) -> None:
    """The form again, for a code that is none."""
    form(town, page, language)
    confirm(page, "12")
    page.wait_for_selector("#error")


def paid(town: Town, page: Page, language: str) -> None:
    """The payment made."""
    form(town, page, language)
    confirm(page, CODE)
    page.wait_for_url("**/p/confirm")


def declined(town: Town, page: Page, language: str) -> None:
    """The payment refused by its payer."""
    form(town, page, language)
    page.click(".quiet")
    page.wait_for_url("**/p/decline")


def cancelled(town: Town, page: Page, language: str) -> None:
    """The link of a payment cancelled meanwhile."""
    link = town.order(language)
    town.cancel()
    show(page, link)


def expired(town: Town, page: Page, language: str) -> None:
    """The link of a payment that waited for too long."""
    later(town, page, link=town.order(language), seconds=DAY_SECONDS)


def link_expired(town: Town, page: Page, language: str) -> None:
    """A link too old, with a new one on offer."""
    later(town, page, link=town.order(language), seconds=LINK_SECONDS)


def link_replaced(town: Town, page: Page, language: str) -> None:
    """An old link after a new one was sent."""
    link = town.order(language)
    town.renew(link)
    show(page, link)


def renewed(town: Town, page: Page, language: str) -> None:
    """A new link on its way."""
    link = town.order(language)
    town.bank.time.move(LINK_SECONDS)
    renew(page, link)


def links_too_many(town: Town, page: Page, language: str) -> None:
    """No link after the third new one."""
    link = town.order(language)
    for _ in range(town.bank.services.programme.caps.link_renewals):
        link = town.renew(link)
    town.bank.time.move(LINK_SECONDS)
    renew(page, link)


def not_paid(town: Town, page: Page, language: str) -> None:
    """A right code without funds."""
    form(town, page, language)
    town.bank.table.items["A#alice", "0"]["available"] = 1
    confirm(page, CODE)
    page.wait_for_url("**/p/confirm")


def forged(town: Town, page: Page, language: str) -> None:
    """A link that we never sent; the page speaks the browser's language."""
    show(page, town.order(language)[:-2] + "AA")


def no_link(town: Town, page: Page, language: str) -> None:  # noqa: ARG001  # all states are reached alike
    """The address without what stands behind its #."""
    page.goto(f"{town.origin}/p")


def unavailable(town: Town, page: Page, language: str) -> None:
    """The key service is down."""
    form(town, page, language)
    town.bank.codes.down = True
    confirm(page, CODE)
    page.wait_for_url("**/p/confirm")


def unknown(town: Town, page: Page, language: str) -> None:
    """The payment may have been made, and no answer tells."""
    form(town, page, language)
    town.bank.table.faults = ["", "lost", *["down"] * 7]
    confirm(page, CODE)
    page.wait_for_url("**/p/confirm")


def join(town: Town, page: Page, language: str) -> None:
    """The terms, and a code to choose."""
    page.goto(town.invite(language))
    page.wait_for_selector("#again")


def join_mismatch(town: Town, page: Page, language: str) -> None:
    """Two codes that differ."""
    join(town, page, language)
    choose(page, CHOSEN, again="739165")
    page.wait_for_selector("#error")


def join_guessable(town: Town, page: Page, language: str) -> None:
    """A code too easy to guess."""
    join(town, page, language)
    choose(page, "123456")
    page.wait_for_selector("#error")


def joined(town: Town, page: Page, language: str) -> None:
    """The pairing code to post."""
    join(town, page, language)
    choose(page, CHOSEN)
    page.wait_for_selector(".order")


def joined_chat(town: Town, page: Page, language: str) -> None:
    """The button that opens the chat."""
    page.goto(town.invite(language, network="facebook"))
    page.wait_for_selector("#again")
    choose(page, CHOSEN)
    page.wait_for_selector("a.go")


def join_again(town: Town, page: Page, language: str) -> None:
    """The code that one has, asked for on the way to another pairing code."""
    link = town.invite(language)
    town.join(link)
    show(page, link)


def join_paired(town: Town, page: Page, language: str) -> None:
    """The link after all is done."""
    link = town.invite(language)
    town.pair(town.join(link))
    show(page, link)


def join_link_expired(town: Town, page: Page, language: str) -> None:
    """A join link too old, with a new one on offer."""
    later(town, page, link=town.invite(language), seconds=LINK_SECONDS)


def join_renewed(town: Town, page: Page, language: str) -> None:
    """A new join link on its way."""
    link = town.invite(language)
    town.bank.time.move(LINK_SECONDS)
    renew(page, link)


def join_expired(town: Town, page: Page, language: str) -> None:
    """An invitation too old."""
    later(town, page, link=town.invite(language), seconds=WEEK_SECONDS)


def linking(town: Town, page: Page, language: str) -> None:  # noqa: ARG001  # the browser's language decides
    """The form behind a chat's button."""
    page.goto(f"{town.origin}/l")


def linking_malformed(town: Town, page: Page, language: str) -> None:
    """The form again, for what is no mobile number."""
    linking(town, page, language)
    ask(page, "12")
    page.wait_for_selector("#error")


def linking_sent(town: Town, page: Page, language: str) -> None:
    """What everybody is told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbox, "put", list)
        linking(town, page, language)
        ask(page, "+33 6 39 98 00 01")
        page.wait_for_url("**/l/ask")


def ask(page: Page, phone: str) -> None:
    """Send a number."""
    page.fill("#phone", phone)
    page.click("button")


def claim(town: Town, page: Page, language: str) -> None:
    """What is held for who is not linked."""
    link = town.claim(language)
    with production.using(town.bank.services):
        show(page, link)


def claim_account(town: Town, page: Page, language: str) -> None:
    """The same where an account at another bank may be named."""
    town.pays_out = "zengin"
    claim(town, page, language)


def claim_iban(town: Town, page: Page, language: str) -> None:
    """By its IBAN."""
    town.pays_out = "iban"
    claim(town, page, language)


def claim_wrong_account(town: Town, page: Page, language: str) -> None:
    """An account that is not whole."""
    claim_account(town, page, language)
    name(town, page, number="12")
    page.wait_for_selector("#error")


def claim_wrong_name(town: Town, page: Page, language: str) -> None:
    """Somebody else's name."""
    claim_account(town, page, language)
    name(town, page, holder="スズキ イチロウ")
    page.wait_for_selector("#error")


def claim_unchecked(town: Town, page: Page, language: str) -> None:
    """An account of which nobody can tell whose it is."""
    claim_account(town, page, language)
    name(town, page, number="0000000")
    page.wait_for_selector("#error")


def claim_names_too_many(town: Town, page: Page, language: str) -> None:
    """The third wrong name."""
    claim_account(town, page, language)
    for _ in range(3):
        name(town, page, holder="スズキ イチロウ")
        page.wait_for_selector("#error")


def claim_sent(town: Town, page: Page, language: str) -> None:
    """On its way to the account that was named."""
    claim_account(town, page, language)
    name(town, page)
    page.wait_for_selector("h1.good")


def claim_refused(town: Town, page: Page, language: str) -> None:
    """Refused by its payee."""
    claim(town, page, language)
    with production.using(town.bank.services):
        page.click(".quiet")
        page.wait_for_url("**/c/refuse")


def claim_gone(town: Town, page: Page, language: str) -> None:
    """Taken back by its payer."""
    link = town.claim(language)
    town.take_back(link)
    with production.using(town.bank.services):
        show(page, link)


def claim_received(town: Town, page: Page, language: str) -> None:
    """In the account of who has joined meanwhile."""
    link = town.claim(language)
    town.welcome()
    with production.using(town.bank.services):
        show(page, link)


def claim_forged(town: Town, page: Page, language: str) -> None:
    """A link to held money that is none, or whose time is over."""
    link = town.claim(language)
    with production.using(town.bank.services):
        later(town, page, link=link, seconds=WEEK_SECONDS)


def claim_no_link(town: Town, page: Page, language: str) -> None:  # noqa: ARG001  # all states are reached alike
    """The address of that page without what stands behind its #."""
    page.goto(f"{town.origin}/c")


STATES: Mapping[str, Reach] = {
    reach.__name__: reach
    for reach in (
        form, form_held, held, wrong_code, malformed, paid, declined, cancelled, expired, link_expired, link_replaced,
        renewed,
        links_too_many, not_paid, forged, no_link, unavailable, unknown, join, join_mismatch, join_guessable, joined,
        joined_chat, join_again, join_paired, join_link_expired, join_renewed, join_expired,
        linking, linking_malformed, linking_sent,
        joined_chat, join_again, join_paired, join_link_expired, join_renewed, join_expired, claim,
        claim_account, claim_iban, claim_wrong_account, claim_wrong_name, claim_unchecked, claim_names_too_many,
        claim_sent, claim_refused, claim_gone, claim_received, claim_forged, claim_no_link,
    )
}  # fmt: skip


def show(page: Page, link: str) -> None:
    """Open a link and wait for the page that it leads to."""
    page.goto(link)
    page.wait_for_url("**/open")


def later(town: Town, page: Page, *, link: str, seconds: int) -> None:
    """Open a link after so many seconds."""
    town.bank.time.move(seconds)
    show(page, link)


def renew(page: Page, link: str) -> None:
    """Ask for a new link on the page of an old one."""
    show(page, link)
    page.click("button")
    page.wait_for_url("**/renew")


def confirm(page: Page, code: str) -> None:
    """Type a code and pay."""
    page.fill("#code", code)
    page.click("button:not(.quiet)")


def choose(page: Page, code: str, *, again: str | None = None) -> None:
    """Choose a security code and agree to the terms."""
    page.fill("#code", code)
    page.fill("#again", again or code)
    page.check("[name=terms]")
    page.click("button")


def name(town: Town, page: Page, *, number: str = "1234567", holder: str = "やまだ はなこ") -> None:
    """Name an account at another bank."""
    for field, value in {"bank": "0036", "branch": "251", "number": number, "holder": holder}.items():
        page.fill(f"#{field}", value)
    with production.using(town.bank.services):
        page.click("button:not(.quiet)")
        page.wait_for_url("**/c/account")
