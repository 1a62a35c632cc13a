"""Envoi's Lambda functions: the routes' blueprints and every trigger; no rule of the business stands here.

Each trigger imports its own work, so that a function starts without what the others need.
"""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from chalice.app import Chalice, CloudWatchEvent, ConvertToMiddleware, DynamoDBEvent, Rate, SQSEvent

from chalicelib import production
from chalicelib.config import stage
from chalicelib.telemetry import metrics
from chalicelib.telemetry.log import LOG, correlated
from chalicelib.web import health, html, routes, webhooks

if TYPE_CHECKING:
    from chalicelib.notices.delivery import Told

STAGE = stage().name
# Chalice makes functions of the Python that it runs on; the emulator's stages run on whatever is there.
PYTHON, EMULATED = (3, 13), ("local", "localrakuten", "trial")
# `chalice deploy` wants a literal ARN when it imports this file; the one-stack template puts in the table's own.
STREAM_ARN = os.environ.get("ENVOI_STREAM_ARN", f"arn:aws:dynamodb:eu-west-3:000000000000:table/envoi-{STAGE}/stream/0")

if os.environ.get("AWS_CHALICE_CLI_MODE") and STAGE not in EMULATED and sys.version_info[:2] != PYTHON:
    sys.exit("Envoi runs on Python {}.{}: deploy with the chalice of that version (docs/deploying.md).".format(*PYTHON))

app = Chalice(app_name="envoi", configure_logs=False)
app.register_middleware(ConvertToMiddleware(LOG.inject_lambda_context))
app.register_middleware(ConvertToMiddleware(metrics.counting()))
app.register_middleware(html.closed, "http")
app.register_blueprint(webhooks.routes)
app.register_blueprint(routes.routes)
app.register_blueprint(health.routes)


@app.on_sqs_message(queue=f"envoi-{STAGE}-inbox", batch_size=1, maximum_concurrency=20)
def read_orders(event: SQSEvent) -> None:
    """Read each message of the inbox and place its order."""
    from chalicelib.channels import inbox
    from chalicelib.intents.inbox import take

    for record in event:
        take(production.services(), inbox.read(record.body))


@app.on_dynamodb_record(stream_arn=STREAM_ARN, batch_size=100, starting_position="TRIM_HORIZON")
def publish_changes(event: DynamoDBEvent) -> None:
    """Publish what has changed in the table."""
    from chalicelib.notices import publishing

    publishing.publish_changes(production.services(), event.to_dict()["Records"], park=production.park)


@app.on_dynamodb_record(stream_arn=STREAM_ARN, batch_size=100, starting_position="TRIM_HORIZON")
def project_entries(event: DynamoDBEvent) -> None:
    """Write the journal's entries of what has moved; the second reader of the stream, and the last that it can have."""
    from chalicelib.ledger import journal

    journal.project(production.services().table, event.to_dict()["Records"], park=production.park_entry)


@app.on_sqs_message(queue=f"envoi-{STAGE}-sms-links", batch_size=1, maximum_concurrency=10)
def send_links(event: SQSEvent) -> None:
    """Send the SMS with the link."""
    _send(event)


@app.on_sqs_message(queue=f"envoi-{STAGE}-sms-receipts", batch_size=1, maximum_concurrency=10)
def send_receipts(event: SQSEvent) -> None:
    """Send every other SMS."""
    _send(event)


@app.on_sqs_message(queue=f"envoi-{STAGE}-replies", batch_size=1, maximum_concurrency=2)
def send_replies(event: SQSEvent) -> None:
    """Answer under a post, or privately; when the network asks to wait, the message waits and comes again."""
    from chalicelib.notices.delivery import Later

    for record, delivery in zip(event, _deliveries(event), strict=True):
        with correlated(delivery.correlation_id):
            try:
                _answer(delivery)
            except Later as later:
                production.delay(record.receipt_handle, seconds=later.after_seconds)
                raise


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: CloudWatchEvent) -> None:  # noqa: ARG001  # the time is all that it says
    """Expire what nobody answered in time."""
    from chalicelib.intents import sweeping

    sweeping.sweep(production.services())


@app.schedule(Rate(1, unit=Rate.HOURS))
def gather(event: CloudWatchEvent) -> None:  # noqa: ARG001  # the time is all that it says
    """Move what causes were given to the accounts that they spend from: each step costs, and an hour is soon enough."""
    from chalicelib.ledger import rounds

    rounds.go_round(production.services())


@app.schedule(Rate(1, unit=Rate.HOURS))
def audit(event: CloudWatchEvent) -> None:
    """Prove the books once a day, in as many runs as that takes."""
    from chalicelib import auditing

    context: Any = event.context
    auditing.run_daily(context.get_remaining_time_in_millis)


def _send(event: SQSEvent) -> None:
    from chalicelib.notices.delivery import send_sms

    for delivery in _deliveries(event):
        with correlated(delivery.correlation_id):
            send_sms(production.services(), delivery)


def _answer(delivery: "Told") -> None:
    from chalicelib.notices.replying import send_reply

    if delivery.notice.kind.startswith("claim"):
        from chalicelib.notices.payees import tell_payee

        return tell_payee(production.services(), production.private(delivery.network), delivery)
    if delivery.network in ("", "twitter"):
        return send_reply(production.services(), production.posts("twitter"), delivery)
    from chalicelib.notices.chat import send_chat

    return send_chat(production.services(), production.chats(delivery.network), delivery)


def _deliveries(event: SQSEvent) -> "list[Told]":
    from chalicelib.notices.delivery import told

    records = event.to_dict()["Records"]
    return [
        told(json.loads(record["body"]), received_count=int(record["attributes"]["ApproximateReceiveCount"]))
        for record in records
    ]
