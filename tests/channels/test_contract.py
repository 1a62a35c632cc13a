"""The contract of a channel, over every registered network: verify, challenge, split, ignore, mention, reply."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.channels import Drop, Echo, Event, Linking, Mention, Network, Reading, Revocation, inbox, outside
from chalicelib.channels.networks import REGISTERED, network
from chalicelib.channels.parts import EVENT_BYTES
from chalicelib.config import NETWORKS, Bot, programme
from chalicelib.services import Permanent, Retry, Sent
from tests.channels.contract import CONTRACTS
from tests.channels.golden import JUNK, mutated, mutations_of, paths
from tests.channels.http_server import Answer

ROOT = Path(__file__).parents[2]
SECRET, SENT = "exemple-secret", 1_800_000_000
DAY = programme("smoney").durations.message_age_seconds
TEXTS = ("aide", "Envoyer 12,50 € à Lucie", "１０００円を送る", "10€ 👨‍👩‍👧 / % ' \\ \n #b", "x" * 200)
SHARED = {"networks", "fields", "parts"}
each = pytest.mark.parametrize("name", sorted(REGISTERED))


def channel(name: str) -> Network:
    """A registered network, as a programme that is on it gets it."""
    bots = {name: Bot(handle="ExampleUser", user_id=CONTRACTS[name].bot_id)}
    return network(name, replace(programme("smoney"), bots=bots))


def outcomes(name: str, body: Any, *, received_at: int = SENT + 5) -> list[Reading]:
    """What each event of a body comes to, each through the queue."""
    ours = channel(name)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = ours.split(raw, received_at=received_at)
    return [ours.mention(inbox.read(inbox._body(one))) if isinstance(one, Event) else one for one in found]


def holds(name: str, read: Reading) -> None:
    """Assert what every reading promises, whatever it was made of."""
    if isinstance(read, Drop):
        assert re.fullmatch("[a-z_]{4,30}", read.reason)
        return
    assert (read.network, read.page) == (name, CONTRACTS[name].bot_id)
    if isinstance(read, Mention):
        read.text.encode()
        ids = [read.origin_id, read.message_id, read.author.user_id, *(one.user_id for one in read.named)]
        assert read.author.user_id != read.page
    else:
        ids = [read.user_id]
    assert all(isinstance(one, str) and re.fullmatch("[!-~]{1,512}", one) for one in ids)


def test_every_registered_network_has_its_contract() -> None:
    """A network is registered, may be named in a programme, and has its entry here: or it is none."""
    assert set(CONTRACTS) == set(REGISTERED) == set(NETWORKS)


@each
def test_a_network_keeps_its_name(name: str) -> None:
    """A network calls itself what it is registered as, and a programme that is not on it does not get it."""
    assert channel(name).name == name
    with pytest.raises(KeyError):
        network(name, replace(programme("smoney"), bots={}))


def test_an_unknown_network_is_none() -> None:
    """Only what is registered is loaded."""
    with pytest.raises(KeyError):
        network("inbox", programme("smoney"))


@each
def test_a_network_loads_itself_alone(name: str) -> None:
    """Who serves one network waits for the modules of no other."""
    found = f"found = network('{name}', replace(programme('smoney'), bots={{'{name}': Bot(handle='x', user_id='1')}}))"
    lines = [
        "import sys",
        "from dataclasses import replace",
        "from chalicelib.channels.networks import network",
        "from chalicelib.config import Bot, programme",
        found,
        "print(*(module for module in sys.modules if module.startswith('chalicelib.channels.')))",
    ]
    told = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, check=True)
    loaded = {module.removeprefix("chalicelib.channels.") for module in told.stdout.decode().split()}
    assert name in loaded
    assert [one for one in loaded - SHARED if not re.fullmatch(CONTRACTS[name].modules, one)] == []


@each
def test_verify_genuine(name: str) -> None:
    """A body is genuine by each live secret, whatever the case of the header's name."""
    contract = CONTRACTS[name]
    body = json.dumps(contract.said("aide à €", SENT)).encode()
    signed = contract.sign(body, SECRET)
    assert contract.valid({contract.header: signed}, body, [SECRET])
    assert contract.valid({contract.header.upper(): signed}, body, ["new", "", SECRET])


