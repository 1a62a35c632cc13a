"""Amazon SNS: text messages to phones, and the topic that tells of every change."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib import aws
from chalicelib.errors import Unavailable
from chalicelib.identity.person import PHONE


class SnsSms:
    """The `Sms` port. The text is transactional; its sender id and price cap are the account's settings."""

    def send(self, phone: str, text: str) -> None:
        """Send a text; raises ValueError for a number not in E.164 form (SNS would bill any), else Unavailable."""
        if not PHONE.fullmatch(phone):
            raise ValueError("a phone number is written like +33612345678")
        kind = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        _publish(PhoneNumber=phone, Message=text, MessageAttributes=kind)


class SnsTopic:
    """The `Topic` port."""

    def __init__(self, arn: str) -> None:
        self._arn = arn

    def publish(self, message: Mapping[str, Any], *, attributes: Mapping[str, str]) -> None:
        """Publish a message as JSON with its filter attributes; raises Unavailable."""
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        _publish(TopicArn=self._arn, Message=json.dumps(message), MessageAttributes=typed)


def _publish(**parameters: Any) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

    try:
        aws.client("sns").publish(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"SNS publish: {type(error).__name__}") from error
