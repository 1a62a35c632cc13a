"""The dependency audit: what it says when its database knows something, knows nothing, and cannot be asked."""

import subprocess
import sys

import pytest

from local import vulnerabilities
from local.stages import ROOT

ANSWERS = [
    (0, "No known vulnerabilities found\n", vulnerabilities.CLEAN, "Audited: no known vulnerability"),
    (1, "Found 1 known vulnerability in 1 package\n", vulnerabilities.KNOWN, "Found 1 known vulnerability"),
    (1, "ERROR: jinja2: Dependency not found and could not be audited\n", vulnerabilities.UNKNOWN, "NOT AUDITED"),
    (1, "", vulnerabilities.UNKNOWN, "NOT AUDITED: the database of vulnerabilities could not be asked (no answer)"),
]


@pytest.mark.parametrize(("status", "said", "wanted", "words"), ANSWERS)
def test_the_audit_says_what_came_of_it(
    *, status: int, said: str, wanted: int, words: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Only an answer that names no vulnerability is a success."""
    program = f"import sys; sys.stderr.write({said!r}); sys.exit({status})"
    monkeypatch.setattr(vulnerabilities, "COMMAND", ("-c", program))
    assert vulnerabilities.main() == wanted
    told = capsys.readouterr()
    assert words in told.out + told.err


def test_an_audit_without_a_database_fails() -> None:
    """The real command, with no way out of this machine: it ends with 2 and says that nothing was audited."""
    ran = subprocess.run(
        [sys.executable, "-m", "local.vulnerabilities"],
        cwd=ROOT, env={"HTTPS_PROXY": "http://127.0.0.1:9", "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == vulnerabilities.UNKNOWN
    assert "NOT AUDITED" in ran.stderr
