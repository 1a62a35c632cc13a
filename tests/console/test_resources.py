"""What `resources deploy` tells while it works: few lines, and none that hides a loss or a failure."""

from console.resources import EVERY, Progress, folded
from local.changes import Change


def change(action: str, name: str, kind: str) -> Change:
    """One line of a change set."""
    return Change(action=action, name=name, kind=f"AWS::{kind}")


def test_what_is_only_added_is_one_line_and_the_rest_a_line_each() -> None:
    """Table, keys and secrets are named even then; what is changed, replaced or removed always."""
    added = [change("Add", f"A{number}", "CloudWatch::Alarm") for number in range(50)]
    others = [
        change("Add", "Table", "DynamoDB::Table"),
        change("Modify", "Inbox", "SQS::Queue"),
        change("Remove", "Gone", "SNS::Topic"),
    ]
    assert list(folded([*added, change("Add", "Inbox2", "SQS::Queue"), *others])) == [
        "Add     51 resources: 50 Alarm, 1 Queue",
        "Add     Table  AWS::DynamoDB::Table",
        "Modify  Inbox  AWS::SQS::Queue",
        "Remove  Gone  AWS::SNS::Topic",
    ]
    assert list(folded([])) == []


def test_a_resource_that_fails_is_told_at_once_and_the_others_are_counted() -> None:
    """As is one that is rolled back or deleted, and one that was asked for by name."""
    told: list[str] = []
    progress = Progress(told.append, named={"Table"})
    for number in range(EVERY):
        progress.hear(f"CREATE_COMPLETE             A{number}")
    bad = ["CREATE_FAILED               B: no right", "ROLLBACK_COMPLETE           C", "DELETE_COMPLETE             D"]
    for line in (*bad, "CREATE_COMPLETE             Table", "UPDATE_COMPLETE             E"):
        progress.hear(line)
    assert told == [f"{EVERY} resources done", *bad, "CREATE_COMPLETE             Table"]
