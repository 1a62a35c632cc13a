"""Who has a phone number: found by its digest, never first come, first served."""

from chalicelib.identity import store as people
from chalicelib.identity.person import Person, phone_id
from chalicelib.refusals import Refusal
from chalicelib.table import person_key, phone_key
from tests.bank import FakeClock
from tests.memory_table import MemoryTable

NUMBER = "+33698765478"
ZOE = Person(id="zoe", name="Zoé Martin", phone=NUMBER, language="fr", account="zoe")
YANN = Person(id="yann", name="Yann Martin", phone=NUMBER, language="fr", account="yann")
CLOCK = FakeClock().clock()


def test_a_new_person_is_found_by_their_number() -> None:
    """In two round trips; nobody is by another one."""
    table = MemoryTable()
    assert people.add_person(table, ZOE, clock=CLOCK) is None
    table.usage.__init__()  # type: ignore[misc]  # counted anew
    assert people.holders(table, NUMBER) == [ZOE]
    assert table.usage.round_trips == 2
    assert people.holders(table, "+33698765479") == []


def test_the_number_is_stored_with_its_person_alone() -> None:
    """What it is found by holds neither it nor its digits."""
    table = MemoryTable()
    people.add_person(table, ZOE, clock=CLOCK)
    others = {key: item for key, item in table.items.items() if key != person_key("zoe")}
    assert list(others) == [phone_key(phone_id(NUMBER), "zoe")]
    assert NUMBER[1:] not in repr(others)


def test_two_people_with_one_number_are_both_found() -> None:
    """Added one after the other or at the same moment, when the first try of either is refused as busy."""
    table = MemoryTable(faults=["busy"])
    assert people.add_person(table, ZOE, clock=CLOCK) is None
    table.faults = ["busy", "lost"]
    assert people.add_person(table, YANN, clock=CLOCK) is None
    assert {one.id for one in people.holders(table, NUMBER)} == {"zoe", "yann"}


def test_a_person_is_added_once() -> None:
    """An answer that was lost, and the same call again: refused, and nothing is changed by it."""
    table = MemoryTable(faults=["lost"])
    assert people.add_person(table, ZOE, clock=CLOCK) is None
    before = dict(table.items)
    rejection = people.add_person(table, ZOE, clock=CLOCK)
    assert rejection and rejection.refusal is Refusal.ALREADY_SEEN
    assert table.items == before
    taken = people.add_person(table, Person(**{**vars(ZOE), "phone": "+33698765400"}), clock=CLOCK)
    assert taken and table.items == before


def test_who_has_no_number_is_found_by_none() -> None:
    """An empty number is nobody's."""
    table = MemoryTable()
    people.add_person(table, Person(**{**vars(ZOE), "phone": ""}), clock=CLOCK)
    assert list(table.items) == [person_key("zoe")]


def test_a_number_that_is_not_theirs_any_more_finds_nobody() -> None:
    """The person's own item says what number they have now, whatever leads to it."""
    table = MemoryTable()
    people.add_person(table, ZOE, clock=CLOCK)
    table.items[person_key("zoe")]["phone"] = "+33698765400"
    assert people.holders(table, NUMBER) == []
