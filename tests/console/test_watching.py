"""Reading log lines, alarms' names, and the verdicts of the checklist."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from console import pasted, preflight
from console.alarms import row, short
from console.checks import DEPLOY, NOT_LOCALLY, Check, Verdict, judge, judged, listed, remedy
from console.checks_data import open_doors
from console.logs import Line, function_of, parse
from console.preflight import checks
from console.tail import readable, shown
from local.stages import EMULATED

LINK = "https://pay.example/p#lxzmZ2eJxhJN_biv.1.toy5nj.LNtox9lm-qJh-FPG1pGoXQ"


def line(text: str) -> Line | None:
    """One event of the log of `read_orders`."""
    return parse(text, function="read_orders", event="e-1", at=1_790_000_000)


def logged(**facts: Any) -> str:
    """A line as Powertools writes it."""
    frame = {"level": "INFO", "location": "take:28", "message": "order", "timestamp": "2026-09-21 14:13:21,146+0000"}
    return json.dumps({**frame, "service": "envoi", "function_request_id": "r-1", **facts})


def test_a_line_of_ours_keeps_its_facts_and_its_own_time() -> None:
    """What Lambda adds to each line is left out; the time is finer than the log's."""
    found = line(logged(intent_id="lxz", status="pending", refusal=None))
    assert found and (found.level, found.message, found.at) == ("INFO", "order", 1_790_000_001.146)
    assert found.facts == {"intent_id": "lxz", "status": "pending", "refusal": None}
    assert (
        readable(shown(found, "Europe/Paris"))
        == "16:13:21 CEST  read_orders      INFO     order  intent_id=lxz status=pending"
    )


@pytest.mark.parametrize("text", ["", "START RequestId: 1", "END RequestId: 1", "REPORT RequestId: 1\tDuration: 3 ms"])
def test_what_the_platform_writes_is_no_line(text: str) -> None:
    """Nor is a metric."""
    assert line(text) is None
    assert line(json.dumps({"_aws": {"Timestamp": 1}, "SmsSent": [1.0]})) is None


def test_any_other_text_is_shown_without_its_secrets() -> None:
    """A traceback or a timeout is what an operator looks for; links and numbers in it are not."""
    found = line(f"[ERROR] ValueError: +33612345678 {LINK} FR1420041010050500013M02606")
    assert found and found.level == "ERROR"
    assert not [secret for secret in ("345678", "LNtox", "20041010") if secret in found.message]
    timeout = line("2026-09-21T14:13:20.000Z 1f Task timed out after 30.00 seconds")
    assert timeout and timeout.level == "ERROR"
    told = line(logged(phone="+33612345678", link=LINK, note="Rose"))
    assert told and told.facts == {"phone": "***78", "link": "[removed]", "note": "[removed]"}


def test_a_function_is_called_as_in_app_py() -> None:
    """The API's function has the stage's bare name."""
    assert function_of("/aws/lambda/envoi-prod", "prod") == "api"
    assert function_of("/aws/lambda/envoi-prod-read_orders", "prod") == "read_orders"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("envoi-prod-InboxDeadAlarm-6233A5A846493", "InboxDeadAlarm"),
        ("InboxDeadAlarm", "InboxDeadAlarm"),
        ("envoi-prod-InboxDeadAlarm", "InboxDeadAlarm"),
        ("something else", "something else"),
    ],
)
def test_an_alarm_is_called_as_in_the_template(name: str, told: str) -> None:
    """That is its heading in the runbook."""
    assert short(name) == told


def test_an_alarm_rings_since_a_time_of_the_programme_s_zone() -> None:
    """As all that the console tells; AWS answers in UTC."""
    since = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    told = row({"AlarmName": "x", "StateValue": "ALARM", "StateUpdatedTimestamp": since}, "Europe/Paris")
    assert told["since"] == "2026-09-21 16:13:20 CEST"


def refusing(error: Exception) -> Check:
    """A check whose call to AWS fails."""

    def look(_: str) -> Verdict:
        raise error

    return Check(name="c", look=look, fix="f")


def test_a_call_that_aws_refuses_is_neither_ok_nor_the_end() -> None:
    """What is not there is missing; anything else cannot be told, and says why."""
    errors = {
        "ResourceNotFoundException": "missing",
        "AWS.SimpleQueueService.NonExistentQueue": "missing",
        "WAFNonexistentItemException": "missing",
        "InvalidAction": "cannot tell",
        "AccessDeniedException": "cannot tell",
    }
    for code, answer in errors.items():
        verdict = judge(refusing(ClientError({"Error": {"Code": code}}, "Look")), "prod")
        assert (verdict.answer, code in verdict.seen) == (answer, True)
    for error in (EndpointConnectionError(endpoint_url="https://x"), KeyError("Attributes"), ValueError("x")):
        assert judge(refusing(error), "prod").answer == "cannot tell"


