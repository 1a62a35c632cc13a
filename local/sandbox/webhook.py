"""X's side of a webhook: the check of our endpoint, the signature, and a courier that misbehaves when it is told to."""

import base64
import hashlib
import hmac
import itertools
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from local.sandbox.envelopes import Parcel

SWITCHES = ("duplicate", "delay", "reorder", "forge", "drop", "limit")
DELAY_SECONDS = 5.0
RETRY_SECONDS = (2.0, 5.0)
KEPT = 60
SIGNATURE = "x-twitter-webhooks-signature"

Post = Callable[[Parcel], int]
"""Signs a webhook as its network does and delivers it; returns the status answered, OSError if nobody answers."""


def signature(message: bytes, secret: str) -> str:
    """What X signs bodies with, and what it wants back for a token: HMAC-SHA256 under the consumer secret."""
    return "sha256=" + base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def sign(body: bytes, secret: str) -> dict[str, str]:
    """The headers that X sends with a body: its type and its signature."""
    return {"Content-Type": "application/json", SIGNATURE: signature(body, secret)}


def challenge(keys: Mapping[str, str]) -> tuple[str, str]:
    """The query of a Challenge-Response Check, and what a genuine answer holds."""
    token = crc_token()
    query = urlencode({"crc_token": token, "nonce": str(int(time.time() * 1000))})
    return query, signature(token.encode(), keys["consumer_secret"])


def crc_token() -> str:
    """A token for the Challenge-Response Check, as X makes them: 48 characters of base64."""
    return base64.b64encode(secrets.token_hex(18).encode()).decode()


@dataclass(kw_only=True)
class Delivery:
    """One webhook on its way; `status` is 0 until it was answered, `note` says what was done to it."""

    number: int
    at: float
    event: str
    about: str
    note: str = ""
    status: int = 0
    ms: int = 0
    state: str = "on its way"


@dataclass
class Courier:
    """Delivers webhooks in threads of its own, by the switches as they are when one is handed in."""

    post: Post
    switches: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SWITCHES, False))
    log: "deque[Delivery]" = field(default_factory=lambda: deque(maxlen=KEPT))
    _held: list[tuple[Delivery, Parcel]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, parcel: Parcel) -> None:
        """Deliver a webhook once, or as the switches say."""
        with self._lock:
            first = self._logged(parcel)
            if self.switches["drop"]:
                first.state, first.note = "lost", "dropped"
                return
            if self.switches["reorder"] and not self._held:
                first.state, first.note = "held", "held until the next one"
                self._held.append((first, parcel))
                return
            jobs = [(first, parcel)]
            if self.switches["duplicate"]:
                jobs.append((self._logged(parcel, note="duplicate"), parcel))
            self._go([*jobs, *self._released()])

    def switch(self, name: str, *, on: bool) -> None:
        """Turn a switch; what was held to be reordered goes out when that one is turned off."""
        with self._lock:
            self.switches[name] = on
            if name == "reorder" and not on:
                self._go(self._released())

    def told(self) -> list[dict[str, Any]]:
        """The last deliveries, newest first."""
        with self._lock:
            return [asdict(delivery) for delivery in reversed(self.log)]

    def _logged(self, parcel: Parcel, note: str = "") -> Delivery:
        delivery = Delivery(
            number=next(self._numbers), at=time.time(), event=parcel.event, about=parcel.about, note=note
        )
        self.log.append(delivery)
        return delivery

    def _released(self) -> list[tuple[Delivery, Parcel]]:
        released, self._held = self._held, []
        for delivery, _ in released:
            delivery.state, delivery.note = "on its way", "after the next one"
        return released

    def _go(self, jobs: Sequence[tuple[Delivery, Parcel]]) -> None:
        wait = DELAY_SECONDS if self.switches["delay"] else 0.0
        forged = self.switches["forge"]
        for delivery, _ in jobs:
            words = [delivery.note, f"delayed {wait:.0f} s" if wait else "", "wrong signature" if forged else ""]
            delivery.note = ", ".join(word for word in words if word)
        signed = [(delivery, replace(parcel, forged=forged)) for delivery, parcel in jobs]
        threading.Thread(target=self._deliver, args=(signed, wait), daemon=True).start()

    def _deliver(self, jobs: Sequence[tuple[Delivery, Parcel]], wait: float) -> None:
        time.sleep(wait)
        for delivery, parcel in jobs:
            for pause in (*RETRY_SECONDS, None):
                self._send(delivery, parcel)
                if delivery.status in range(200, 500) or pause is None:
                    break
                delivery.state = f"again in {pause:.0f} s"
                time.sleep(pause)

    def _send(self, delivery: Delivery, parcel: Parcel) -> None:
        began = time.monotonic()
        try:
            delivery.status = self.post(parcel)
        except OSError:
            delivery.status = 0
        delivery.ms = round((time.monotonic() - began) * 1000)
        delivery.state = "answered" if delivery.status else "nobody answers"
