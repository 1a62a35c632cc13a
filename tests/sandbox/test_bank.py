"""What the sandbox shows of the bank: who has a phone, and who they are on each network."""

from typing import Any

import pytest

from local.sandbox.bank import chats, held, intents, notices, phones
from local.sandbox.messenger import psid

ZOE = {"PK": "P#zoe", "SK": "0", "name": "Zoé", "phone": "+33639980004", "account": "a-zoe", "created_at": 1}
PAGE = "104512345670014"


def handle(user_id: str, **more: Any) -> dict[str, Any]:
    """Zoé's social identity on Messenger."""
    return {"PK": f"L#facebook#{PAGE}#{user_id}", "SK": "0", "person": "zoe", "label": "", **more}


def test_somebody_not_linked_has_an_id_of_their_own() -> None:
    """The same one each time, so that they can begin their conversation before the bank knows it."""
    (phone,) = phones([ZOE], {"a-zoe": "123456"})
    assert (phone["psid"], phone["linked"], phone["chat_name"]) == (psid("zoe"), False, "")


def test_somebody_linked_has_the_id_that_the_bank_knows() -> None:
    """With the @name on file there, which is not the one on X."""
    x = {"PK": "L#twitter#1#2", "SK": "0", "person": "zoe", "label": "zoe_m"}
    (phone,) = phones([ZOE, x, handle("881", label="zoe.m")], {})
    assert (phone["psid"], phone["linked"], phone["chat_name"], phone["handle"]) == ("881", True, "zoe.m", "zoe_m")


def test_a_link_that_was_taken_back_still_tells_who_it_was() -> None:
    """The conversation goes on in it; one that is linked now comes first."""
    gone = handle("881", label="zoe.m", unlinked_at=5)
    assert chats([gone]) == {"zoe": {"psid": "881", "linked": False, "chat_name": ""}}
    for items in ([gone, handle("882")], [handle("882"), gone]):
        assert chats(items)["zoe"]["psid"] == "882"


@pytest.mark.parametrize(
    ("label", "road"),
    [
        ("link#1", "SMS"),
        ("paired", "SMS"),
        ("paired#reply", "answer"),
        ("reply#2", "reply"),
        ("private#1", "private message"),
        ("hello", "private message"),
    ],
)
def test_a_notice_tells_by_which_road_it_went(label: str, road: str) -> None:
    """As its claim's label says."""
    (told,) = notices([{"PK": "N#twitter#2#20000", "SK": label, "at": 1}])
    assert told["road"] == road


def test_that_a_question_was_answered_is_no_notice() -> None:
    """It is kept beside them, by whom nobody was told anything."""
    assert notices([{"PK": "N#choice#i1", "SK": "once", "message": "i2", "ttl": 9}]) == []


def test_what_is_held_tells_for_whom_and_how_it_ended() -> None:
    """The fee is held with it; a wish that the sweep has not seen yet is told as such."""
    order = {"PK": "T#i1", "SK": "0", "order": "send", "said": {"payee_handle": "kenta"}}
    claim = {
        "PK": "C#i1", "SK": "0", "status": "open", "payer": "hanako", "payer_person": "hanako", "network": "facebook",
        "page": PAGE, "user_id": "77", "amount_minor": 1_000, "fee_minor": 165, "currency": "JPY", "opened_at": 5,
        "expires_at": 9,
    }  # fmt: skip
    (told,) = held([order, claim])
    assert (told["payee"], told["amount"], told["status"], told["at"]) == ("kenta", "¥1,165", "open", 5)
    assert held([claim | {"wish": "refused"}])[0]["status"] == "refused: the sweep is next"
    assert held([claim | {"status": "returned", "ended_at": 9}])[0]["status"] == "returned"


def test_orders_of_one_second_stand_as_their_network_says() -> None:
    """By its milliseconds, then by the ids of posts, which grow."""
    moments = {"i1": (7, 7_900, "m_b"), "i2": (7, 7_100, "m_c"), "i3": (8, 8_000, "m_a"), "i4": (7, 7_100, "m_d")}
    orders = [
        {
            "PK": f"T#{name}", "SK": "0", "order": "send", "status": "pending", "received_at": at,
            "sent_millis": millis, "message_id": message,
        }
        for name, (at, millis, message) in moments.items()
    ]  # fmt: skip
    assert [told["message"] for told in intents(orders)] == ["m_a", "m_b", "m_d", "m_c"]
    older = {name: value for name, value in orders[0].items() if name != "sent_millis"}
    assert [told["message"] for told in intents([older, *orders[1:]])] == ["m_a", "m_d", "m_c", "m_b"]
