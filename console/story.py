"""The story of a message in order of time, as support tells it to a customer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.money import format_amount
from console.output import at, count

# When, what comes first within a second (items know no finer time), and the sentence.
Moment = tuple[float, int, str]
WRITTEN, RECEIVED, QUEUED, SETTLED, CLAIMED, LOGGED = range(6)

_ENDS = {
    "declined": "The payer declined on the page.",
    "cancelled": "The payer cancelled by message.",
    "expired": "It expired: nobody confirmed in time. Nothing was debited.",
}
_DROPPED = {
    "no_order": "it holds no order; in a public post the verb needs its #",
    "not_addressed": "it does not name the bot in its own words",
    "own_post": "the bot wrote it",
    "dm_sent": "the bot wrote it",
    "repost": "it repeats another post",
    "too_old": "it was too old when it came",
    "author_blocked": "the bot has blocked its author",
    "malformed": "X sent a shape that its documentation does not know",
}
# Log lines and facts in them that say what the items say already.
_TOLD = {"order", "published"}
_KNOWN = {"intent_id", "correlation_id", "first_correlation_id", "subject"}


def story(facts: Mapping[str, Any], *, zone: str) -> Iterator[str]:
    """One sentence a line: what it is, then what happened when, then what is open."""
    yield from _heading(facts)
    moments = sorted([*_moments(facts), *_log(facts["log"])], key=lambda moment: (int(moment[0]), moment[1], moment[0]))
    for moment, _, sentence in moments:
        yield f"  {at(moment, zone)}  {sentence}"
    yield from _open_ends(facts, zone=zone)


def _heading(facts: Mapping[str, Any]) -> Iterator[str]:
    if not facts.get("intent"):
        yield "No order is stored of this message; this is what logs and dead letters know."
        return
    yield f"Order {facts['reference']} ({facts['intent']}), post {facts['post']}: {facts['status']}."
    yield f"Read as: {_reading(facts)}."
    for side in ("payer", "payee"):
        if facts[side]:
            yield f"{side.capitalize()}: {_who(facts[side])}."
    if facts["hint"]:
        yield f"Its author is answered: {facts['hint']}"


def _reading(facts: Mapping[str, Any]) -> str:
    amount = f" {format_amount(facts['amount_minor'], facts['currency'], 'en')}" if facts["currency"] else ""
    refused = f", refused: {facts['refusal']}" if facts["refusal"] else ""
    return f"{facts['order']}{amount}{refused}"


def _who(side: Mapping[str, Any]) -> str:
    handle = f"@{side['handle']}" if side["handle"] else ""
    account = (
        f"account {side['account']} ({side['account_status'] or 'not there'})" if side["account"] else "no account"
    )
    return ", ".join(part for part in (handle, side["name"], account) if part)


def _moments(facts: Mapping[str, Any]) -> Iterator[Moment]:
    if not facts.get("intent"):
        return
    yield facts["created_at"], WRITTEN, "Written on the network."
    yield facts["received_at"], RECEIVED, "Received by our webhook."
    for claim in facts["notices"]:
        yield claim["at"], CLAIMED, f"The notice {claim['notice'].replace('#', ' ')} was taken up for sending by SMS."
    if facts["paid_at"]:
        amount = format_amount(facts["amount_minor"], facts["currency"], "en")
        sides = f"from {facts['payer']['account']} to {facts['payee']['account']}"
        yield facts["paid_at"], SETTLED, f"Paid: {amount} {sides}, transfer {facts['intent']}."
    if facts["ended_at"]:
        yield facts["ended_at"], SETTLED, _end(facts)
    for reversal in facts.get("reversals", ()):
        yield from _reversal(reversal)
    if facts.get("held"):
        yield from _held(facts["held"])


def _end(facts: Mapping[str, Any]) -> str:
    if facts["status"] == "expired" and facts["ended_at"] < facts["expires_at"]:  # the sweep comes after its time
        return "An operator ended it before its time (`console intent expire`). Nothing was debited."
    return _ENDS.get(facts["status"], f"It ended: {facts['status']}.")


def _held(claim: Mapping[str, Any]) -> Iterator[Moment]:
    """For whom money was held, and which way it left."""
    amount, fee = (format_amount(claim[each], claim["currency"], "en") for each in ("amount_minor", "fee_minor"))
    yield claim["opened_at"], CLAIMED, f"Held for {claim['user_id']} on {claim['network']}: {amount}, fee {fee}."
    if claim["ended_at"]:
        who = f"by {claim['payee']}" if claim["payee"] else f"to {claim['payer']}"
        asked = f", as {claim['asked_by']} asked" if claim["asked_by"] else ""
        yield claim["ended_at"], CLAIMED, f"What was held is {claim['status']} {who}{asked}."


def _reversal(facts: Mapping[str, Any]) -> Iterator[Moment]:
    """Who asked to give money back and what came of it; the reason is theirs to tell."""
    amount = format_amount(facts["amount_minor"], facts["currency"], "en")
    yield facts["created_at"], SETTLED, f"Reversal {facts['id']} of {amount} was requested by {facts['requested_by']}."
    if facts["paid_at"]:
        sides = f"from {facts['payer']} to {facts['payee']}"
        yield facts["paid_at"], SETTLED, f"Given back: {amount} {sides}, agreed to by {facts['decided_by']}."
    if facts["ended_at"]:
        yield facts["ended_at"], SETTLED, f"Reversal {facts['id']} was declined by {facts['decided_by']}."


def _log(lines: Sequence[Mapping[str, Any]]) -> Iterator[Moment]:
    for line in lines:
        if line["facts"].get("kind") == "blocked":
            yield from _block(line)
        elif line["message"] == "dropped":
            reason = str(line["facts"].get("reason", ""))
            yield line["at"], SETTLED, f"Dropped ({reason}): {_DROPPED.get(reason, 'see docs/orders.md')}."
        elif line["message"] not in _TOLD:
            facts = " ".join(f"{name}={value}" for name, value in line["facts"].items() if name not in _KNOWN)
            level = "" if line["level"] == "INFO" else f" {line['level']}"
            rank = QUEUED if line["message"] == "queued" else LOGGED
            yield line["at"], rank, f"{line['function']}{level}: {line['message']} {facts}".rstrip()


def _block(line: Mapping[str, Any]) -> Iterator[Moment]:
    """The account that too many wrong codes have blocked, and its holder told so."""
    account = line["facts"].get("subject", "")
    if line["message"] == "published":
        sentence = f"Too many wrong codes in a row blocked account {account}: `console account unblock {account}`."
        yield line["at"], LOGGED, sentence
    elif line["facts"].get("outcome") == "sent":
        yield line["at"], LOGGED, "Its holder was told of the block by SMS."


def _open_ends(facts: Mapping[str, Any], *, zone: str) -> Iterator[str]:
    for reversal in facts.get("reversals", ()):
        if reversal["status"] == "requested":
            yield f"Reversal {reversal['id']} waits for another operator: `console reversal approve {reversal['id']}`."
    if facts.get("held") and not facts["held"]["ended_at"]:
        until = at(facts["held"]["expires_at"], zone)
        yield f"It is held until {until}: `console claim return {facts['intent']}` gives it back before."
    if facts.get("status") == "pending":
        links = count(facts["links"], "link")
        yield f"It waits for its payer until {at(facts['expires_at'], zone)}; {links} sent or due."
    if facts.get("payer") and facts["payer"]["attempts"]:
        blocked = (
            f"; the account is blocked: `console account unblock {facts['payer']['account']}`"
            if facts["payer"]["blocked"]
            else ""
        )
        yield f"Wrong codes in a row on the payer's account: {facts['payer']['attempts']}{blocked}."
    for letter in facts["dead"]:
        about = f"{letter.get('about', '')} {letter.get('subject', '')}".strip()
        yield f"DEAD in {letter['queue']}: {about}, message {letter['message']}; `console dead list` says what to do."
    waiting = {name: depth for name, depth in facts["queues"].items() if not name.endswith("-dead")}
    if waiting:
        yield "Queues with messages now: " + ", ".join(f"{name} {depth}" for name, depth in waiting.items()) + "."
    if not facts["log"]:
        yield "The log holds no line of it (it is kept for 90 days, and may lag by some seconds)."