@each
def test_verify_forged(name: str) -> None:
    """A body that is changed, cut, unsigned, signed by another secret or written again is not genuine."""
    contract = CONTRACTS[name]
    body = json.dumps(contract.said("aide à €", SENT)).encode()
    signed = {contract.header: contract.sign(body, SECRET)}
    again = json.dumps(json.loads(body), ensure_ascii=False).encode()
    for other in (body.replace(b"aide", b"10.0"), body[:-1], body + b"\n", b"", again):
        assert other != body
        assert not contract.valid(signed, other, [SECRET])
    for headers in ({}, {contract.header: ""}, {contract.header: contract.sign(body, "other")}, {"x": "y"}):
        assert not contract.valid(headers, body, [SECRET])
    for secrets in ([], [""], ["other"]):
        assert not contract.valid(signed, body, secrets)
    assert not contract.valid({contract.header: contract.sign(body, "")}, body, [""])


@each
def test_verify_another_networks_header(name: str) -> None:
    """What another kind of network would send proves nothing here."""
    contract = CONTRACTS[name]
    for other in CONTRACTS.values():
        if other.header != contract.header:
            assert not contract.valid({other.header: other.sign(b"{}", SECRET)}, b"{}", [SECRET])
            assert not contract.valid({contract.header: other.sign(b"{}", SECRET)}, b"{}", [SECRET])


@each
def test_challenge(name: str) -> None:
    """The network's own check is answered by whoever knows the secret, and by nobody else."""
    contract = CONTRACTS[name]
    assert contract.challenge(contract.asked, SECRET) == contract.answered(SECRET)
    assert contract.challenge(contract.asked, "") is None
    assert contract.challenge({}, SECRET) is None


@each
def test_challenge_that_is_strange(name: str) -> None:
    """No other text is signed or given back."""
    contract = CONTRACTS[name]
    assert [contract.challenge(query, SECRET) for query in contract.strange] == [None] * len(contract.strange)


