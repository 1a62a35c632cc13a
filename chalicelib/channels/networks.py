"""The registered networks: one line each."""

from collections.abc import Callable, Mapping

from chalicelib.channels import Network
from chalicelib.channels.twitter import Twitter
from chalicelib.config import Programme

_MAKERS: Mapping[str, Callable[[Programme], Network]] = {
    "twitter": lambda programme: Twitter(
        programme.bots["twitter"], max_age_seconds=programme.durations.message_age_seconds
    ),
}


def network(name: str, programme: Programme) -> Network:
    """A network as a programme uses it; raises KeyError for one that is not registered."""
    return _MAKERS[name](programme)
