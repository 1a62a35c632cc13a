"""`console resources`: what a stage stands on before `chalice deploy`: table, keys, secrets, queues, topic, alarms."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console import output, stage
from local.stages import is_local

if TYPE_CHECKING:
    from local.changes import Change
    from local.package import Package
    from local.resources import ResourceStack


# What Chalice calls the API of every stage; its metrics are found by that name.
API_NAME = "envoi"
# Of resources that come up as they should, so many make a line.
EVERY = 20


def register(subparsers: Any) -> None:
    """Add `resources deploy`."""
    commands = subparsers.add_parser("resources", help="bring up what a stage stands on").add_subparsers(required=True)
    deploy = commands.add_parser(
        "deploy", help="create or update the resource stack, and make the project that `chalice deploy` runs in"
    )
    deploy.set_defaults(run=_deploy)
    deploy.add_argument("--page-url", help="address of the pages, https://domain/p; kept from one deploy to the next")
    deploy.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="another parameter of the template"
    )
    deploy.add_argument("--to", type=Path, help="where the project is made (default: .local/deploy/STAGE)")
    deploy.add_argument("--records", type=Path, help="where Chalice keeps its record (default: .chalice/deployed)")
    deploy.add_argument("--yes", action="store_true", help="do not ask")
    stage.add_options(deploy)


def _deploy(arguments: argparse.Namespace) -> int:
    """Package first, so that nothing is made for a zip that may not be deployed."""
    from local.changes import StackFailed
    from local.package import PackagingFailed, package
    from local.project import NotOurs

    if is_local(arguments.stage):
        return output.refuse(
            f"The stage {arguments.stage} is one stack: `python -m local up` brings it up. Try --stage trial."
        )
    try:
        made = package(arguments.stage)
        stage.use(arguments.stage)
        changed = _brought_up(arguments)
        return 1 if changed is None else _prepared(arguments, made, changed=changed)
    except (PackagingFailed, StackFailed, NotOurs) as failure:
        return output.refuse(str(failure))


def _brought_up(arguments: argparse.Namespace) -> int | None:
    """Create or update the stack after asking; how many resources changed, None if it is refused or not agreed to."""
    from local import changes
    from local.resources import resource_stack

    cloudformation, name, wanted = changes.client(), stack_name(arguments.stage), resource_stack()
    if changes.status(cloudformation, f"envoi-{arguments.stage}"):
        output.refuse(f"Nothing done: stage {arguments.stage} is one stack, and keeps that way of deploying.")
        return None
    values = _values(arguments, wanted, before=changes.parameters(cloudformation, name))
    if values is None:
        return None
    proposed = changes.propose(cloudformation, name, wanted.template, values)
    if not _agreed(arguments, proposed):
        changes.discard(cloudformation, name)
        return None
    if proposed:
        changes.execute(
            cloudformation,
            name,
            Progress(_say, named={change.name for change in proposed if change.kind in changes.PRECIOUS}).hear,
        )
        cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
    return len(proposed)


def _values(
    arguments: argparse.Namespace, wanted: "ResourceStack", *, before: Mapping[str, str]
) -> Mapping[str, str] | None:
    """The stack's parameters: as given, else as they were, else the template's; None, told, if one is missing."""
    given = dict(each.split("=", 1) for each in arguments.set if "=" in each) | {"Stage": arguments.stage}
    if "ApiName" in wanted.template["Parameters"]:
        given["ApiName"] = API_NAME
    given["UsesX"] = _uses_x(arguments.stage)
    if arguments.page_url:
        given["PageUrl"] = arguments.page_url
    known = wanted.template["Parameters"]
    wrong = [each for each in arguments.set if each.split("=", 1)[0] not in known or "=" not in each]
    values = {name: value for name, value in before.items() if name in known} | given
    missing = [name for name, one in known.items() if "Default" not in one and name not in values]
    if wrong:
        output.refuse(f"Nothing done: {', '.join(wrong)}: parameters are NAME=VALUE, one of {', '.join(known)}.")
    elif missing:
        output.refuse(f"Nothing done: say {' and '.join(_option(name) for name in missing)}.")
    return None if wrong or missing else values


def _uses_x(name: str) -> str:
    from local import package, programmes

    return programmes.uses_x(package.stages()[name])


def _option(parameter: str) -> str:
    return "--page-url https://DOMAIN/p" if parameter == "PageUrl" else f"--set {parameter}=…"


def _agreed(arguments: argparse.Namespace, proposed: "Sequence[Change]") -> bool:
    """Tell what would change and ask; what would lose money, keys or secrets is refused whoever agrees."""
    for line in folded(proposed):
        _say(line)
    if lost := [change.name for change in proposed if change.loses]:
        output.refuse(f"Nothing done: {', '.join(lost)} would be lost to the stage.")
        return False
    return not proposed or stage.agreed(f"Do this to {stack_name(arguments.stage)}?", yes=arguments.yes)


def folded(proposed: "Sequence[Change]") -> Iterator[str]:
    """What would change, a line each; what is only added in one line by its kind, but for money, keys and secrets."""
    from local.changes import PRECIOUS

    added = [change for change in proposed if change.action == "Add" and change.kind not in PRECIOUS]
    if added:
        kinds = Counter(change.kind.rsplit("::", 1)[-1] for change in added).most_common()
        yield f"{'Add':8}{len(added)} resources: {', '.join(f'{number} {kind}' for kind, number in kinds)}"
    yield from (f"{change.action:8}{change.name}  {change.kind}" for change in proposed if change not in added)


class Progress:
    """Tells of a stack's events those of `named` resources and those that went wrong; counts the others."""

    def __init__(self, say: Callable[[str], None], *, named: Collection[str]) -> None:
        self._say, self._named, self._done = say, named, 0

    def hear(self, line: str) -> None:
        """Take one line of the stack's events: a status, then the resource and what AWS says of it."""
        status, name = (*line.split(None, 2), "")[:2]
        if name in self._named or status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            self._say(line)
            return
        self._done += 1
        if self._done % EVERY == 0:
            self._say(f"{self._done} resources done")


def _prepared(arguments: argparse.Namespace, made: "Package", *, changed: int) -> int:
    """Make the project and tell the next command."""
    from local import changes, project
    from local.resources import resource_stack

    stack, wanted = stack_name(arguments.stage), resource_stack()
    found = changes.outputs(changes.client(), stack)
    variables = {name: found[key] for name, key in wanted.variables.items()}
    to = arguments.to or project.PROJECTS / arguments.stage
    project.prepare(made, variables, to=to, records=arguments.records or project.RECORDS)
    if wanted.left_out:
        _say(f"Not in this way of deploying: {', '.join(wanted.left_out)} (see docs/deploying.md).")
    chalice = Path(sys.executable).parent / "chalice"
    told = {"stack": stack, "changed": output.count(changed, "resource") if changed else "nothing"}
    return output.tell(arguments, [{**told, "next": f"cd {to} && {chalice} deploy --stage {arguments.stage}"}])


def stack_name(of_stage: str) -> str:
    """The name of a stage's resource stack; the one-stack way is `envoi-STAGE`."""
    return f"envoi-{of_stage}-resources"


def _say(line: str) -> None:
    """Progress goes to standard error: standard output is the result."""
    print(line, file=sys.stderr, flush=True)
