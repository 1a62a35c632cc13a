"""What keeps a stage's data: table, keys, queues."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib import aws
from console.checks import Check, Verdict, judged, listed, unsure
from console.letters import PARKED, QUEUES, url

# What an on-demand table takes at once from its first minute.
WARM_WRITES = 4_000
KEYS = ("data", "code")
_BY_HAND = "See `aws dynamodb describe-table --table-name envoi-<stage>` with an AWS CLI of this year."


def _table(stage: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = aws.client("dynamodb").describe_table(TableName=f"envoi-{stage}")["Table"]
    return found


def _recovery(stage: str) -> Verdict:
    told = aws.client("dynamodb").describe_continuous_backups(TableName=f"envoi-{stage}")
    status = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return judged(status == "ENABLED", f"point-in-time recovery {status}")


def _protection(stage: str) -> Verdict:
    protected = _table(stage).get("DeletionProtectionEnabled", False)
    return judged(protected, f"deletion protection {'on' if protected else 'off'}")


def _encryption(stage: str) -> Verdict:
    told = _table(stage).get("SSEDescription", {})
    if told.get("SSEType") != "KMS":
        return judged(condition=False, seen="not under a key of ours")
    ours = _key(stage, "data")["Arn"]
    return judged(told.get("KMSMasterKeyArn") == ours, f"under {told.get('KMSMasterKeyArn', 'an unnamed key')}")


def _forgetting(stage: str) -> Verdict:
    told = aws.client("dynamodb").describe_time_to_live(TableName=f"envoi-{stage}")["TimeToLiveDescription"]
    status, attribute = told["TimeToLiveStatus"], told.get("AttributeName", "")
    return judged((status, attribute) == ("ENABLED", "ttl"), f"time to live {status} {attribute}".rstrip())


def _stream(stage: str) -> Verdict:
    told = _table(stage).get("StreamSpecification", {})
    view = told.get("StreamViewType", "none") if told.get("StreamEnabled") else "none"
    return judged(view == "NEW_AND_OLD_IMAGES", f"stream of {view}")


def _warmth(stage: str) -> Verdict:
    told = _table(stage).get("WarmThroughput")
    if not told:
        return unsure("the table does not tell its warm throughput", remedy=_BY_HAND)
    writes = told.get("WriteUnitsPerSecond", 0)
    warm = writes >= WARM_WRITES and told.get("Status", "ACTIVE") == "ACTIVE"
    return judged(warm, f"{writes} writes a second, {told.get('Status', 'ACTIVE')}")


def _key(stage: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = aws.client("kms").describe_key(KeyId=f"alias/envoi-{stage}-{name}")["KeyMetadata"]
    return found


def _key_states(stage: str) -> Verdict:
    states = {name: _key(stage, name)["KeyState"] for name in KEYS}
    return listed([f"{name} is {state}" for name, state in states.items() if state != "Enabled"], "both enabled")


def _key_policies(stage: str) -> Verdict:
    kms = aws.client("kms")
    policies = {
        name: kms.get_key_policy(KeyId=_key(stage, name)["KeyId"], PolicyName="default")["Policy"] for name in KEYS
    }
    faults = [f"the {name} key: {fault}" for name, policy in policies.items() for fault in open_doors(policy)]
    return listed(faults, "no statement is for everybody")


def open_doors(policy: str) -> Iterator[str]:
    """The statements of a policy that allow something to everybody without a condition."""
    for statement in json.loads(policy)["Statement"]:
        principal = statement.get("Principal")
        everybody = principal == "*" or (isinstance(principal, dict) and "*" in _many(principal.get("AWS")))
        if everybody and statement["Effect"] == "Allow" and not statement.get("Condition"):
            yield f"{statement.get('Sid', 'a statement')} is for everybody"


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _rotation(stage: str) -> Verdict:
    told = aws.client("kms").get_key_rotation_status(KeyId=_key(stage, "data")["KeyId"])
    return judged(told["KeyRotationEnabled"], f"rotation {'on' if told['KeyRotationEnabled'] else 'off'}")


def _queues(stage: str) -> Verdict:
    faults = [fault for queue in QUEUES if queue not in PARKED for fault in _faults_of(stage, queue)]
    parked = [f"{queue}-dead" for queue in PARKED]
    faults += [f"{dead} is not encrypted" for dead in parked if not _attributes(stage, dead).get("KmsMasterKeyId")]
    return listed(faults, f"{len(QUEUES) - len(PARKED)} queues, each with dead letters, under a key of ours")


def _faults_of(stage: str, queue: str) -> Iterator[str]:
    told = _attributes(stage, queue)
    target = json.loads(told.get("RedrivePolicy", "{}")).get("deadLetterTargetArn", "")
    if not target.endswith(f":envoi-{stage}-{queue}-dead"):
        yield f"{queue} has no dead letters"
    for name, attributes in ((queue, told), (f"{queue}-dead", _attributes(stage, f"{queue}-dead"))):
        if not attributes.get("KmsMasterKeyId"):
            yield f"{name} is not under a key of ours"


def _attributes(stage: str, queue: str) -> Mapping[str, str]:
    names = ["RedrivePolicy", "KmsMasterKeyId"]
    told = aws.client("sqs").get_queue_attributes(QueueUrl=url(stage, queue), AttributeNames=names)
    found: Mapping[str, str] = told.get("Attributes", {})
    return found


_AGAIN = "Deploy the stage's resources again; the template says it."
CHECKS = (
    # The template says these three. Who switched one off by hand gets it back by hand: a stack does not look.
    Check(
        name="table: recovery",
        look=_recovery,
        fix="Switch it on:\naws dynamodb update-continuous-backups --table-name envoi-<stage> \\\n"
        "  --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
    ),
    Check(
        name="table: deletion protection",
        look=_protection,
        fix="Switch it on:\naws dynamodb update-table --table-name envoi-<stage> --deletion-protection-enabled",
    ),
    Check(name="table: encryption", look=_encryption, fix=_AGAIN, real_only=True),
    Check(
        name="table: time to live",
        look=_forgetting,
        fix="Switch it on:\naws dynamodb update-time-to-live --table-name envoi-<stage> \\\n"
        "  --time-to-live-specification Enabled=true,AttributeName=ttl",
    ),
    Check(name="table: stream", look=_stream, fix=_AGAIN),
    Check(
        name="table: warm throughput",
        look=_warmth,
        fix="Some minutes before opening:\naws dynamodb update-table --table-name envoi-<stage> \\\n"
        f"  --warm-throughput ReadUnitsPerSecond=12000,WriteUnitsPerSecond={WARM_WRITES}",
        real_only=True,
    ),
    Check(name="keys: state", look=_key_states, fix="`aws kms cancel-key-deletion`, then `enable-key`, at once."),
    Check(name="keys: policies", look=_key_policies, fix="Take the statement out; roles get their rights by policy."),
    Check(name="keys: rotation", look=_rotation, fix="`aws kms enable-key-rotation --key-id <data key>`."),
    Check(name="queues", look=_queues, fix=_AGAIN),
)
