"""The use cases of payees in private messages: a choice among two of one name, and numbers that two people have."""

from collections.abc import Callable

from chalicelib.channels import Mention
from chalicelib.identity import store as people
from chalicelib.identity.person import Person, phone_id
from chalicelib.intents import choosing, store
from chalicelib.intents.intent import Intent, intent_id, to_item
from chalicelib.intents.taps import Choice
from chalicelib.refusals import Refusal
from chalicelib.table import handle_key, intent_key, phone_key
from tests.simulation import posts
from tests.simulation.bank import BOT, NETWORK
from tests.simulation.invariants import demand
from tests.simulation.scheduler import Act
from tests.simulation.stage import PLAYERS, Stage

NUMBER = "+33698765478"
NAMES = ("person1", "person2")


def chosen(stage: Stage) -> None:
    """A tap places the order that was asked about, once, however often it comes."""
    asked, tap = _asked(stage), _tap(stage)
    _settle(stage, tap, asked, 0)
    _settle(stage, tap, asked, 0)
    stage.ends.append(lambda: _placed(stage, [tap], NAMES[:1]))


def chosen_twice_at_once(stage: Stage) -> None:
    """Two taps in one moment, each on another name: one of them is an order, the other is told that it is too late."""
    asked, taps = _asked(stage), [_tap(stage) for _ in NAMES]
    for number, tap in enumerate(taps):
        stage.world.scheduler.spawn("tap", lambda tap=tap, number=number: _settle(stage, tap, asked, number))  # type: ignore[misc]  # mypy infers no lambda with defaults
    stage.world.scheduler.pause(60)
    stage.ends.append(lambda: _placed(stage, taps, NAMES))


def chosen_by_somebody_else(stage: Stage) -> None:
    """Whoever has seen the payload is told that it is too late, and the question stays open."""
    asked, thief, tap = _asked(stage), _tap(stage, "person1"), _tap(stage)
    _settle(stage, thief, asked, 0)
    _settle(stage, tap, asked, 1)
    stage.ends.append(lambda: _placed(stage, [tap], NAMES[1:]))
    stage.ends.append(lambda: _refused(stage, thief, Refusal.CHOICE_OVER))


def chosen_who_was_unlinked(stage: Stage) -> None:
    """Between question and tap they have left: nobody is paid."""
    asked, tap = _asked(stage), _tap(stage)
    stage.edit(handle_key(NETWORK, BOT.user_id, PLAYERS[NAMES[0]].user_id), unlinked_at=1)
    _settle(stage, tap, asked, 0)
    stage.ends.append(lambda: _refused(stage, tap, Refusal.PAYEE_UNPAIRED))


def added_with_one_number(stage: Stage) -> None:
    """Two customers with one number, added in one moment: both are found by it, so that it is nobody's."""
    for name in ("zoe", "yann"):
        stage.world.scheduler.spawn("desk", lambda name=name: stage.again(_adding(stage, _person(name))))  # type: ignore[misc]  # mypy infers no lambda with defaults
    stage.world.scheduler.pause(60)
    stage.ends.append(lambda: _both_found(stage))


def added_under_an_id_that_is_taken(stage: Stage) -> None:
    """Whoever has it keeps name and number, and nobody is found by the other number."""
    zoe, thief = _person("zoe"), Person(**{**vars(_person("zoe")), "name": "Mallory", "phone": "+33698765400"})
    for person in (zoe, thief, zoe):
        stage.again(_adding(stage, person))
    stage.ends.append(lambda: _kept(stage, zoe))


CHOICES: tuple[tuple[Callable[[Stage], None], str], ...] = (
    (chosen, "place"),
    (chosen_twice_at_once, "place"),
    (chosen_by_somebody_else, "place"),
    (chosen_who_was_unlinked, "place"),
    (added_with_one_number, "add"),
    (added_under_an_id_that_is_taken, "add"),
)


def _asked(stage: Stage) -> Intent:
    """An order that was refused because its payee's name meant two people."""
    world, payer = stage.world, PLAYERS["person0"]
    number, now = str(world.number()), int(world.scheduler.now)
    keys = " ".join(handle_key(NETWORK, BOT.user_id, PLAYERS[name].user_id)[0] for name in NAMES)
    asked = Intent(
        id=intent_id(NETWORK, BOT.user_id, number), order="send", status="refused", network=NETWORK, page=BOT.user_id,
        author_id=payer.user_id, message_id=number, language="fr", private=True, created_at=now, received_at=now,
        refusal=Refusal.PAYEE_AMBIGUOUS, payer=payer.name, payer_person=payer.name, amount_minor=1_000, currency="EUR",
        choices=keys, said={"choices": "\n".join(f"Name\t@{name}" for name in NAMES)}, ttl=now + 86_400,
    )  # fmt: skip
    line = store.list_order(asked)
    world.storage.items |= {intent_key(asked.id): to_item(asked), line.key: line.item}
    return asked


def _tap(stage: Stage, by: str = "person0") -> Mention:
    world = stage.world
    return posts.prose(PLAYERS[by], number=world.number(), now=int(world.scheduler.now)).mention


def _id(tap: Mention) -> str:
    return intent_id(tap.network, tap.page, tap.origin_id)


def _settle(stage: Stage, tap: Mention, asked: Intent, number: int) -> None:
    """The queue delivers the tap until it is taken."""
    world, choice = stage.world, Choice(asked.id, number)
    stage.again(lambda: world.run(Act("place", _id(tap)), lambda: choosing.settle(world.services, tap, choice)))


def _person(name: str) -> Person:
    return Person(id=name, name=name.title(), phone=NUMBER, language="fr", account=name)


def _adding(stage: Stage, person: Person) -> Callable[[], bool | None]:
    world = stage.world

    def add() -> bool:
        rejection = people.add_person(world.table, person, clock=world.services.clock)
        return rejection is None or rejection.refusal is Refusal.ALREADY_SEEN

    return lambda: world.run(Act("add", person.id), add)


def _placed(stage: Stage, taps: list[Mention], payees: tuple[str, ...]) -> None:
    items = [stage.world.storage.items.get(intent_key(_id(tap)), {}) for tap in taps]
    demand(all(items), "a tap has made no order")
    payments = [item for item in items if item["status"] != "refused"]
    demand(len(payments) == 1, f"{len(payments)} orders were made of one question")
    (payment,) = payments
    demand(payment["payee"] in payees and payment["amount_minor"] == 1_000, f"{payment['payee']} was chosen")
    others = {item["refusal"] for item in items if item is not payment}
    demand(others <= {Refusal.CHOICE_OVER}, f"the others were refused as {others}")


def _refused(stage: Stage, tap: Mention, refusal: Refusal) -> None:
    item = stage.world.storage.items.get(intent_key(_id(tap)), {})
    demand(item.get("refusal") == refusal, f"the tap was refused as {item.get('refusal')}")


def _kept(stage: Stage, person: Person) -> None:
    items = stage.world.storage.items
    demand(items["P#zoe", "0"]["name"] == person.name, f"zoe is {items['P#zoe', '0']['name']}")
    numbers = [key for key in items if key[0].startswith("F#")]
    demand(numbers == [phone_key(phone_id(person.phone), "zoe")], f"zoe is found by {len(numbers)} numbers")


def _both_found(stage: Stage) -> None:
    items = stage.world.storage.items
    found = {key[1] for key in items if key[0].startswith("F#")}
    demand(found == {"zoe", "yann"}, f"the number is that of {found}")
    demand(all((f"P#{name}", "0") in items for name in found), "somebody has a number and is not there")
