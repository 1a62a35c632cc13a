"""The client that writes in a network of Meta's: made of the stage's secret, for the page that the programme has."""

from collections.abc import Mapping

import pytest

from chalicelib import config, production, secrets
from chalicelib.channels.meta_sending import Outgoing
from chalicelib.errors import Unavailable
from chalicelib.services import Sent
from tests.channels.graph_server import KEYS, graph_server
from tests.channels.http_server import Answer

KEPT = {"app_secret": KEYS["app_secret"], "verify_token": "v"}


def kept(patch: pytest.MonkeyPatch, **tokens: str) -> None:
    """The stage's secret, with these tokens."""
    versions: tuple[Mapping[str, str], ...] = (KEPT | tokens, {"app_secret": "of before"})
    patch.setattr(secrets, "values", lambda name: versions if name == "envoi-dev-meta" else ())


@pytest.mark.parametrize("network", ["facebook", "instagram"])
def test_a_message_goes_out_by_the_page(monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    """With the network's own token and the current app secret; an Instagram account's messages go by its page."""
    kept(monkeypatch, **{f"{network}_access_token": KEYS["access_token"]})
    ours = config.programme("smoney")
    bots = {**ours.bots, "instagram": config.Bot(handle="smoney", user_id="17841400000000000")}
    monkeypatch.setattr(config, "programme", lambda _name: type(ours)(**{**vars(ours), "bots": bots}))
    with graph_server() as server:
        monkeypatch.setenv("ENVOI_GRAPH_URL", server.url)
        server.answers.append(Answer(200, {"recipient_id": "1", "message_id": "m_1"}))
        assert production.chats(network).send(Outgoing(to="1", text="bonjour")) == Sent("m_1")
        (asked,) = server.seen
    assert asked.path == f"/v25.0/{ours.bots['facebook'].user_id}/messages"
    assert asked.genuine


@pytest.mark.parametrize("token", [{}, {"facebook_access_token": ""}, {"instagram_access_token": "EAAJ"}])
def test_a_secret_that_is_not_filled_is_an_outage(monkeypatch: pytest.MonkeyPatch, token: dict[str, str]) -> None:
    """The answer waits for the operator, and nothing goes out without a token."""
    kept(monkeypatch, **token)
    with pytest.raises(Unavailable, match="lacks what facebook needs"):
        production.chats("facebook")
