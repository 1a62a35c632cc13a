"""`console person`: customers and their social identities."""

import argparse
import getpass
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console import numbers, output, stage

if TYPE_CHECKING:
    from chalicelib.identity.person import Person
    from chalicelib.services import Services

NETWORKS = ("twitter", "facebook")
# Where nobody has an @name: the person opens the chat by a button of the join page.
CHATS = ("facebook",)
KINDS = ("person", "charity", "merchant")


def register(subparsers: Any) -> None:
    """Add `person add`, `person list`, `person link` and `person code`."""
    commands = subparsers.add_parser("person", help="add, list, link customers").add_subparsers(required=True)
    add = commands.add_parser("add", help="a new customer, their account and their security code")
    add.add_argument("name", help="the verified name, as payers will see it")
    add.add_argument("--phone", default="", help="the bound mobile number, such as 06 12 34 56 78 or +33612345678")
    add.add_argument("--shared-phone", action="store_true", help="although another customer has this number")
    add.add_argument("--iban", default="", help="their bank account")
    add.add_argument("--kind", choices=KINDS, default="person")
    add.add_argument("--language", choices=("fr", "en", "ja"), default="fr")
    add.add_argument("--network", choices=NETWORKS, default="", help="invite them by SMS to link themselves there")
    add.add_argument("--handle", default="", help="invite them by SMS to choose a code and bind this @name on X")
    add.add_argument("--user-id", default="", help="the network's id of that @name, if it is known")
    add.set_defaults(run=_add)
    listing = commands.add_parser("list", help="every customer")
    listing.set_defaults(run=_list)
    link = commands.add_parser("link", help="bind a social identity, as the network's immutable id")
    link.add_argument("person")
    link.add_argument("--network", choices=NETWORKS, default="twitter")
    link.add_argument("--user-id", required=True)
    link.add_argument("--handle", default="", help="the @name it has now, on a network that knows @names")
    link.add_argument("--paid-reply", action="store_true", help='they want to be told "paid" under their posts')
    link.set_defaults(run=_link)
    unlink = commands.add_parser("unlink", help="unbind a social identity; it orders nothing any more")
    unlink.add_argument("--network", choices=NETWORKS, default="twitter")
    unlink.add_argument("--user-id", required=True)
    unlink.set_defaults(run=_unlink)
    invite = commands.add_parser("invite", help="send the SMS with which a customer links themselves")
    invite.add_argument("person")
    invite.add_argument("--network", choices=NETWORKS, default="twitter")
    invite.add_argument("--handle", default="", help="the @name to bind, on a network that knows @names")
    invite.add_argument("--user-id", default="")
    invite.set_defaults(run=_invite_again)
    code = commands.add_parser("code", help="set a customer's security code; it is asked for, never an argument")
    code.add_argument("person")
    code.set_defaults(run=_code)
    index = commands.add_parser("numbers", help="make again by which number each customer is found")
    index.set_defaults(run=numbers.run)
    for command in (add, listing, link, unlink, invite, code, index):
        stage.add_options(command)


