"""What an answer of the Graph API to a message means (Meta docs, Graph API error handling; Cloud API error codes)."""

from collections.abc import Mapping
from typing import Any

from chalicelib.services import Permanent, Posted, Retry, Sent

LIMITED_WAIT_SECONDS = 60
DOWN_WAIT_SECONDS = 10
# As long as the echo of a message usually takes, and then some.
ECHO_WAIT_SECONDS = 30
UNKNOWN = "unknown"
"""The reason of a Retry after which the message may have arrived: its echo tells."""

_OUTSIDE_WINDOW = Permanent("outside_window")
_NOBODY = Permanent("unavailable_person")
_FORBIDDEN = Permanent("forbidden")
# By code and subcode: these strike one message alone.
_BY_SUBCODE: Mapping[tuple[int, int], Permanent] = {
    (10, 2018065): _OUTSIDE_WINDOW,
    (10, 2018108): _OUTSIDE_WINDOW,
    (10, 2018278): _OUTSIDE_WINDOW,
    (100, 33): _NOBODY,
    (100, 2018001): _NOBODY,
    (200, 1545041): _NOBODY,
}
# By code, five and more digits on WhatsApp alone. What alarms would strike every other message too.
_BY_CODE: Mapping[int, Permanent] = {
    **dict.fromkeys((551, 131021, 131026, 131030), _NOBODY),
    131047: _OUTSIDE_WINDOW,
    **dict.fromkeys((230, 130472, 130497, 131049, 131050), _FORBIDDEN),
    **dict.fromkeys((100, 131008, 131009, 131051), Permanent("bad_request", alarm=True)),
    **dict.fromkeys((0, 102, 190), Permanent("unauthorized", alarm=True)),
    **dict.fromkeys((3, 10, 200, 131005, 133010), Permanent("permission", alarm=True)),
    **dict.fromkeys((368, 131031), Permanent("policy", alarm=True)),
    131042: Permanent("unpaid", alarm=True),
}
_LIMITED = {4, 17, 32, 613, 80007, 130429, 131048, 131056}
_DOWN = {1, 2, 1200, 131000, 131016, 131057, 133004}


def outcome(status: int, answer: Mapping[str, Any], *, wait: int | None) -> Posted:
    """Sent, or what to do about an error: the code in the answer says it, else the status.

    A status of 504 says as little as no answer at all.
    """
    error = answer.get("error")
    if isinstance(error, dict):
        if found := _coded(error, wait=wait):
            return found
    elif 200 <= status < 300:
        return Sent(_message_id(answer))
    if status == 429:
        return Retry(wait or LIMITED_WAIT_SECONDS, "rate_limited")
    if status == 504:
        return Retry(ECHO_WAIT_SECONDS, UNKNOWN)
    if status >= 500 or status == 408:
        return Retry(wait or DOWN_WAIT_SECONDS, "unavailable")
    # 3xx is a wrong base URL, 401 a revoked token, 4xx a bug of ours: none of them heals by itself.
    return Permanent({401: "unauthorized"}.get(status, f"status_{status}"), alarm=True)


def _coded(error: Mapping[str, Any], *, wait: int | None) -> Posted | None:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if refused := _BY_SUBCODE.get((code, subcode)):
        return refused
    if code in _LIMITED:
        return Retry(wait or LIMITED_WAIT_SECONDS, "rate_limited")
    if code in _DOWN or error.get("is_transient") is True:
        return Retry(wait or DOWN_WAIT_SECONDS, "unavailable")
    return _BY_CODE.get(code)


def _number(value: object) -> int:
    """A code, -1 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _message_id(answer: Mapping[str, Any]) -> str | None:
    """Messenger and Instagram say `message_id`, WhatsApp a list of messages."""
    messages = answer.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else answer
    found = first.get("id", first.get("message_id")) if isinstance(first, dict) else None
    return found if isinstance(found, str) else None
