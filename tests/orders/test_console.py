"""`python -m console parse`, as the support desk runs it."""

import json
import os
import subprocess
import sys

import pytest

PARSE = ("parse", "--programme", "smoney")


def console(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the console in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["@Smoneyfr #envoyer 10 euros @superpipou"],
            '{"order": "send", "amount_minor": 1000, "currency": "EUR", "payees": ["superpipou"], "note": null}',
        ),
        (
            ["#envoyer 10€ @X pour l'été"],
            '{"order": "send", "amount_minor": 1000, "currency": "EUR", "payees": ["X"], "note": "pour l\'été"}',
        ),
        (["#associer 482913"], '{"order": "pair", "code": "482913"}'),
        (["#annuler"], '{"order": "cancel"}'),
        (["bonjour"], '{"order": null}'),
        (["--private", "solde"], '{"order": "balance"}'),
        (
            ["--private", "Envoyer 5 € au 06 12 34 56 78 pour le café"],
            '{"order": "send", "amount_minor": 500, "currency": "EUR", "payees": ["••• 78"], "note": "pour le café"}',
        ),
        (["-5 euros en prose"], '{"order": null}'),
        ([""], '{"order": null}'),
    ],
)
def test_a_reading_is_one_line_of_json(arguments: list[str], expected: str) -> None:
    """The keys come in a fixed order; handles have no @; accents are not escaped."""
    done = console(*PARSE, *arguments)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, expected + "\n", b"")


def test_a_refusal_comes_with_what_to_type() -> None:
    """A refused message shows its order, the refusal, and the hint that its author would get."""
    shown = json.loads(console(*PARSE, "@Smoneyfr #send 1.000 @taro").stdout)
    assert list(shown) == ["order", "refusal", "hint"]
    assert (shown["order"], shown["refusal"]) == ("send", "amount_ambiguous")
    assert "@Smoneyfr #send €10 @…" in shown["hint"]


def test_in_public_a_number_is_no_payee() -> None:
    """As the author would be told."""
    shown = json.loads(console(*PARSE, "#envoyer 5 € au 06 12 34 56 78").stdout)
    assert shown["refusal"] == "payee_missing"


def test_every_line_of_the_input_gets_a_line() -> None:
    """Empty lines, broken UTF-8, carriage returns and a last line without its end are lines too."""
    lines = ["#annuler", "", "#aide\r", "\u2028#solde", "x"]
    done = console(*PARSE, "-", stdin="\n".join(lines).encode() + b"\xff\xfe", LC_ALL="C", PYTHONUTF8="0")
    shown = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert [each["order"] for each in shown] == ["cancel", None, "help", "balance", None]
    assert done.returncode == 0


def test_a_broken_argument_is_read() -> None:
    """Bytes that are no UTF-8 do not stop the console."""
    done = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"console", b"parse", b"--programme", b"smoney", b"#annuler \xff"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == b'{"order": "cancel"}\n'


def test_an_unknown_programme_is_said_clearly() -> None:
    """A programme without a file is an error of use: status 2, the known ones named, no traceback."""
    done = console("parse", "--programme", "../smoney", "x")
    assert done.returncode == 2
    assert done.stderr.decode() == "There is no programme '../smoney'; known: rakuten, smoney.\n"


def test_the_console_alone_lists_its_commands() -> None:
    """Without a command the console says which ones there are."""
    done = console()
    assert done.returncode == 0
    assert b"parse" in done.stdout
