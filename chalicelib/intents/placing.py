"""From a message to a stored order: load what it touches, decide purely, write once."""

from dataclasses import replace

from chalicelib.channels import Drop, Mention, Named
from chalicelib.config import Programme
from chalicelib.identity.invitation import invitation_id
from chalicelib.identity.store import Directory, invitation, look_up
from chalicelib.intents import store
from chalicelib.intents.cancelling import cancel
from chalicelib.intents.decision import PAYMENTS, Known, decide
from chalicelib.intents.intent import Intent, intent_id
from chalicelib.intents.order import Reading, read
from chalicelib.intents.pairing import pair
from chalicelib.ledger import claiming, held
from chalicelib.ledger.store import accounts
from chalicelib.services import Services
from chalicelib.texts import LANGUAGES


def place(services: Services, mention: Mention) -> Intent | Drop:
    """Store the order that a message makes and return it; a message without an order is a Drop.

    A message that comes again, in whatever envelope or edition, changes nothing and returns what was stored.
    Raises Unavailable when the table is out of reach: the inbox keeps the message.
    """
    programme = services.programme
    reading = _read(programme, mention)
    if reading.order is None and not mention.private:
        return Drop("no_order")
    draft = _draft(programme, mention, reading)
    if draft.order == "pair":
        return pair(services, mention, draft=draft, digits=reading.code)
    known = _load(services, mention, reading)
    if draft.order == "cancel" and mention.author.user_id in known.directory.handles:
        return cancel(services, mention, draft=draft, known=known)
    draft = replace(draft, waiting=_waiting(services, mention, known))
    return store.keep(services.table, decide(programme, draft, reading=reading, known=known))


def _read(programme: Programme, mention: Mention) -> Reading:
    return read(
        mention.text,
        named=mention.named,
        programme=programme,
        bot=programme.bots[mention.network],
        author_id=mention.author.user_id,
        private=mention.private,
    )


def _load(services: Services, mention: Mention, reading: Reading) -> Known:
    """What the decision needs, in three round trips at the most; less where the reading decides already."""
    author, now = mention.author, services.clock.now()
    directory = _directory(services, mention, reading)
    payer = directory.handles.get(author.user_id)
    paying = reading.order in PAYMENTS and reading.refusal is None
    if payer is None or not (paying or reading.order == "cancel"):
        return Known(directory=directory, accounts={}, lately=(), now=now)
    wanted = {handle.account for handle in directory.handles.values()}
    return Known(
        directory=directory,
        accounts=accounts(services.table, sorted(wanted)) if paying else {},
        lately=store.ordered_lately(services.table, payer.account, now=mention.received_at),
        now=now,
        payee_unpaired=paying and _unpaired(services, mention, reading.payees[0], directory=directory),
    )


def _waiting(services: Services, mention: Mention, known: Known) -> str:
    """A claim for who writes in private and is not linked: the answer may say so to nobody else."""
    if not (mention.private and services.programme.claims.offered) or mention.author.user_id in known.directory.handles:
        return ""
    identity, after = held.identity(mention.network, mention.page, mention.author.user_id), services.clock.now() + 1
    return claiming.first_open(services.table, held.claims(services.table, identity, now=after))


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
    names = [payee.handle for payee in payees]
    found = look_up(services.table, place, user_ids=ids, names=names)
    owners = set(found.names.values()) - set(ids)
    return look_up(services.table, place, user_ids=[*ids, *sorted(owners)], names=names) if owners else found


def _draft(programme: Programme, mention: Mention, reading: Reading) -> Intent:
    payee = reading.payees[0] if reading.payees else None
    said = {
        "note": reading.note or "",
        "payee_handle": payee.handle if payee else "",
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
        amount_minor=reading.amount_minor or 0,
        currency=reading.currency or "",
        correlation_id=mention.correlation_id,
        ttl=mention.received_at + programme.durations.remembered_seconds,
        said={name: value for name, value in said.items() if value},
    )


def _language(programme: Programme, mention: Mention, reading: Reading) -> str:
    """The writer's language: the verb's, else what the network says of the post, else the programme's."""
    told = (reading.language, mention.language)
    return next((language for language in told if language in LANGUAGES), programme.language)
