"""`console person`: customers and their social identities."""

import argparse
import getpass
import secrets
from typing import Any

from console import output, stage

NETWORKS = ("twitter",)
KINDS = ("person", "charity", "merchant")


def register(subparsers: Any) -> None:
    """Add `person add`, `person list`, `person link` and `person code`."""
    commands = subparsers.add_parser("person", help="add, list, link customers").add_subparsers(required=True)
    add = commands.add_parser("add", help="a new customer, their account and their security code")
    add.add_argument("name", help="the verified name, as payers will see it")
    add.add_argument("--phone", default="", help="the bound number, such as +33612345678")
    add.add_argument("--kind", choices=KINDS, default="person")
    add.add_argument("--language", choices=("fr", "en", "ja"), default="fr")
    add.set_defaults(run=_add)
    listing = commands.add_parser("list", help="every customer")
    listing.set_defaults(run=_list)
    link = commands.add_parser("link", help="bind a social identity, as the network's immutable id")
    link.add_argument("person")
    link.add_argument("--network", choices=NETWORKS, default="twitter")
    link.add_argument("--user-id", required=True)
    link.add_argument("--handle", required=True, help="the @name it has now")
    link.set_defaults(run=_link)
    code = commands.add_parser("code", help="set a customer's security code; it is asked for, never an argument")
    code.add_argument("person")
    code.set_defaults(run=_code)
    for command in (add, listing, link, code):
        stage.add_options(command)


def _add(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import store as people
    from chalicelib.identity.person import Person
    from chalicelib.ledger import store as ledger
    from chalicelib.ledger.account import new_item

    stage.use(arguments.stage)
    services = production.services()
    number = secrets.token_hex(6)
    person = Person(
        id=f"p-{number}",
        name=arguments.name,
        phone=arguments.phone,
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
    return output.tell(arguments, [{"person": person.id, "account": person.account, "name": person.name}])


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
    handle = Handle(
        network=arguments.network,
        page=services.programme.bots[arguments.network].user_id,
        user_id=arguments.user_id,
        label=arguments.handle.removeprefix("@"),
        person=person.id,
        account=person.account,
        name=person.name,
    )
    if people.link(services.table, handle, clock=services.clock):
        return output.refuse(f"Nothing linked: id {handle.user_id} or @{handle.label} is linked already.")
    return output.tell(arguments, [{"person": person.id, "user_id": handle.user_id, "handle": handle.label}])


def _code(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.identity import code
    from chalicelib.identity import store as people
    from chalicelib.ledger import store as ledger

    stage.use(arguments.stage)
    services = production.services()
    person = people.person(services.table, arguments.person)
    if person is None:
        return output.refuse(f"There is no person {arguments.person}; `console person list` names them all.")
    digits = code.typed(getpass.getpass("Security code, 6 digits: "))
    if digits is None or digits != code.typed(getpass.getpass("Once more: ")):
        return output.refuse("Nothing changed: that is no 6-digit code, typed twice the same.")
    ledger.set_code(services.table, person.account, mac=services.codes.mac(person.account, digits))
    return output.tell(arguments, [{"person": person.id, "code": "set"}])
