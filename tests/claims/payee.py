"""Steps of tests about whom money is held for: the notices on their road, and the link of their page."""

from chalicelib.intents import claim_link
from chalicelib.ledger.claim import Claim
from chalicelib.notices.change import REPLIES, Notice
from chalicelib.notices.delivery import Told
from chalicelib.notices.payees import KINDS, tell_payee
from chalicelib.services import Posted, Sent
from tests.bank import CLAIM_KEY, Bank


class Wrote:
    """A network that remembers what was written privately; it answers what it is told to."""

    def __init__(self, answer: Posted | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self.answer = answer or Sent("1")

    def __call__(self, text: str, to: str) -> Posted:
        """Remember a text."""
        self.sent.append((to, text))
        return self.answer


def notices(bank: Bank) -> list[Told]:
    """What was published for payees and is not taken yet."""
    found = [content for content, _ in bank.topic.published if content["road"] == REPLIES]
    bank.topic.published[:] = [one for one in bank.topic.published if one[0]["road"] != REPLIES]
    return [
        Told(
            notice=Notice(**{name: content[name] for name in Notice.__dataclass_fields__}),
            message_id=f"m{number}-{content['kind']}",
            network=content["network"],
        )
        for number, content in enumerate(found)
        if content["kind"] in KINDS
    ]


def told(bank: Bank, answer: Posted | None = None) -> list[str]:
    """What is written to payees now; the stream hears what became of it."""
    network = Wrote(answer)
    for one in notices(bank):
        tell_payee(bank.services, network, one)
    bank.stream()
    return [text for _, text in network.sent]


def link(claim: Claim, *, programme: str = "smoney", key: bytes = CLAIM_KEY) -> str:
    """The secret of a claim's link."""
    return claim_link.make(key, programme, claim)
