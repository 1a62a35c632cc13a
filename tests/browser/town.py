"""Whom the pages serve in the browser tests: people, what they order, and the SMS that reach them."""

import re
from dataclasses import replace

from chalicelib import config
from chalicelib.channels import Named
from chalicelib.identity import invitation, joining
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.joining import Choice
from chalicelib.identity.person import Handle, Person
from chalicelib.intents import lifecycle
from chalicelib.intents.placing import place
from chalicelib.ledger import claiming
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.ledger.claim import CANCELLED, Wish
from chalicelib.notices import change
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.table import Rejection
from tests.bank import BOT, CODE, HOLDING, Bank, add_customer, mention
from tests.claims.holding import swept
from tests.claims.payee import told

ORDERS = {
    "fr": "@Smoneyfr #envoyer 25,50 € @superpipou pour la pizza de vendredi",
    "en": "@Smoneyfr #send €25.50 @superpipou for Friday’s pizza",
    "ja": "@Smoneyfr #送金 25.50ユーロ @superpipou 金曜日のピザ代",
}
AMOUNT_MINOR = 2_550
INVITED = "zoe_m"
PHILIPPE = Named(user_id="783214", handle="superpipou")
CAROL = Named(user_id="998", handle="carol")
CHOSEN = "739164"
LINK_SECONDS = 601
DAY_SECONDS = 86_401
WEEK_SECONDS = 604_801


class Town:
    """A bank whose links lead to the pages under test: Alice pays Philippe, and Zoe is invited to join."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.pays_out = "none"
        self.bank = Bank()
        stage = config.stage({"ENVOI_PAGE_URL": f"{origin}/p"})
        self.bank.services = replace(self.bank.services, stage=stage)
        self._settle(Person(id="philippe", name="Philippe Dupont", phone="+33639980002", language="fr", account="pd"))
        table, clock = self.bank.table, self.bank.services.clock
        handle = Handle(
            network="twitter", page=BOT.user_id, user_id=PHILIPPE.user_id, label=PHILIPPE.handle,
            person="philippe", account="pd", name="Philippe Dupont",
        )  # fmt: skip
        assert people.link(table, handle, clock=clock) is None
        table.images.clear()

    def order(self, language: str = "fr") -> str:
        """Alice orders to pay 25,50 € to Philippe; the address in her SMS."""
        named = (Named(user_id=BOT.user_id, handle=BOT.handle), PHILIPPE)
        place(self.bank.services, mention(ORDERS[language], now=self.bank.services.clock.now(), named=named))
        return self.newest_link()

    def hold(self, language: str = "fr") -> str:
        """Alice orders to pay somebody who has not joined, where money is held with a fee; the address in her SMS."""
        claims = replace(HOLDING.claims, payout=self.pays_out)
        self.bank.services = replace(self.bank.services, programme=replace(HOLDING, claims=claims))
        named = (Named(user_id=BOT.user_id, handle=BOT.handle), CAROL)
        text = ORDERS[language].replace(PHILIPPE.handle, CAROL.handle)
        place(self.bank.services, mention(text, now=self.bank.services.clock.now(), named=named))
        return self.newest_link()

    def claim(self, language: str = "fr") -> str:
        """Alice has confirmed it; the address in the private message that Carol gets."""
        link = self.hold(language).split("#")[1]
        assert lifecycle.confirm(self.bank.services, link, CODE).refusal is None
        self.bank.stream()
        (text,) = told(self.bank)
        return text[text.index("http") :].split()[0]

    def take_back(self, link: str) -> None:
        """Alice takes back what is held."""
        wish = Wish(end=CANCELLED, by="alice")
        asked = claiming.ask(self.bank.table, link.split("#")[1][:16], wish, clock=self.bank.services.clock)
        assert not isinstance(asked, Rejection)

    def welcome(self) -> None:
        """Carol becomes a customer, and the sweep credits what is held for her."""
        add_customer(self.bank.services, CAROL.handle, user_id=CAROL.user_id, kind="person")
        self.bank.stream()
        swept(self.bank)

    def cancel(self) -> None:
        """Alice cancels what waits."""
        place(self.bank.services, mention("@Smoneyfr #annuler", now=self.bank.services.clock.now(), named=()))

    def invite(self, language: str = "fr", *, network: str = "twitter") -> str:
        """The bank invites Zoe, to bind her @name on X or to link her Messenger; the address in her SMS."""
        self._settle(Person(id="zoe", name="Zoé Martin", phone="+33639980005", language=language, account="zoe"))
        now, page = self.bank.services.clock.now(), self.bank.services.programme.bots[network].user_id
        label = INVITED if network == "twitter" else ""
        invited = Invitation(
            id=invitation.invitation_id(network, page, label or "zoe"),
            person="zoe", account="zoe", network=network, page=page, label=label, language=language,
            status="invited", created_at=now, expires_at=now + WEEK_SECONDS - 1,
        )  # fmt: skip
        people.invite(self.bank.table, invited, clock=self.bank.services.clock)
        return self.newest_link()

    def renew(self, link: str) -> str:
        """Let a link expire and have a new one sent; its address."""
        self.bank.time.move(LINK_SECONDS)
        assert lifecycle.renew(self.bank.services, link.split("#")[1]).refusal is None
        return self.newest_link()

    def join(self, link: str) -> str:
        """Zoe chooses her security code; her pairing code."""
        choice = Choice(digits=CHOSEN, again=CHOSEN, terms=True)
        return joining.choose(self.bank.services, link.split("#")[1], choice).pairing_code

    def pair(self, code: str) -> None:
        """Zoe posts her pairing code from her own handle."""
        text = f"@Smoneyfr #associer {code}"
        place(self.bank.services, mention(text, now=self.bank.services.clock.now(), author=INVITED, named=()))

    def newest_link(self) -> str:
        """Send the SMS that are due; the address in the last one that has one."""
        images, self.bank.table.images = self.bank.table.images, []
        notices = [notice for old, new in images for notice in change.notices(old, new, tries=5)]
        for number, notice in enumerate(notices):
            told = Told(notice=notice, message_id=f"{len(self.bank.sms.sent)}-{number}")
            send_sms(self.bank.services, told)
        found = [match[0] for _, text in self.bank.sms.sent if (match := re.search(r"http\S+#\S+", text))]
        return found[-1]

    def paid_minor(self) -> int:
        """What Philippe has."""
        return self.bank.available("pd")

    def _settle(self, person: Person) -> None:
        table, services = self.bank.table, self.bank.services
        assert people.add_person(table, person, clock=services.clock) is None
        account = new_item(person.account, person=person.id, kind="person", currency="EUR")
        assert ledger.open_account(table, account) is None
