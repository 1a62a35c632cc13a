"""The real doors to the outside, opened once in a process when they are first needed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chalicelib import config, secrets
from chalicelib.channels.twitter_api import XClient
from chalicelib.dynamodb import DynamoTable
from chalicelib.identity.kms import KmsCodes
from chalicelib.notices.sns import SnsSms, SnsTopic
from chalicelib.services import Posts, Services

_opened: list[Services] = []


class SecretLinks:
    """The `Links` port: keys from the stage's link secret, two of them while it is rotated."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def keys(self) -> tuple[bytes, ...]:
        """The live keys, the current one first."""
        return tuple(version["key"].encode() for version in secrets.values(self._secret))


def services() -> Services:
    """The services of this process, as the stage's environment says."""
    if not _opened:
        _opened.append(_open(config.stage()))
    return _opened[0]


def posts(network: str) -> Posts:
    """The client that writes to a network as the stage's bot."""
    stage = config.stage()
    makers: Mapping[str, type[XClient]] = {"twitter": XClient}
    return makers[network](secrets.values(stage.x_secret)[0], base_url=stage.x_api_url)


@contextmanager
def using(doubles: Services) -> Iterator[None]:
    """Use other services inside the block: for tests and the simulator."""
    before = list(_opened)
    _opened[:] = [doubles]
    try:
        yield
    finally:
        _opened[:] = before


def _open(stage: config.Stage) -> Services:
    return Services(
        stage=stage,
        programme=config.programme(stage.programme),
        table=DynamoTable(stage.table),
        codes=KmsCodes(stage.code_key),
        links=SecretLinks(stage.link_secret),
        sms=SnsSms(),
        topic=SnsTopic(stage.topic_arn),
    )
