"""Joining from the chat itself, on the local AWS: the button, the page, an SMS, Yes."""

from urllib.parse import urlencode

import pytest

from chalicelib.table import handle_key
from local import wire
from local.wire import FORM
from tests.local.messenger import PAGE, joined, thread
from tests.local.town import Town

pytestmark = [pytest.mark.local]


def test_somebody_joins_from_the_chat(town: Town) -> None:
    """Nobody at the bank does anything: the number typed on the page leads to an SMS, and that to the question."""
    zoe, chat = town.resident(), thread(town)
    chat.write("bonjour")
    chat.hears("Le bouton associe votre compte")
    (button,) = [one for one in chat.messages()[-1]["buttons"] if one.get("url")]
    assert wire.call(button["url"]).status == 200
    page = wire.call(f"{button['url']}/ask", method="POST", body=urlencode({"phone": zoe.phone}).encode(), headers=FORM)
    assert "Regardez vos SMS" in page.text
    (sms,) = town.told(zoe, "/j#")
    chat.opens(joined(town, wire.link_in(sms)))
    chat.hears("Associer cette conversation")
    chat.taps("Oui, associer")
    linked = wire.wait_for(lambda: town.table.get(handle_key("facebook", PAGE, chat.psid)), what="the link")
    assert linked["account"] == zoe.account
