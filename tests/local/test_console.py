"""What support types, against the local AWS: each command as a program of its own, without a terminal."""

import json

import pytest

from tests.local.desk import refused, told
from tests.local.faults import console
from tests.local.town import CODE, FUNDS_MINOR, PAID, WRONG, Resident, Town

pytestmark = [pytest.mark.local]


def test_a_customer_from_the_first_day_to_the_first_payment(town: Town) -> None:
    """Added, linked, given a code and money by the console alone, a new customer pays by tweet."""
    new, payee = town.stranger(), town.resident(0)
    phone = "+33639989001"
    (added,) = told(town, "person", "add", new.name, "--phone", phone)
    (linked,) = told(town, "person", "link", added["person"], "--user-id", new.user_id, "--handle", f"@{new.handle}")
    assert linked == {"person": added["person"], "user_id": new.user_id, "handle": new.handle}
    code = console(town.stack, "person", "code", added["person"], "--stage", "local", typed=f"{CODE}\n{CODE}\n")
    assert (code.returncode, CODE in code.stdout + code.stderr) == (0, False)
    (funded,) = told(town, "account", "fund", added["account"], "25.50", "--reference", new.handle, "--yes")
    assert funded["funded_minor"] == 2_550
    payer = Resident(**{**vars(new), "phone": phone, "account": added["account"]})
    order = town.pays(payer, payee, "5,50 €")
    assert payee.name in town.confirm(order.link).text
    (shown,) = told(town, "account", "show", added["account"])
    assert (shown["available_minor"], shown["status"], shown["has_code"], shown["blocked"]) == (
        2_000,
        "open",
        True,
        False,
    )
    assert "code_mac" not in shown
    assert town.funds(payee) == 550


@pytest.mark.parametrize(
    "phone", ["+0639980001", "+336", "01 42 68 53 00", "+44 7400 123456", "six", "+33 8 99 70 00 00"]
)
def test_what_is_no_mobile_number_of_the_country_is_refused(town: Town, phone: str) -> None:
    """Landlines, other countries and premium numbers too; the sentence shows what is right."""
    assert "06 12 34 56 78" in refused(town, "person", "add", "Rose", "--phone", phone)


def test_a_person_needs_a_phone(town: Town) -> None:
    """Nobody could confirm without one, so it is asked for; a charity only receives and needs none."""
    assert "--phone" in refused(town, "person", "add", "Rose")
    assert told(town, "person", "add", "Roses for All", "--kind", "charity")[0]["name"] == "Roses for All"


def test_a_handle_belongs_to_one_person(town: Town) -> None:
    """Neither an id nor an @name is linked twice, whatever its case, and half a link is none."""
    first = town.resident(0)
    (second,) = told(town, "person", "add", "Second Comer", "--phone", "+33639989002")
    for user_id, handle in (
        (first.user_id, "free_name"),
        ("7700000000001", first.handle),
        ("77", first.handle.upper()),
    ):
        said = refused(town, "person", "link", second["person"], "--user-id", user_id, "--handle", handle)
        assert "linked already" in said
    assert told(town, "person", "link", second["person"], "--user-id", "7700000000001", "--handle", "free_name")


def test_the_list_names_people_and_hides_phones(town: Town) -> None:
    """Everybody is listed with their account; of a phone the last two digits are shown."""
    one = town.resident(0)
    rows = told(town, "person", "list")
    (row,) = [row for row in rows if row["account"] == one.account]
    assert (row["name"], row["phone"]) == (one.name, "***" + one.phone[-2:])
    assert one.phone not in json.dumps(rows)


def test_one_reference_funds_once(town: Town) -> None:
    """The bank's reference is the transfer's id: used again it credits nobody and says for what it was."""
    one, other = town.resident(0), town.resident(0)
    fund = ("account", "fund", one.account, "10", "--reference", f"ref-{one.handle}", "--yes")
    assert told(town, *fund)[0]["funded_minor"] == 1_000
    assert "this very funding was done before" in refused(town, *fund)
    assert "another funding" in refused(town, "account", "fund", other.account, *fund[3:])
    assert (town.funds(one), town.funds(other)) == (1_000, 0)


