"""No secret is in the project: every file that git knows is read for the forms that secrets have."""

import hashlib
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

from local.stages import ROOT

FORMS = {
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "X bearer token": r"\bA{16,}[A-Za-z0-9%]{40,}",
    "X access token": r"\b\d{8,20}-[A-Za-z0-9]{35,50}\b",
    "Meta token": r"\bEAA[A-Za-z0-9]{60,}",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50,})",
    "Slack token": r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    "Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "password in an address": r"://[^/\s:@\"'{}]+:[^/\s:@\"'{}]{6,}@",
}
NAMED = re.compile(
    r"(?i)(?:secret|passw(?:or)?d|token|(?:api|access|private|link|consumer)[_-]?key)\w*[\"']?\s*[:=]\s*"
    r"[\"']([A-Za-z0-9+/=_-]{16,})[\"']"
)
# Above: random characters of some alphabet; below: words, which a name or a made-up value is made of.
RANDOM_BITS = 3.7
# By their digests: the examples in X's documentation, which tests of signatures are held against.
PUBLISHED = {"07dec39b3f1b", "0e04efa6bc7d", "8e0628300c16", "00b3dc640c9c", "5aac38e542b7"}


def found(text: str) -> Iterator[str]:
    """What in a text has the form of a secret: what it seems to be, and its first characters only."""
    for kind, form in FORMS.items():
        yield from (f"{kind} {match[0][:8]}…" for match in re.finditer(form, text) if not _published(match[0]))
    for match in NAMED.finditer(text):
        if _bits(match[1]) >= RANDOM_BITS and re.search(r"\d", match[1]) and not _published(match[1]):
            yield f"value of a secret {match[1][:4]}…"


def _published(value: str) -> bool:
    return hashlib.sha256(value.encode()).hexdigest()[:12] in PUBLISHED


def _bits(value: str) -> float:
    """The entropy of a value's characters, in bits a character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def files() -> list[str]:
    """Every file that is, or could be, committed."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def test_no_file_holds_a_secret() -> None:
    """Read as text, whatever the file is."""
    names = files()
    assert len(names) > 200
    seen = {name: list(found((ROOT / name).read_text(encoding="utf-8", errors="replace"))) for name in names}
    assert {name: what for name, what in seen.items() if what} == {}


# In two parts, so that this file does not hold what it looks for.
PLANTED = [
    ("AWS access key", "aws_access_key_id = AKIA", "Z7QPXW3M5NB2KD4T"),
    ("private key", "-----BEGIN RSA PRIV", "ATE KEY-----\nMIIE"),
    ("X bearer token", "Bearer AAAAAAAAAAAAAAAAAAAA", "MLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRB"),
    ("X access token", "token: 2244994945-", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"),
    ("Google key", "AIza", "SyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v"),
    ("GitHub token", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"),
    ("Slack token", "xoxb-", "123456789012-abcdefABCDEF"),
    ("Stripe key", "sk_live_", "a1B2c3D4e5F6g7H8i9J0"),
    ("Meta token", "EAA", "a1B2c3D4e5" * 7),
    ("signed token", "eyJhbGciOiJIUzI1NiJ9.eyJ", "zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"),
    ("password in an address", "https://envoi:", "correct-horse@bank.example/"),
    ("value of a secret", '"consumer_secret": "', 'q8Zr1Lk9Vx2Tn7Wb4Yc6Hd3Jf5"'),
    ("value of a secret", "LINK_KEY='", "f3a9c1e7b5d2480696ae17cc0b3d5f42'"),
]


@pytest.mark.parametrize(("kind", "before", "after"), PLANTED, ids=[kind for kind, *_ in PLANTED])
def test_a_planted_secret_is_found(kind: str, before: str, after: str) -> None:
    """Each form is found where somebody would leave it; the report shows no more than its beginning."""
    told = list(found(f"# settings\n{before}{after}\n"))
    assert any(one.startswith(kind) for one in told)
    assert not any(after in one for one in told)


@pytest.mark.parametrize(
    "harmless",
    ['"consumer_secret": "made-up-consumer_secret"', 'x_secret = "envoi-local-x"', "token = environ['LINK_TOKEN_NAME']",
     "--hash=sha256:92df3f790851a30cfb5ed45ff8e11f2de9b74e60aed0169d2a6b6da2362b45fb", "https://pay.bank.example/p#a.1.b"],
)  # fmt: skip
def test_a_name_is_no_secret(harmless: str) -> None:
    """Names of secrets, hashes of packages and links are left alone."""
    assert list(found(harmless)) == []
