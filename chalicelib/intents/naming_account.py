"""A payee names a bank account for what is held: its holder's name is checked first, and three names are all.

A name is counted on the claim before it is looked at, under a condition, so that no number of windows tries more. What
is right leaves only the wish: the sweep moves the money.
"""

from collections.abc import Mapping

from chalicelib.errors import Unavailable
from chalicelib.identity.bank_account import READERS, BankAccount
from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import CLAIMED, OPEN, Claim, Wish
from chalicelib.refusals import Refusal
from chalicelib.retry import change
from chalicelib.services import Services
from chalicelib.table import Rejection, claim_key, update
from chalicelib.telemetry.metrics import count

NAME_TRIES = 3
PAYEE = "payee"


def name(services: Services, claim: Claim, form: Mapping[str, str]) -> Refusal | None:
    """Ask for a claim to be paid to the account in a form; None when that is done or something else was asked for.

    What nobody can check, and what could not be asked, costs no try. Raises Unavailable.
    """
    account = _account(services, form)
    if isinstance(account, Refusal):
        return account
    tried = _tried(services, claim)
    if tried is None or isinstance(tried, Refusal):
        return tried
    matches = _matches(services, tried, account)
    count("HoldersChecked", outcome={True: "same", False: "other", None: "unknown"}[matches])
    if matches:
        wish = Wish(end=CLAIMED, by=PAYEE, said=account.fields())
        claiming.ask(services.table, claim.id, wish, clock=services.clock)
        return None
    if matches is None:
        return Refusal.HOLDER_UNCHECKED
    return Refusal.NAMES_TOO_MANY if tried.name_tries >= NAME_TRIES else Refusal.HOLDER_DIFFERS


def offered(services: Services) -> bool:
    """Whether the programme pays to accounts at other banks."""
    return services.programme.claims.payout in READERS


def _account(services: Services, form: Mapping[str, str]) -> BankAccount | Refusal:
    if not offered(services):
        return Refusal.PAYOUT_NOT_OFFERED
    return READERS[services.programme.claims.payout](form)


def _tried(services: Services, claim: Claim) -> Claim | Refusal | None:
    """The claim with this try counted; a refusal when there is none left, None when the claim waits no more."""
    nonce, now = services.clock.nonce(), claim
    while now.status == OPEN and not now.wish:
        if now.name_tries >= NAME_TRIES:
            return Refusal.NAMES_TOO_MANY
        counted = change(services.table, update(claim_key(claim.id), claims.name_try(now, nonce)), clock=services.clock)
        item = counted.items[0] if isinstance(counted, Rejection) else counted
        now = claims.from_item(item) if item else now
        if now.name_guess == nonce:
            return now
    return None


def _matches(services: Services, tried: Claim, account: BankAccount) -> bool | None:
    try:
        matches = services.holders.matches(account.fields(), account.holder)
    except Unavailable:
        _untried(services, tried)
        raise
    if matches is None:
        _untried(services, tried)
    return matches


def _untried(services: Services, tried: Claim) -> None:
    change(services.table, update(claim_key(tried.id), claims.name_untried(tried)), clock=services.clock)
