"""AWS KMS, which keys the hashes of security codes with a key that nobody can read."""

import base64

from chalicelib import aws
from chalicelib.errors import Unavailable
from chalicelib.identity import code


class KmsCodes:
    """The `Codes` port: scrypt here, then an HMAC by KMS under a key that cannot be exported."""

    def __init__(self, key: str) -> None:
        self._key = key

    def mac(self, account: str, typed: str) -> str:
        """The MAC of a code for an account; raises Unavailable when KMS cannot answer."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

        message = b"security code|v1|" + account.encode() + b"|" + code.digest(account, typed)
        try:
            answer = aws.client("kms").generate_mac(KeyId=self._key, MacAlgorithm="HMAC_SHA_256", Message=message)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"KMS GenerateMac: {type(error).__name__}") from error
        return base64.b64encode(answer["Mac"]).decode()
