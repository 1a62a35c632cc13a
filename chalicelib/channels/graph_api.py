"""Meta's Graph API, as far as Envoi writes to it: private messages on Messenger, Instagram and WhatsApp.

Meta knows no idempotency key. What may have arrived is a Retry with the reason UNKNOWN: before the message is sent
again, its echo must be looked for, by the metadata that was sent with it.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from chalicelib.channels.graph_errors import DOWN_WAIT_SECONDS, ECHO_WAIT_SECONDS, UNKNOWN, outcome
from chalicelib.channels.meta_sending import Form, Outgoing, messenger
from chalicelib.channels.outside import Answer, Door, retry_after
from chalicelib.services import Permanent, Posted, Retry
from chalicelib.telemetry.metrics import count

VERSION = "v25.0"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes, and how: the page (for its Instagram account too) or the phone number id, and the network's form."""

    id: str
    form: Form = messenger


class GraphClient:
    """Writes as one page, account or number; `keys` are access_token and app_secret.

    Raises ValueError for a base URL that is not https, except on this machine.
    """

    def __init__(
        self, keys: Mapping[str, str], *, sender: Sender, base_url: str = "https://graph.facebook.com"
    ) -> None:
        self._keys = keys
        self._sender = sender
        self._door = Door(base_url, of="Meta's API")

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:  # noqa: ARG002  # the port has both networks
        """Refused: these networks are private chats, and nothing is answered in public."""
        return Permanent("no_public_replies")

    def message(self, text: str, *, to: str) -> Posted:
        """Write a text to the person `to`; see `send`."""
        return self.send(Outgoing(to=to, text=text))

    def send(self, message: Outgoing) -> Posted:
        """Write to a person who wrote within the last 24 hours.

        Raises ValueError for a message that the network's form does not hold.
        """
        posted = self._tried(message)
        if isinstance(posted, Retry) and posted.reason != "rate_limited":
            count("OutsideDown", outside="meta")
        return posted

    def _tried(self, message: Outgoing) -> Posted:
        path = f"/{VERSION}/{quote(self._sender.id, safe='')}/messages"
        content = {**self._sender.form(message), "appsecret_proof": self._proof()}
        answer = self._door.post(path, content, {"Authorization": f"Bearer {self._keys['access_token']}"})
        if isinstance(answer, Answer):
            return outcome(answer.status, answer.content, wait=retry_after(answer.headers))
        if answer == "unreachable":
            return Retry(DOWN_WAIT_SECONDS, "unreachable")
        return Retry(ECHO_WAIT_SECONDS, UNKNOWN)

    def _proof(self) -> str:
        """That whoever holds the token holds the app's secret too (Meta docs, securing requests)."""
        token, secret = self._keys["access_token"].encode(), self._keys["app_secret"].encode()
        return hmac.digest(secret, token, hashlib.sha256).hex()
