"""`console claim payouts` and `claim sent`: what the bank must send, each once, and no account in full unless asked."""

import csv
import io
from typing import Any

import pytest

from chalicelib import production
from chalicelib.ledger.claim import Claim
from console import __main__ as console
from tests.bank import PAYING_OUT, Bank
from tests.claims.holding import claim_of, held, join, swept
from tests.claims.test_naming import ACCOUNT, name
from tests.console.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank that pays out."""
    return Desk(monkeypatch, lambda: capsys.readouterr().out, bank=Bank(programme=PAYING_OUT))


def paid_out(desk: Desk) -> Claim:
    """A claim whose payee has named an account."""
    claim = held(desk.bank)
    assert name(desk.bank, claim).refusal is None
    desk.bank.stream()
    swept(desk.bank)
    return claim_of(desk.bank, claim.id)


def run(desk: Desk, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Type `claim …`."""
    desk.read()
    return desk.run("claim", *words)


def test_what_must_be_sent_is_listed_until_it_was(desk: Desk) -> None:
    """Not what is held, nor what was claimed by linking; the same reference again is no error, another one is."""
    claim = paid_out(desk)
    held(desk.bank)
    status, (row,) = run(desk, "payouts")
    assert (status, row["claim"], row["amount_minor"], row["account"]) == (0, claim.id, 1_000, "0036-251 ••••567")
    for _ in range(2):
        status, (row,) = run(desk, "sent", claim.id, "--reference", "ZG-2026-1")
        assert (status, row["sent_reference"]) == (0, "ZG-2026-1")
    assert run(desk, "sent", claim.id, "--reference", "ZG-2026-2")[0] == 1
    assert claim_of(desk.bank, claim.id).sent_reference == "ZG-2026-1"
    join(desk.bank)
    swept(desk.bank)
    assert run(desk, "payouts") == (0, [])
    assert [row["sent_reference"] for row in run(desk, "payouts", "--all")[1]] == ["ZG-2026-1"]


def test_an_account_is_shown_in_full_only_if_asked_for(desk: Desk) -> None:
    """As JSON, and for the bank's system as CSV."""
    claim = paid_out(desk)
    masked = f"{run(desk, 'payouts')}{run(desk, 'show', claim.id)}{run(desk, 'list', '--all')}"
    assert "1234567" not in masked and "ﾊﾅｺ" not in masked and "••••567" in masked
    assert run(desk, "payouts", "--full")[1][0]["holder"] == "ﾔﾏﾀﾞ ﾊﾅｺ"
    desk.read()
    with production.using(desk.bank.services):
        assert console.main(["claim", "payouts", "--csv", "--stage", "test"]) == 0
    (row,) = csv.DictReader(io.StringIO(desk.read()))
    assert {field: row[field] for field in ("bank", "branch", "kind", "number", "amount_minor")} == {
        **{field: ACCOUNT[field] for field in ("bank", "branch", "kind", "number")},
        "amount_minor": "1000",
    }


def test_what_waits_for_too_long_is_marked(desk: Desk) -> None:
    """From the programme's time on, until it was sent; in the spreadsheet too."""
    claim = paid_out(desk)
    desk.bank.time.move(PAYING_OUT.claims.payout_seconds - 1)
    assert "late" not in run(desk, "payouts")[1][0]
    desk.bank.time.move(1)
    assert run(desk, "payouts")[1][0]["late"] is True
    desk.read()
    with production.using(desk.bank.services):
        assert console.main(["claim", "payouts", "--csv", "--stage", "test"]) == 0
    assert [row["late"] for row in csv.DictReader(io.StringIO(desk.read()))] == ["True"]
    assert "late" not in run(desk, "sent", claim.id, "--reference", "ZG-2026-1")[1][0]


@pytest.mark.parametrize("what", ["open", "linked", "nothing"])
def test_only_what_left_by_the_bank_can_be_sent(desk: Desk, what: str) -> None:
    """Anything else is refused and not written to."""
    claim = held(desk.bank)
    if what == "linked":
        join(desk.bank)
        swept(desk.bank)
    before = dict(desk.bank.table.items)
    order = "A" * 16 if what == "nothing" else claim.id
    assert run(desk, "sent", order, "--reference", "R")[0] == 1
    assert desk.bank.table.items == before


@pytest.mark.parametrize("reference", ["", "  ", "a\nb", "x" * 36])
def test_a_reference_is_a_short_line(desk: Desk, reference: str) -> None:
    """It is written beside the claim."""
    claim = paid_out(desk)
    assert run(desk, "sent", claim.id, "--reference", reference)[0] == 1
    assert claim_of(desk.bank, claim.id).sent_at == 0
