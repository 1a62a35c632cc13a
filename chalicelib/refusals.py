"""Every "no" that Envoi can say, in order of precedence."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why an order was not carried out: a value to tell a person, never an exception.

    The order of the members is their precedence: when several apply, the first one is told.
    """

    # Reading: what the message itself lacks, or should not hold (docs/orders.md).
    SENSITIVE = "sensitive"
    VERB_SEVERAL = "verb_several"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_SEVERAL = "amount_several"
    AMOUNT_UNREADABLE = "amount_unreadable"
    AMOUNT_AMBIGUOUS = "amount_ambiguous"
    AMOUNT_ZERO = "amount_zero"
    AMOUNT_NEGATIVE = "amount_negative"
    AMOUNT_DECIMALS = "amount_decimals"
    CURRENCY_OTHER = "currency_other"
    PAYEE_MISSING = "payee_missing"
    PAYEE_SEVERAL = "payee_several"
    PAYEE_AMBIGUOUS = "payee_ambiguous"
    CHOICE_OVER = "choice_over"
    PAYEE_SELF = "payee_self"
    PAYEE_BOT = "payee_bot"
    PRIVATE_ONLY = "private_only"
    NOT_OFFERED = "not_offered"

    # Who asks, and of whom.
    PAYER_UNKNOWN = "payer_unknown"
    PAYER_FROZEN = "payer_frozen"
    PAYER_CLOSED = "payer_closed"
    PAYEE_RENAMED = "payee_renamed"
    PAYEE_UNKNOWN = "payee_unknown"
    PAYEE_UNPAIRED = "payee_unpaired"
    PAYEE_FROZEN = "payee_frozen"
    PAYEE_CLOSED = "payee_closed"
    PAYEE_OWN = "payee_own"
    PAYEE_NOT_CAUSE = "payee_not_cause"
    CURRENCY_MISMATCH = "currency_mismatch"
    PROOF_TOO_OLD = "proof_too_old"

    # Joining.
    PAIRING_REFUSED = "pairing_refused"
    CODES_DIFFER = "codes_differ"
    CODE_GUESSABLE = "code_guessable"
    TERMS_MISSING = "terms_missing"

    # Naming a bank account for held money.
    PAYOUT_NOT_OFFERED = "payout_not_offered"
    ACCOUNT_MALFORMED = "account_malformed"
    HOLDER_MALFORMED = "holder_malformed"
    NAMES_TOO_MANY = "names_too_many"
    HOLDER_DIFFERS = "holder_differs"
    HOLDER_UNCHECKED = "holder_unchecked"

    # What became of the intent or its link.
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    NOTHING_TO_REPEAT = "nothing_to_repeat"
    ALREADY_SEEN = "already_seen"
    NOT_PENDING = "not_pending"
    EXPIRED = "expired"
    LINK_EXPIRED = "link_expired"
    LINK_REPLACED = "link_replaced"
    LINKS_TOO_MANY = "links_too_many"
    LINK_WITHHELD = "link_withheld"
    CODE_MALFORMED = "code_malformed"
    CODE_REFUSED = "code_refused"
    INTENT_CHANGED = "intent_changed"
    STALE = "stale"

    # Giving money back: told to operators alone.
    NOT_REVERSIBLE = "not_reversible"
    SAME_OPERATOR = "same_operator"
    REVERSED_TOO_MUCH = "reversed_too_much"

    # How much, and how often.
    DAY_TURNED = "day_turned"
    OVER_TRANSFER_LIMIT = "over_transfer_limit"
    OVER_DAY_LIMIT = "over_day_limit"
    OVER_MONTH_LIMIT = "over_month_limit"
    ORDERS_TOO_MANY = "orders_too_many"
    WAITING_TOO_MANY = "waiting_too_many"
    FUNDS_MISSING = "funds_missing"

    # Told to nobody: the transaction is built again for a later instant.
    LEG_LATE = "leg_late"

    @property
    def precedence(self) -> int:
        """The rank of this refusal: the lower one is told first."""
        return _RANKS[self]


_RANKS = {refusal: rank for rank, refusal in enumerate(Refusal)}


def first(refusals: "list[Refusal]") -> Refusal | None:
    """The refusal that is told when all of these apply, or None when none does."""
    return min(refusals, key=lambda refusal: refusal.precedence, default=None)
