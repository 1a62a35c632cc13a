"""From a message to a stored order: load what it touches, decide purely, write once."""

from dataclasses import replace

from chalicelib.channels import Drop, Mention, Named
from chalicelib.config import Programme
from chalicelib.identity.invitation import invitation_id
from chalicelib.identity.store import Directory, invitation, look_up
from chalicelib.intents import asking, reaching, store
from chalicelib.intents.cancelling import cancel
from chalicelib.intents.decision import Known, are_too_many, decide
from chalicelib.intents.held_for import claim_for
from chalicelib.intents.intent import PAYMENTS, Intent, intent_id
from chalicelib.intents.order import Reading, read_mention
from chalicelib.intents.pairing import pair
from chalicelib.intents.phones import is_phone, masked, without_numbers
from chalicelib.intents.reached import alone
from chalicelib.intents.spoken import MARK
from chalicelib.intents.taps import Tap
from chalicelib.ledger.store import accounts
from chalicelib.services import Services
from chalicelib.texts import LANGUAGES


def place(services: Services, mention: Mention, *, tap: Tap | None = None) -> Intent | Drop:
    """Store the order that a message or a `tap` makes and return it; a message without an order is a Drop.

    A message that comes again, in whatever envelope or edition, changes nothing and returns what was stored.
    Raises Unavailable when the table is out of reach: the inbox keeps the message.
    """
    programme = services.programme
    reading = Reading(order=tap.order) if tap else read_mention(programme, mention)
    if reading.order is None and not mention.private:
        return Drop("no_order")
    if tap or (reading.order in asking.ORDERS and reading.refusal is None):
        return asking.ask(services, mention, _draft(programme, mention, reading), tap=tap)
    if reading.order == "pair" and reading.refusal is None:
        return pair(services, mention, draft=_draft(programme, mention, reading), digits=reading.code)
    directory = _directory(services, mention, reading)
    payer = directory.handles.get(mention.author.user_id)
    called = reaching.by_name(services, mention, reading, payer=payer.account) if payer else reaching.Called(reading)
    draft = _draft(programme, mention, called.reading)
    known = _load(services, mention, called, directory=directory)
    if draft.order == "cancel" and payer and reading.refusal is None:
        return cancel(services, mention, draft=draft, known=known)
    draft = draft if payer else replace(draft, waiting=claim_for(services, mention))
    return store.keep(services.table, decide(programme, draft, reading=called.reading, known=known))


def _load(services: Services, mention: Mention, called: reaching.Called, *, directory: Directory) -> Known:
    """What the decision needs beside who it is about, in two round trips; less where the reading decides already.

    Only what a private message asks of people whom its network does not know takes more.
    """
    reading, payer = called.reading, directory.handles.get(mention.author.user_id)
    known = Known(directory=directory, accounts={}, lately=(), now=services.clock.now())
    paying = reading.order in PAYMENTS and reading.refusal is None
    if payer is None or not (paying or reading.order == "cancel"):
        return known
    lately = store.ordered_lately(services.table, payer.account, now=mention.received_at)
    known = replace(known, lately=lately)
    return _with_people(services, mention, called, known=known) if paying else known


def _with_people(services: Services, mention: Mention, called: reaching.Called, *, known: Known) -> Known:
    """The payee and everybody's accounts; a number is looked up only while the day's orders last."""
    payee, directory = called.reading.payees[0], known.directory
    asked = is_phone(payee.handle) and are_too_many(services.programme, known)
    reached = called.reached or (() if asked else reaching.reach(services, mention, payee, directory=directory))
    wanted = {one.account for one in directory.handles.values()} | {one.account for one in reached}
    found = accounts(services.table, sorted(wanted))
    return replace(
        known,
        accounts=found,
        reached=alone(reached, found) if is_phone(payee.handle) else reached,
        payee_unpaired=not (reached or is_phone(payee.handle))
        and _unpaired(services, mention, payee, directory=directory),
    )


def _unpaired(services: Services, mention: Mention, payee: Named, *, directory: Directory) -> bool:
    """Whether a payee who is not bound was once, or is invited; asked only where the payment is refused anyway."""
    if payee.user_id in directory.handles or directory.renamed(payee.user_id, name=payee.handle):
        return False
    if payee.user_id in directory.unlinked:
        return True
    invited = invitation(services.table, invitation_id(mention.network, mention.page, payee.handle))
    return invited is not None and invited.expires_at > services.clock.now()


def _directory(services: Services, mention: Mention, reading: Reading) -> Directory:
    """The author, the payee by id, and, when the payee's @name was seen with another id, that one too."""
    place, payees = (mention.network, mention.page), reading.payees
    ids = [mention.author.user_id, *(payee.user_id for payee in payees)]
    names = [payee.handle for payee in payees if not is_phone(payee.handle)]
    found = look_up(services.table, place, user_ids=ids, names=names)
    owners = set(found.names.values()) - set(ids)
    return look_up(services.table, place, user_ids=[*ids, *sorted(owners)], names=names) if owners else found


def _draft(programme: Programme, mention: Mention, reading: Reading) -> Intent:
    payee = reading.payees[0] if reading.payees else None
    said = {
        "note": without_numbers(reading.note or ""),
        **(_called(payee, private=mention.private) if payee else {}),
        "author_handle": mention.author.handle,
    }
    return Intent(
        id=intent_id(mention.network, mention.page, mention.origin_id),
        order=reading.order or "help",
        status="answered",
        network=mention.network,
        page=mention.page,
        author_id=mention.author.user_id,
        message_id=mention.message_id,
        language=_language(programme, mention, reading),
        private=mention.private,
        created_at=mention.sent_at,
        received_at=mention.received_at,
        sent_millis=mention.sent_millis,
        amount_minor=reading.amount_minor or 0,
        currency=reading.currency or "",
        correlation_id=mention.correlation_id,
        ttl=mention.received_at + programme.durations.remembered_seconds,
        said={name: value for name, value in said.items() if value},
    )


def _called(payee: Named, *, private: bool) -> dict[str, str]:
    """What an order keeps of how its payee was called: never a whole number, and in public none."""
    if is_phone(payee.handle):
        return {"payee_hint": masked(payee.handle)} if private else {}
    return {} if payee.handle == MARK else {"payee_handle": payee.handle}


def _language(programme: Programme, mention: Mention, reading: Reading) -> str:
    """The writer's language: the verb's, else what the network says of the post, else the programme's."""
    told = (reading.language, mention.language)
    return next((language for language in told if language in LANGUAGES), programme.language)
