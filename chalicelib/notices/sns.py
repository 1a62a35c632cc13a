"""Amazon SNS: text messages to phones, and the topic that tells of every change."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib import aws
from chalicelib.config import SmsSettings
from chalicelib.errors import Unavailable
from chalicelib.identity.person import PHONE


class SnsSms:
    """The `Sms` port. Texts are transactional; SNS does not send one that would cost more than the programme allows."""

    def __init__(self, settings: SmsSettings) -> None:
        said = {"SMSType": "Transactional", "MaxPrice": settings.max_price_usd, "SenderID": settings.sender_id}
        self._attributes = {
            f"AWS.SNS.SMS.{name}": {"DataType": "Number" if name == "MaxPrice" else "String", "StringValue": value}
            for name, value in said.items()
            if value
        }

    def send(self, phone: str, text: str) -> None:
        """Send a text; raises ValueError for a number not in E.164 form (SNS would bill any), else Unavailable."""
        if not PHONE.fullmatch(phone):
            raise ValueError("a phone number is written like +33612345678")
        _publish(PhoneNumber=phone, Message=text, MessageAttributes=self._attributes)


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
