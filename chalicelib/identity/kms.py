"""AWS KMS, which keys the hashes of security codes with a key that nobody can read."""

import base64
import time

from chalicelib import aws
from chalicelib.errors import Unavailable
from chalicelib.identity import code
from chalicelib.telemetry.metrics import count

BEFORE = "-before"
# Aliases are eventually consistent: an old "there is none" must not outlive them by much.
KEPT_SECONDS = 5


class KmsCodes:
    """The `Codes` port: scrypt here, then an HMAC by KMS under a key that cannot be exported.

    `key` is an alias. While the key is rotated, the one before it has the same alias with `-before` at its end. What
    is stored begins with eight characters of the key's id, so that an operator can count what is left under it.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        # The key that has none before it, and until when that is believed; another key is looked at anew, at once.
        self._alone, self._alone_until = "", 0.0

    def mac(self, account: str, typed: str) -> str:
        """The MAC of a code for an account; raises Unavailable when KMS cannot answer."""
        return self._current(self._message(account, typed))

    def candidates(self, account: str, typed: str) -> tuple[str, ...]:
        """The MACs that the account may have of this code, the current key's first; raises Unavailable."""
        message = self._message(account, typed)
        current = self._current(message)
        key = current.partition(".")[0]
        if key == self._alone and time.monotonic() < self._alone_until:
            return (current,)
        before = self._mac(self._key + BEFORE, message)
        if before is None:
            self._alone, self._alone_until = key, time.monotonic() + KEPT_SECONDS
        return (current,) if before in (None, current) else (current, before)

    def _message(self, account: str, typed: str) -> bytes:
        return b"security code|v1|" + account.encode() + b"|" + code.digest(account, typed)

    def _current(self, message: bytes) -> str:
        mac = self._mac(self._key, message)
        if mac is None:
            count("OutsideDown", outside="kms")
            raise Unavailable(f"KMS has no key {self._key}")
        return mac

    def _mac(self, key: str, message: bytes) -> str | None:
        """The MAC under a key, None if there is no such key."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

        kms = aws.client("kms")
        try:
            answer = kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=message)
        except kms.exceptions.NotFoundException:
            return None
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"KMS GenerateMac: {type(error).__name__}") from error
        return f"{answer['KeyId'].rpartition('/')[2][:8]}.{base64.b64encode(answer['Mac']).decode()}"
