"""`python -m local.vulnerabilities`: known vulnerabilities in what is shipped; never silent when nobody could be asked.

Exits with 0 when the database knows none, 1 when it knows some, 2 when it could not be asked.
"""

import subprocess
import sys

from local.stages import ROOT

# What is shipped, exactly as locked: no resolver runs, so nothing of it is downloaded or built.
COMMAND = ("-m", "pip_audit", "--requirement", "requirements.txt", "--require-hashes", "--disable-pip", "--strict",
           "--progress-spinner", "off", "--timeout", "10")  # fmt: skip
CLEAN, KNOWN, UNKNOWN = 0, 1, 2


def main() -> int:
    """Ask the database of vulnerabilities about each locked distribution, and say what came of it."""
    ran = subprocess.run([sys.executable, *COMMAND], cwd=ROOT, capture_output=True, text=True, check=False)
    print(ran.stdout, end="")
    if ran.returncode == 0:
        print("Audited: no known vulnerability in requirements.txt.")
        return CLEAN
    if "known vulnerabilit" in ran.stderr:
        print(ran.stderr, file=sys.stderr, end="")
        return KNOWN
    reason = (ran.stderr.strip().splitlines() or ["no answer"])[-1]
    print(f"NOT AUDITED: the database of vulnerabilities could not be asked ({reason}).", file=sys.stderr)
    return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