@each
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"nope", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":1,"a":1}'),
        *(b'{"entry":', b"[" * 100_000, b'{"a":' * 100_000, b'{"a":' + b"9" * 5_000 + b"}"),
    ],
)
def test_split_junk(name: str, body: bytes) -> None:
    """Anything but one JSON object raises ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011  # the contract names no message
        channel(name).split(body, received_at=SENT)


@each
def test_split_unknown_bodies(name: str) -> None:
    """An object of another shape is a named drop."""
    for body in (*CONTRACTS[name].unknown, *(one.said("aide", SENT) for key, one in CONTRACTS.items() if key != name)):
        (found,) = outcomes(name, body)
        assert isinstance(found, Drop)


@each
def test_split_unknown_keys(name: str) -> None:
    """Keys of tomorrow, wherever they stand, hide no message of today."""
    body = CONTRACTS[name].said("aide", SENT)
    for path in paths(body):
        holder = body
        for key in path:
            holder = holder[key]
        if isinstance(holder, dict):
            (found,) = outcomes(name, mutated(body, path, {**holder, "from_tomorrow": [{"a": 1}]}))
            assert isinstance(found, Mention), path


@each
def test_split_oversize(name: str) -> None:
    """A text that the queue would not take is dropped by name; the longest that it takes is whole."""
    assert outcomes(name, CONTRACTS[name].said("é" * 300_000, SENT)) == [Drop("too_large")]
    (event,) = channel(name).split(json.dumps(CONTRACTS[name].said("é" * 15_000, SENT)).encode(), received_at=SENT)
    assert isinstance(event, Event)
    assert len(json.dumps(event.payload)) <= EVENT_BYTES


@each
def test_golden_bodies(name: str) -> None:
    """Every body that the network published is read or dropped by name, and some are messages to somebody."""
    contract = CONTRACTS[name]
    assert contract.bodies
    for body in contract.bodies:
        found = outcomes(name, body)
        assert found
        for one in found:
            holds(name, one)


@each
def test_ignore_own_messages(name: str) -> None:
    """What the bot wrote is never an order, by whatever road it comes back."""
    for body in CONTRACTS[name].own:
        assert all(isinstance(one, Drop) for one in outcomes(name, body))


@each
def test_ignore_what_is_too_old(name: str) -> None:
    """A message is too old by its time at receipt, to the second."""
    said = CONTRACTS[name].said("aide", SENT)
    assert isinstance(outcomes(name, said, received_at=SENT + DAY)[0], Mention)
    assert outcomes(name, said, received_at=SENT + DAY + 1) == [Drop("too_old")]


@each
@pytest.mark.parametrize("text", TEXTS)
def test_mention_is_whole(name: str, text: str) -> None:
    """A text is what was typed, its author a string, its times epoch seconds, and the same again by any escapes."""
    contract = CONTRACTS[name]
    body = contract.said(text, SENT)
    (mention,) = outcomes(name, body)
    assert isinstance(mention, Mention)
    assert mention.text == contract.prefix + text
    assert (mention.network, mention.page) == (name, contract.bot_id)
    assert mention.author.user_id == contract.author_id
    assert (mention.sent_at, mention.received_at) == (SENT, SENT + 5)
    assert bool(mention.sent_millis) == contract.millis
    plain = json.dumps(body, ensure_ascii=False)
    escaped = (
        json.dumps(body).replace("/", r"\/").replace("%", r"\u0025").replace("@", r"\u0040").replace("<", r"\u003C")
    )
    for raw in (plain, escaped):
        assert outcomes(name, raw.encode()) == [mention]


@each
def test_mention_twice_is_one(name: str) -> None:
    """A message that is delivered again has the same origin, from which its order gets its id."""
    said = CONTRACTS[name].said("aide", SENT)
    first, again = (outcomes(name, said, received_at=SENT + seconds)[0] for seconds in (5, 3_600))
    assert isinstance(first, Mention) and isinstance(again, Mention)
    assert again == replace(first, received_at=SENT + 3_600)


@each
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mutation_raises(name: str, data: st.DataObject) -> None:
    """However the values of a body are mixed up, each event is read or dropped by name, or the body is no object."""
    originals = [*CONTRACTS[name].bodies, CONTRACTS[name].said("aide", SENT)]
    body = data.draw(mutations_of(originals))
    if not isinstance(body, dict):
        with pytest.raises(ValueError, match="not an object"):
            outcomes(name, body)
        return
    for one in outcomes(name, body):
        holds(name, one)


@each
def test_every_single_mutation_of_a_message(name: str) -> None:
    """Each value of a message, replaced by every kind of junk, leaves a reading that holds."""
    body = CONTRACTS[name].said("aide", SENT)
    for path in paths(body)[1:]:
        for value in JUNK:
            for one in outcomes(name, mutated(body, path, value)):
                holds(name, one)


@each
@given(body=st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_raise_but_value_error(name: str, body: bytes) -> None:
    """Bytes that are no JSON object raise ValueError, and nothing else."""
    try:
        found = channel(name).split(body, received_at=0)
    except ValueError:
        return
    assert all(isinstance(one, Drop) for one in found)


@each
def test_reply(name: str) -> None:
    """A private message is one signed post, and its id comes back."""
    contract = CONTRACTS[name]
    with contract.server() as server:
        server.answers.append(contract.sent)
        posted = contract.client(server.url).message("bonjour", to=contract.author_id)
        assert isinstance(posted, Sent) and posted.post_id
        (seen,) = server.seen
    assert seen.genuine
    assert "bonjour" in json.dumps(seen.body)
    assert contract.author_id in json.dumps(seen.body) + seen.path


@each
def test_reply_that_must_wait(name: str) -> None:
    """A limit waits a minute, or as long as the network says within a quarter of an hour; an outage ten seconds."""
    contract = CONTRACTS[name]
    with contract.server() as server:
        server.answers += [
            contract.limited,
            replace(contract.limited, headers={"Retry-After": "7"}),
            replace(contract.limited, headers={"Retry-After": "86400"}),
            *(Answer(status, b"<html>") for status in (500, 502, 503)),
        ]
        client = contract.client(server.url)
        found = [client.message("bonjour", to=contract.author_id) for _ in range(6)]
    limits, outages = [Retry(seconds, "rate_limited") for seconds in (60, 7, 900)], [Retry(10, "unavailable")] * 3
    assert found == limits + outages


@each
@pytest.mark.parametrize("alarm", [True, False])
def test_reply_that_is_refused(name: str, *, alarm: bool) -> None:
    """A refusal is final, and alarms if every other message would be refused too."""
    contract = CONTRACTS[name]
    with contract.server() as server:
        server.answers.append(contract.refused[alarm])
        posted = contract.client(server.url).message("bonjour", to=contract.author_id)
    assert isinstance(posted, Permanent)
    assert posted.alarm is alarm


@each
def test_reply_without_an_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent network is left after the read timeout, and what may have arrived is told apart from what has not."""
    monkeypatch.setattr(outside, "READ_SECONDS", 0.05)
    contract = CONTRACTS[name]
    with contract.server() as server:
        server.answers.append(Answer(silent=True))
        posted = contract.client(server.url).message("bonjour", to=contract.author_id)
    assert isinstance(posted, Retry)
    assert posted.reason == contract.lost
    nobody = contract.client(server.url).message("bonjour", to=contract.author_id)
    assert nobody == Retry(10, "unreachable")


def test_the_kinds_of_reading_are_these() -> None:
    """A new kind of reading must be taken by whoever reads the inbox."""
    assert Reading == Mention | Revocation | Linking | Echo | Drop