def test_verdicts_say_what_was_seen() -> None:
    """Faults first; without any, what is fine."""
    assert judged(condition=0, seen="none") == Verdict(answer="missing", seen="none")
    assert listed([], "all") == Verdict(answer="ok", seen="all")
    assert listed(["a", "b"], "all") == Verdict(answer="missing", seen="a; b")


def test_a_statement_for_everybody_is_found() -> None:
    """In each of its spellings, unless a condition narrows it or it denies."""
    allow: dict[str, Any] = {"Sid": "S", "Effect": "Allow", "Action": "kms:*"}

    def doors(**changes: Any) -> list[str]:
        return list(open_doors(json.dumps({"Statement": [allow | changes]})))

    for principal in ("*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}):
        assert doors(Principal=principal) == ["S is for everybody"]
        assert doors(Principal=principal, Effect="Deny") == []
        assert doors(Principal=principal, Condition={"StringEquals": {"aws:SourceAccount": "1"}}) == []
    assert doors(Principal={"AWS": "arn:aws:iam::1:root"}) == []
    assert doors(Principal={"Service": "sns.amazonaws.com"}) == []


def test_every_check_has_a_name_of_its_own_and_a_way_to_mend() -> None:
    """A list that an operator can go through point by point."""
    names = [check.name for check in checks()]
    assert len(names) == len({*names}) > 20
    assert all(check.fix.splitlines()[0].endswith((".", ":")) for check in checks())


def answered(code: str, stage: str, *, message: str = "", real_only: bool = True) -> str:
    """What an operator is told to do when AWS answers a check with this error."""
    error = ClientError({"Error": {"Code": code, "Message": message}}, "GetSMSAttributes")
    check = replace(refusing(error), real_only=real_only)
    return remedy(check, judge(check, stage), stage)


def test_what_cannot_be_told_has_a_remedy_of_its_own() -> None:
    """Never that of a failed check: a right to ask for, a call that the local AWS lacks, or another try."""
    denied = "User: arn:aws:iam::1:user/u is not authorized to perform: sns:GetSMSAttributes because no policy allows"
    assert "ask for the right sns:GetSMSAttributes," in answered("AuthorizationErrorException", "prod", message=denied)
    assert "to call GetSMSAttributes" in answered("AccessDeniedException", "prod")
    for stage in EMULATED:
        assert answered("InvalidAction", stage).startswith("The local AWS has no such call")
    assert answered("InvalidAction", "prod").startswith("Try again")
    for error in (EndpointConnectionError(endpoint_url="https://x"), KeyError("Attributes")):
        check = refusing(error)
        assert remedy(check, judge(check, "prod"), "prod") not in ("", check.fix)


def test_a_local_stage_is_not_told_to_do_what_only_a_real_account_can() -> None:
    """But to deploy what it could have; a real one is told how to mend it."""
    assert answered("NotFoundException", "prod") == "f"
    assert answered("NotFoundException", "local") == NOT_LOCALLY
    assert answered("NotFoundException", "local", real_only=False) == "f"
    assert answered("ResourceNotFoundException", "trial") == DEPLOY
    assert answered("ResourceNotFoundException", "prod") == "f"
    fine = Verdict(answer="ok", seen="all")
    assert remedy(refusing(KeyError()), fine, "local") == ""


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_the_checklist_is_longer_than_the_terminal(width: int) -> None:
    """Indented under its point; a command to paste stays in its own lines."""
    row = {
        "answer": "missing",
        "check": "queues",
        "seen": "; ".join(["inbox has no dead letters"] * 9),
        "fix": "a\n  b",
    }
    lines = preflight.readable(row, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-2:] == [f"{'':13}→ a", f"{'':13}    b"]
    for check in checks():
        told = preflight.readable({**row, "seen": "x", "fix": check.fix.replace("<stage>", "a23456789")}, width=120)
        assert max(map(len, told.splitlines())) <= 120


def test_a_command_of_the_console_can_be_pasted() -> None:
    """The stage is named, as the shell may hold another; words are quoted; options stay behind the stage."""
    assert pasted.command("prod", "inbox", "redrive", "--only", "a b") == (
        "python -m console inbox redrive --stage prod --only 'a b'"
    )
    assert pasted.look_again("prod", 900).startswith("Look again in 15 minutes: `python -m console dead list --stage")
    assert "in 12 seconds" in pasted.look_again("local", 12)
