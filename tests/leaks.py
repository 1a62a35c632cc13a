"""What must stand in no log line, looked for without the code that keeps it out."""

import re
from collections.abc import Iterable, Sequence

# The security codes that the tests type, right and wrong.
CODES = ("482913", "271828", "314159")
_NEVER = {
    "a phone number": re.compile(r"\+33[ .]?[1-9](?:[ .]?\d{2}){4}(?!\d)|(?<![\d.])0[67](?:[ .]?\d{2}){4}(?!\d)"),
    "a link": re.compile(r"[\w-]{16}\.\d\.[0-9a-z]{6,7}\.[\w-]{22}"),
    "a ref": re.compile(r"p_[\w-]{16}_[\w-]{22}"),
    "a code": re.compile(rf"(?<![\w.-])(?:{'|'.join(CODES)})(?![\w.-])"),
    "a credential": re.compile(r"oauth_signature=|Bearer [\w-]{20}|sha256=[\w+/]{40}"),
}

# What may begin an IBAN, with all that may belong to it; blanks stand anywhere in what people write.
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=([A-Z]{2}\d{2}[A-Z0-9 \u00a0\u202f]{11,60}))")
# Request ids, which may hold any digits.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def leaks(lines: Iterable[str], *, secrets: Sequence[str] = ()) -> list[str]:
    """What leaked, each with the line that it stands in; nothing is the only right answer."""
    found = []
    for line in (_UUID.sub("", line) for line in lines):
        found += [f"{what}: {line}" for what, pattern in _NEVER.items() if pattern.search(line)]
        found += [f"an IBAN: {line}" for match in _IBAN.finditer(line) if _begins_with_iban(match[1])]
        found += [f"a secret of this run: {line}" for secret in secrets if secret in line]
    return found


def _begins_with_iban(text: str) -> bool:
    """Whether some of the first words are 15 to 34 characters with right check digits (ISO 13616): ids seldom are."""
    words = text.split()
    joined = ("".join(words[:number]) for number in range(1, len(words) + 1))
    return any(15 <= len(one) <= 34 and _checks(one) for one in joined)


def _checks(iban: str) -> bool:
    return int("".join(str(int(one, 36)) for one in iban[4:] + iban[:4])) % 97 == 1
