"""The real doors to the outside, opened once in a process when they are first needed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib import aws, config, secrets
from chalicelib.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.channels.graph_api import GraphClient
    from chalicelib.services import Posted, Posts, Services

_opened: list[Services] = []


class SecretLinks:
    """The `Links` port: keys from the stage's link secret, two of them while it is rotated."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
        """The live keys, the current one first; with `fresh`, as they were at most five seconds ago."""
        read = secrets.fresh if fresh else secrets.values
        return tuple(version["key"].encode() for version in read(self._secret))


def services() -> Services:
    """The services of this process, as the stage's environment says."""
    if not _opened:
        _opened.append(_open(config.stage()))
    return _opened[0]


def posts(network: str) -> Posts:
    """The client that writes to a network as the stage's bot."""
    stage = config.stage()
    from chalicelib.channels.twitter_api import XClient  # noqa: PLC0415  # one function of six writes to X

    makers: Mapping[str, type[XClient]] = {"twitter": XClient}
    return makers[network](secrets.values(stage.x_secret)[0], base_url=stage.x_api_url)


def private(network: str) -> Callable[[str, str], Posted]:
    """Writes a text privately to a user id of a network, as the stage's bot."""
    if network == "twitter":
        return lambda text, to: posts(network).message(text, to=to)
    from chalicelib.channels.meta_sending import Outgoing  # noqa: PLC0415  # one function of seven writes

    return lambda text, to: chats(network).send(Outgoing(to=to, text=text))


def chats(network: str) -> GraphClient:
    """The client that writes in one of Meta's networks as the stage's page, account or number.

    Raises Unavailable until an operator has filled the secret. An Instagram account's messages go out by its page.
    """
    from chalicelib.channels.graph_api import GraphClient, Sender  # noqa: PLC0415  # one function of seven writes
    from chalicelib.channels.meta_sending import FORMS  # noqa: PLC0415  # likewise

    stage = config.stage()
    bots, keys = config.programme(stage.programme).bots, secrets.values(stage.meta_secret)[0]
    writer = bots["facebook"] if network == "instagram" and "facebook" in bots else bots[network]
    token, app_secret = keys.get(f"{network}_access_token"), keys.get("app_secret")
    if not (token and app_secret):
        raise secrets.SecretMissing(f"secret {stage.meta_secret} lacks what {network} needs; fill it, then try again")
    return GraphClient(
        {"access_token": token, "app_secret": app_secret},
        sender=Sender(id=writer.user_id, form=FORMS[network]),
        base_url=stage.graph_url,
    )


def park(keys: Mapping[str, str]) -> None:
    """Keep the keys of a change that our code could not publish, for an operator; raises Unavailable."""
    _sqs("send_message", QueueUrl=config.stage().changes_dead_url, MessageBody=json.dumps(keys))


def park_entry(keys: Mapping[str, str]) -> None:
    """Keep the keys of a leg that could not become an entry, for `console journal rebuild`; raises Unavailable."""
    _sqs("send_message", QueueUrl=config.stage().entries_dead_url, MessageBody=json.dumps(keys))


def delay(receipt_handle: str, *, seconds: int) -> None:
    """Let a reply's message come again only after so many seconds; raises Unavailable."""
    url = config.stage().replies_url
    _sqs("change_message_visibility", QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds)


@contextmanager
def using(doubles: Services) -> Iterator[None]:
    """Use other services inside the block: for tests and the simulator."""
    before = list(_opened)
    _opened[:] = [doubles]
    try:
        yield
    finally:
        _opened[:] = before


def _sqs(operation: str, **parameters: Any) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

    try:
        getattr(aws.client("sqs"), operation)(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"SQS {operation}: {type(error).__name__}") from error


def _open(stage: config.Stage) -> Services:
    # The webhook opens no door here, and must answer at once.
    from chalicelib.dynamodb import DynamoTable  # noqa: PLC0415  # as above
    from chalicelib.identity.holders import AskedOfTheBank, NobodyAsked  # noqa: PLC0415  # as above
    from chalicelib.identity.kms import KmsCodes  # noqa: PLC0415  # as above
    from chalicelib.notices.sns import SnsSms, SnsTopic  # noqa: PLC0415  # as above
    from chalicelib.services import Services  # noqa: PLC0415  # as above

    programme, function = config.programme(stage.programme), stage.holders_function
    return Services(
        stage=stage,
        programme=programme,
        table=DynamoTable(stage.table),
        codes=KmsCodes(stage.code_key),
        links=SecretLinks(stage.link_secret),
        claim_links=SecretLinks(stage.claim_secret),
        holders=NobodyAsked() if function == config.NO_FUNCTION else AskedOfTheBank(function),
        sms=SnsSms(programme.sms),
        topic=SnsTopic(stage.topic_arn),
    )
