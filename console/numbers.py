"""`console person numbers`: who has a phone number, made again of the customers' own items."""

import argparse

from console import output, stage


def run(arguments: argparse.Namespace) -> int:
    """Store for every customer that their number is theirs, as `person add` does; once more changes nothing."""
    from chalicelib import production
    from chalicelib.identity import store as people
    from chalicelib.identity.person import person_from_item
    from console import everything

    stage.use(arguments.stage)
    services = production.services()
    numbered = 0
    for item in everything.search(("P#",), lambda one: bool(one["phone"]), told_from=2):
        people.put_number(services.table, person_from_item(item), clock=services.clock)
        numbered += 1
    return output.tell(arguments, [{"people_with_a_number": numbered}])