def test_money_asks_before_it_moves(town: Town) -> None:
    """Without --yes and without a terminal to ask at, nothing is funded."""
    one = town.resident(0)
    assert "--yes" in refused(town, "account", "fund", one.account, "10", "--reference", one.handle)
    assert town.funds(one) == 0


@pytest.mark.parametrize("amount", ["0", "-5", "1.005", "1e3", "ten", "", "NaN", "١٠"])
def test_only_an_amount_is_funded(town: Town, amount: str) -> None:
    """What is no positive amount of the account's currency credits nothing."""
    one = town.resident(0)
    options = ("--yes", "--reference", one.handle, "--stage", "local")
    ran = console(town.stack, "account", "fund", *options, "--", one.account, amount)
    assert ran.returncode in (1, 2)
    assert "Traceback" not in ran.stderr
    assert town.funds(one) == 0


def test_a_frozen_account_neither_pays_nor_receives(town: Town) -> None:
    """Frozen between order and code, a payment is refused; so is a new order; unfrozen, both go on."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    assert told(town, "account", "freeze", payer.account)[0]["status"] == "frozen"
    assert "Votre compte est bloqué" in town.confirm(order.link).text
    again = town.order(town.send(f"@{town.bot.handle} #envoyer 1 euro @{payee.handle}", payer, payee))
    assert again["refusal"] == "payer_frozen"
    assert len(set(town.told(payer, "compte est bloqué"))) == 1
    assert town.funds(payer) == FUNDS_MINOR
    assert told(town, "account", "unfreeze", payer.account)[0]["status"] == "open"
    told(town, "account", "freeze", payee.account)
    assert "ne peut pas recevoir" in town.confirm(order.link).text
    told(town, "account", "unfreeze", payee.account)
    assert PAID in town.confirm(order.link).text
    assert town.funds(payee) == 1_000


def test_support_sees_and_lifts_a_block(town: Town) -> None:
    """After five wrong codes the account is shown as blocked; unblocked, the code is asked for again."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    for _ in range(5):
        town.confirm(order.link, WRONG)
    assert told(town, "account", "show", payer.account)[0]["blocked"] is True
    assert told(town, "account", "unblock", payer.account) == [{"account": payer.account, "attempts": 0}]
    assert told(town, "account", "show", payer.account)[0]["blocked"] is False
    assert PAID in town.confirm(order.link).text


def test_an_account_is_closed_when_it_is_empty(town: Town) -> None:
    """Not while it holds money, not without being asked, and then for good."""
    full, empty = town.resident(), town.resident(0)
    assert "still holds money" in refused(town, "account", "close", full.account, "--yes")
    assert "--yes" in refused(town, "account", "close", empty.account)
    assert told(town, "account", "close", empty.account, "--yes") == [{"account": empty.account, "status": "closed"}]
    assert "is closed" in refused(town, "account", "unfreeze", empty.account)
    assert town.account(empty)["status"] == "closed"


@pytest.mark.parametrize(
    "command",
    [
        ("account", "show", "nobody"),
        ("account", "close", "nobody", "--yes"),
        ("account", "fund", "nobody", "5", "--yes", "--reference", "r"),
        ("account", "freeze", "nobody"),
        ("account", "unfreeze", "nobody"),
        ("account", "unblock", "nobody"),
        ("person", "link", "nobody", "--user-id", "1", "--handle", "x"),
        ("person", "code", "nobody"),
    ],
    ids=" ".join,
)
def test_nobody_is_told_apart(town: Town, command: tuple[str, ...]) -> None:
    """An account or person that is not there changes nothing, and the sentence says where to look."""
    assert "`console person list`" in refused(town, *command)


def test_aligned_lines_for_people(town: Town) -> None:
    """Without --json a command prints a line of names and values."""
    one = town.resident(0)
    ran = console(town.stack, "account", "show", one.account, "--stage", "local")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"id={one.account}" in ran.stdout and "available=€0.00" in ran.stdout
