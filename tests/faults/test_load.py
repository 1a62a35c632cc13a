"""Many people pay at once through the deployed API, while the wire to AWS throttles, conflicts and loses answers."""

import pytest

from local.faults import Fault, Proxy
from tests.local.faults import quiet
from tests.local.load import WAITING, play
from tests.local.town import FUNDS_MINOR, Town
from tests.simulation.serializability import check

pytestmark = [pytest.mark.local]

PERSONS, EACH = 5, 5
# Prime numbers, so that each kind of call meets each of them sooner or later.
WEATHER = (
    Fault(service="dynamodb", how="lost", operation="TransactWriteItems", every=5),
    Fault(service="dynamodb", how="conflict", operation="TransactWriteItems", every=3),
    Fault(service="dynamodb", how="lost", operation="UpdateItem", every=11),
    Fault(service="dynamodb", how="throttled", operation="GetItem", every=13),
    Fault(service="dynamodb", how="throttled", operation="PutItem", every=7),
    Fault(service="dynamodb", how="twice", operation="UpdateItem", every=7),
    Fault(service="kms", how="throttled", every=17),
    Fault(service="sns", how="throttled", every=19),
)


def test_under_load_and_faults_nothing_is_lost_or_doubled(town: Town, proxy: Proxy) -> None:
    """Everybody pays and is paid exactly what was ordered, no attempt is left, one order explains all that was seen."""
    met = len(proxy.met)
    with proxy.broken(*WEATHER):
        load = play(town, persons=PERSONS, each=EACH)
        history = load.recorded()
    quiet(town.stack)
    assert EACH <= WAITING
    assert {how for _, _, how in proxy.met[met:]} >= {"lost", "conflict", "throttled", "twice"}
    assert len(load.paid) == PERSONS * EACH
    for person in load.people:
        account = town.account(person)
        assert (account["available"], account["attempts"]) == (FUNDS_MINOR, 0)
        assert account["seq"] == 1 + 2 * EACH
    assert check(history) == []
