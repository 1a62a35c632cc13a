"""The arrows of the tree, the purity of its nouns, and the size of its files: kept by reading the source."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")])
TOOLS = sorted(path for folder in ("local", "console", "bench") for path in (ROOT / folder).rglob("*.py"))

# Low to high; a module imports from its own package or from lower levels only.
LEVELS = (
    {"errors", "refusals", "money", "config", "programme_rules", "texts"},
    {"telemetry"},
    {
        "conditions",
        "table",
        "expressions",
        "capacity",
        "services",
        "retry",
        "aws",
        "secrets",
        "dynamodb",
        "link",
        "ref",
        "evidence",
    },
    {"ledger", "limits", "identity", "channels"},
    {"intents"},
    {"notices"},
    {"production"},
    {"auditing"},
    {"web"},
    {"app"},
)
# Modules that stand alone on the table's level may use each other; packages on one level may not.
TOGETHER = (LEVELS[0], LEVELS[2])

PURE = (
    "refusals", "errors", "money", "dates", "programme_rules", "conditions", "table", "expressions", "capacity",
    "ledger.account", "ledger.transfer", "ledger.books", "ledger.entry", "ledger.chain", "ledger.statement",
    "ledger.statement_forms", "ledger.reversal", "ledger.approval", "ledger.claim", "ledger.suspense", "limits.policy",
    "link", "ref", "identity.code", "identity.person", "identity.invitation", "identity.blocklist", "intents.intent",
    "intents.link", "intents.order", "intents.amount", "intents.tokens", "intents.note", "intents.phones",
    "channels.signature", "channels.twitter_posts", "channels.twitter_text", "channels.fields", "channels.parts",
    "channels.facebook", "channels.instagram", "channels.whatsapp", "channels.whatsapp_envelopes",
    "channels.whatsapp_messages", "channels.meta", "channels.meta_envelopes", "channels.meta_messages",
    "channels.meta_payloads", "channels.meta_sending", "channels.meta_signature", "channels.graph_errors",
    "notices.claim_changes", "notices.change", "notices.gsm", "notices.message", "web.views", "telemetry.redaction",
    "telemetry.outcomes", "notices.chat_words", "notices.chat_buttons", "notices.chat_shown", "notices.chat_choice",
    "intents.reached", "intents.spoken", "intents.taps", "intents.caution", "intents.proof",
    "telemetry.outcomes", "notices.chat_words", "identity.bank_account", "intents.claim_link", "web.claim_views",
)  # fmt: skip
IMPURE_MODULES = {"boto3", "botocore", "os", "random", "secrets", "socket", "subprocess", "time", "urllib3"}
IMPURE_OURS = {"aws", "dynamodb", "production", "secrets"}
IMPURE_CALLS = {"now", "today", "utcnow", "open", "input", "print"}

LONGEST_FILE, MEDIAN_FILE = 300, 90
LONGEST_FUNCTION, P90_FUNCTION = 50, 25


def name_of(path: Path) -> str:
    """The dotted name of a shipped module, without `chalicelib.`."""
    relative = path.relative_to(ROOT).with_suffix("")
    parts = [part for part in relative.parts if part not in ("chalicelib", "__init__")]
    return ".".join(parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, also inside functions and for types only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module in ("chalicelib", "chalicelib.channels", "chalicelib.intents"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def level(package: str) -> int:
    """The level of a top-level module or package; every one must have one."""
    return next(number for number, names in enumerate(LEVELS) if package in names)


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_arrows_go_down_only(path: Path) -> None:
    """A module imports nothing from its own level or above, but from its own package."""
    package = name_of(path).split(".")[0]
    if not package:
        return
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("chalicelib.")}
    known = {name for name in ours if any(name in names for names in LEVELS)}
    for other in known - {package}:
        together = any(package in names and other in names for names in TOGETHER)
        assert together or level(other) < level(package), f"{package} imports {other}"


def test_the_tools_are_not_imported_by_what_is_shipped() -> None:
    """`local`, `console`, `bench` and `tests` never reach a Lambda function."""
    for path in SHIPPED:
        tools = {name.split(".")[0] for name in imports(path)} & {"local", "console", "bench", "tests"}
        assert not tools, f"{path.name} imports {tools}"


@pytest.mark.parametrize("name", PURE)
def test_a_noun_is_pure(name: str) -> None:
    """No clock, no chance, no I/O and no AWS: time is passed in."""
    path = ROOT / "chalicelib" / (name.replace(".", "/") + ".py")
    used = set(imports(path))
    assert not {module.split(".")[0] for module in used} & IMPURE_MODULES
    assert not {module.split(".")[1] for module in used if module.startswith("chalicelib.")} & IMPURE_OURS
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    assert not names & IMPURE_CALLS


def test_one_file_opens_each_door() -> None:
    """boto3 is imported in one file, and one file calls DynamoDB."""
    assert [name_of(path) for path in SHIPPED if "boto3" in imports(path)] == ["aws"]
    speakers = [name_of(path) for path in SHIPPED if 'client("dynamodb")' in path.read_text(encoding="utf-8")]
    assert speakers == ["dynamodb"]


def test_triggers_stand_in_app_and_routes_in_blueprints() -> None:
    """A trigger in a blueprint would run without app.py and its middleware (aws/chalice#1566)."""
    for path in SHIPPED:
        text = path.read_text(encoding="utf-8")
        if path.name == "app.py":
            assert "@app.route" not in text
        else:
            assert not any(f".on_{event}" in text for event in ("sqs_message", "dynamodb_record", "sns_message"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Every function of a file."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    yield from (node for node in tree if isinstance(node, ast.FunctionDef))


def length(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    documented = ast.get_docstring(function) is not None
    first = function.body[0]
    lines = (function.end_lineno or 0) - function.lineno + 1
    return lines - ((first.end_lineno or 0) - first.lineno + 1 if documented else 0)


def test_files_and_functions_stay_small() -> None:
    """Median file at most 90 lines and none over 300; functions p90 25 lines and none over 50."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SHIPPED}
    written = [count for count in lines.values() if count > 5]
    assert statistics.median(written) <= MEDIAN_FILE
    assert not {str(path): count for path, count in lines.items() if count > LONGEST_FILE}
    lengths = [length(function) for path in SHIPPED for function in functions(path)]
    assert statistics.quantiles(lengths, n=10)[-1] <= P90_FUNCTION
    assert max(lengths) <= LONGEST_FUNCTION


def test_the_tools_stay_small_too() -> None:
    """No file of the console, the local AWS or the benches is over 300 lines."""
    assert not [path.name for path in TOOLS if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]


def test_more_than_three_arguments_are_named() -> None:
    """Past three arguments (self aside) a call names what it passes."""
    for path in SHIPPED:
        for function in functions(path):
            positional = [argument.arg for argument in function.args.args if argument.arg not in ("self", "cls")]
            assert len(positional) <= 3, f"{path.name}: {function.name}({', '.join(positional)})"
