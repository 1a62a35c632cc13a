"""Links that we did not make are counted on every page by one name, for one alarm; links of ours never are."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.telemetry import metrics
from tests.bank import CODE, Bank
from tests.claims.holding import HELD
from tests.template.parts import of_type
from tests.web.test_claim import Payee
from tests.web.test_join import Joiner
from tests.web.test_pages import FORM

ROUTES = {
    **{f"/p/{step}": step for step in ("open", "confirm", "decline", "renew")},
    **{f"/j/{step}": f"join_{step}" for step in ("open", "code", "renew")},
    **{f"/c/{step}": f"claim_{step}" for step in ("open", "refuse", "account")},
}
GARBAGE = ("", "x", "B" * 16 + ".1.abcdefg." + "A" * 22)


@dataclass
class Visitor:
    """Somebody with a link of each page, whose clicks are counted."""

    client: Client
    links: dict[str, str]
    banks: dict[str, Bank]
    printed: Callable[[], str]

    def counted(self, path: str, link: str) -> tuple[list[str], int]:
        """What one step adds to `PagesShown` on its route, and to `LinksForged`."""
        self.printed()
        with production.using(self.banks[path[:2]].services):
            body = urlencode({"link": link, "code": CODE}).encode()
            self.client.http.post(path, headers=FORM, body=body)
        lines = [json.loads(line) for line in self.printed().splitlines() if "CloudWatchMetrics" in line]
        shown = [line["outcome"] for line in lines if "PagesShown" in line and line["route"] == ROUTES[path]]
        return shown, sum(int(line["LinksForged"][0]) for line in lines if "LinksForged" in line)


@pytest.fixture
def visitor(capsys: pytest.CaptureFixture[str]) -> Iterator[Visitor]:
    """Alice with a payment, Zoe with an invitation, Carol with money that is held."""
    with Client(app, stage_name="local") as client:
        bank, zoe, carol = Bank(), Joiner(client), Payee(client)
        joining = zoe.sms()[0].split("#")[1].split()[0]
        links = {"/p": bank.link(bank.say("@Smoneyfr #envoyer 10 € @bob")), "/j": joining, "/c": carol.link}
        banks = {"/p": bank, "/j": zoe.bank, "/c": carol.bank}
        metrics._counts.clear()
        yield Visitor(client, links, banks, lambda: capsys.readouterr().out)


def altered(link: str) -> str:
    """The same link with another last sign."""
    return link[:-2] + ("AA" if link[-2:] != "AA" else "BA")


@pytest.mark.parametrize("path", ROUTES)
def test_a_forged_link_is_counted_on_every_step_of_every_page(visitor: Visitor, path: str) -> None:
    """Garbage, an unknown id, another MAC, and the genuine links of the other pages; once each."""
    others = [link for page, link in visitor.links.items() if page != path[:2]]
    for bad in (*GARBAGE, altered(visitor.links[path[:2]]), *others):
        assert visitor.counted(path, bad) == (["forged"], 1)


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("seconds", [0, 601, HELD])
def test_no_link_of_ours_is_counted_as_forged(visitor: Visitor, path: str, seconds: int) -> None:
    """Neither while it is good nor when its time is over, though a payee is shown the same page then."""
    visitor.banks[path[:2]].time.move(seconds)
    shown, forged = visitor.counted(path, visitor.links[path[:2]])
    assert (len(shown), forged) == (1, 0)
    assert "forged" not in shown


def test_the_alarm_hears_of_all_of_them() -> None:
    """It names no route."""
    alarm = of_type("AWS::CloudWatch::Alarm")["LinksForgedAlarm"]
    assert alarm["MetricName"] == "LinksForged"
    assert {one["Name"] for one in alarm["Dimensions"]} == {"service", "stage"}
