"""The link that confirms a payment: it vouches for amount, currency, payee and a fee that is held. Pure."""

from collections.abc import Sequence

from chalicelib import link
from chalicelib.intents.intent import Intent
from chalicelib.link import Link

PURPOSE = "envoi confirm link v1"


def make(key: bytes, programme: str, intent: Intent, *, expires_at: int) -> str:
    """The link of an intent's present link number, good until `expires_at` (epoch seconds)."""
    unsealed = Link(id=intent.id, number=intent.link_number, expires_at=expires_at)
    return link.seal(unsealed, _covered(programme, intent), key=key)


def genuine(claimed: Link, programme: str, intent: Intent, *, keys: Sequence[bytes]) -> bool:
    """Whether we made this link for this intent as it is now."""
    return claimed.id == intent.id and link.genuine(claimed, _covered(programme, intent), keys=keys)


def _covered(programme: str, intent: Intent) -> tuple[str, ...]:
    held = (str(intent.fee_minor), intent.network, intent.page, intent.payee_user) if intent.held else ()
    return PURPOSE, programme, str(intent.amount_minor), intent.currency, intent.payee, *held