def _add(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import store as people
    from chalicelib.identity.person import Person
    from chalicelib.ledger import store as ledger
    from chalicelib.ledger.account import new_item
    from console import particulars

    stage.use(arguments.stage)
    services = production.services()
    phone, iban, fault = particulars.checked(arguments, services.programme)
    fault = fault or _unfit(services, arguments, phone=phone)
    if fault:
        return output.refuse(f"Nothing added: {fault}")
    if phone and not arguments.shared_phone and (holder := _holder(services, phone)):
        return output.refuse(
            f"Nothing added: {holder} has this number, and its SMS prove who pays. Is it the same customer? If "
            "not, and both know that the other sees their links and receipts, add --shared-phone."
        )
    number = secrets.token_hex(6)
    person = Person(
        id=f"p-{number}",
        name=arguments.name,
        phone=phone,
        iban=iban,
        language=arguments.language,
        account=f"a-{number}",
    )
    try:
        rejection = people.add_person(services.table, person, clock=services.clock)
    except ValueError as error:
        return output.refuse(f"Nothing added: {error}.")
    account = new_item(person.account, person=person.id, kind=arguments.kind, currency=services.programme.currency)
    if rejection or ledger.open_account(services.table, account):
        return output.refuse("Nothing added: the id is taken; try again.")
    if arguments.kind == "charity":
        _share_out(services, person.account)
    told = {"person": person.id, "account": person.account, "name": person.name}
    if not (arguments.handle or arguments.network):
        return output.tell(arguments, [told])
    invited = _invite(services, person, arguments)
    return output.tell(
        arguments, [{**told, "invited": "by SMS" if invited else "NOT: the handle has an open invitation"}]
    )


def _unfit(services: "Services", arguments: argparse.Namespace, *, phone: str = "+") -> str:
    """Why nobody can be invited or linked as it was typed; empty if it fits, or if it is not asked for."""
    network = arguments.network or ("twitter" if arguments.handle else "")
    if not network:
        return ""
    if network not in services.programme.bots:
        return f"the programme {services.programme.name} is not on {network}."
    if network not in CHATS and not arguments.handle:
        return f"on {network} people are known by their @name: add --handle."
    if network in CHATS and arguments.handle.strip("@") and arguments.run is not _link:
        return f"on {network} nobody has an @name: leave out --handle."
    return "" if phone else "an invitation goes by SMS, and there is no number."


def _holder(services: "Services", phone: str) -> str | None:
    """Who has a number, by a search of the table; whose account is closed gets no SMS any more."""
    from chalicelib.ledger import store as ledger
    from console import everything

    for item in everything.search(("P#",), lambda one: one["phone"] == phone, told_from=2):
        account = ledger.account(services.table, item["account"])
        if account is None or account.status != "closed":
            return str(item["PK"].removeprefix("P#"))
    return None


def _share_out(services: "Services", account_id: str) -> None:
    """Give a charity the sub-balances that it starts with; cut off here, `console account shards` goes on."""
    from chalicelib.ledger import sharding
    from chalicelib.ledger import store as ledger

    account = ledger.account(services.table, account_id)
    if account:
        sharding.raise_to(services.table, account, sharding.FIRST, clock=services.clock)


def _invite(services: "Services", person: "Person", arguments: argparse.Namespace) -> bool:
    """Invite a person to bind an @name, or a chat where there are none; the SMS goes out by the stream."""
    from chalicelib.identity import store as people
    from chalicelib.intents.inviting import invitation_of

    network, label = arguments.network or "twitter", arguments.handle.removeprefix("@")
    invited = replace(invitation_of(services, person, network, label=label), user_id=arguments.user_id)
    return people.invite(services.table, invited, clock=services.clock) is None


def _invite_again(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import store as people

    stage.use(arguments.stage)
    services = production.services()
    person = people.person(services.table, arguments.person)
    if person is None:
        return output.refuse(f"There is no person {arguments.person}; `console person list` names them all.")
    if fault := _unfit(services, arguments, phone=person.phone):
        return output.refuse(f"Nothing sent: {fault}")
    if not _invite(services, person, arguments):
        whom = f"@{arguments.handle.removeprefix('@')}" if arguments.handle else f"{person.id} on {arguments.network}"
        return output.refuse(f"Nothing sent: {whom} has an open invitation already.")
    return output.tell(arguments, [{"person": person.id, "invited": "by SMS"}])


def _list(arguments: argparse.Namespace) -> int:
    from console import everything

    stage.use(arguments.stage)
    rows = [
        {
            "person": item["PK"][2:],
            "account": item["account"],
            "name": item["name"],
            "phone": "***" + item["phone"][-2:],
        }
        for item in everything.items()
        if item["PK"].startswith("P#")
    ]
    return output.tell(arguments, rows)


def _link(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import store as people
    from chalicelib.identity.person import Handle

    stage.use(arguments.stage)
    services = production.services()
    person = people.person(services.table, arguments.person)
    if person is None:
        return output.refuse(f"There is no person {arguments.person}; `console person list` names them all.")
    if fault := _unfit(services, arguments):
        return output.refuse(f"Nothing linked: {fault}")
    handle = Handle(
        network=arguments.network,
        page=services.programme.bots[arguments.network].user_id,
        user_id=arguments.user_id,
        label=arguments.handle.removeprefix("@"),
        person=person.id,
        account=person.account,
        name=person.name,
        language=person.language,
        paid_reply=arguments.paid_reply,
    )
    if people.link(services.table, handle, clock=services.clock):
        return output.refuse(f"Nothing linked: id {handle.user_id} or @{handle.label} is linked already.")
    return output.tell(arguments, [{"person": person.id, "user_id": handle.user_id, "handle": handle.label}])


def _unlink(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import store as people
    from chalicelib.table import Rejection

    stage.use(arguments.stage)
    services = production.services()
    if arguments.network not in services.programme.bots:
        return output.refuse(f"Nothing unlinked: the programme is not on {arguments.network}.")
    place = (arguments.network, services.programme.bots[arguments.network].user_id)
    if isinstance(people.unlink(services.table, place, arguments.user_id, clock=services.clock), Rejection):
        return output.refuse(f"Nothing unlinked: nobody is linked to the id {arguments.user_id}.")
    return output.tell(arguments, [{"user_id": arguments.user_id, "linked": False}])


def _code(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import blocklist, code
    from chalicelib.identity import store as people
    from chalicelib.ledger import store as ledger
    from chalicelib.table import Rejection

    stage.use(arguments.stage)
    services = production.services()
    person = people.person(services.table, arguments.person)
    if person is None:
        return output.refuse(f"There is no person {arguments.person}; `console person list` names them all.")
    digits = code.typed(getpass.getpass("Security code, 6 digits: "))
    if digits is None or digits != code.typed(getpass.getpass("Once more: ")):
        return output.refuse("Nothing changed: that is no 6-digit code, typed twice the same.")
    if blocklist.guessable(digits, phone=person.phone):
        return output.refuse(
            "Nothing changed: that code is guessed first: a date, a run, a repetition, keys in a line, or the end of "
            "their phone number. Have them choose another."
        )
    mac = services.codes.mac(person.account, digits)
    if isinstance(ledger.set_code(services.table, person.account, mac=mac), Rejection):
        return output.refuse(f"Nothing changed: there is no account {person.account}.")
    return output.tell(arguments, [{"person": person.id, "code": "set"}])
