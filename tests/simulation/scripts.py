"""What people do with a payment: the use cases, each a small script, and how often each is played."""

from collections.abc import Callable, Mapping
from functools import partial

from chalicelib.intents import lifecycle
from tests.simulation import claims, desk
from tests.simulation.bank import HOLD_SECONDS, INTENT_SECONDS, PROGRAMME, STRANGERS
from tests.simulation.customer import Payment

LINK_SECONDS = PROGRAMME.durations.link_seconds
Script = Callable[[Payment], None]


def pay(payment: Payment) -> None:
    """Post, open the link, type the code."""
    payment.order()
    if link := payment.link():
        payment.think(5)
        payment.look(link)
        payment.think(5)
        payment.pay(link)


def double_click(payment: Payment) -> None:
    """Several clicks in one moment, and one later."""
    payment.order()
    if link := payment.link():
        for _ in range(payment.world.random.randint(1, 3)):
            payment.beside(lambda: payment.pay(link), after=0.02 * payment.world.random.random())
        payment.pay(link)
        payment.think(3)
        payment.pay(link)


def repeated_post(payment: Payment) -> None:
    """The webhook comes twice at once, then an edition, then once more when all is over."""
    payment.order()
    payment.order_again(edited=False)
    payment.order_again(edited=True)
    if link := payment.link():
        payment.pay(link)
    payment.order_again(edited=payment.world.random.random() < 0.5)


def wrong_first(payment: Payment) -> None:
    """Some wrong codes, then the right one."""
    payment.order()
    if link := payment.link():
        for _ in range(payment.world.random.randint(1, 4)):
            payment.confirm(link, right=False)
            payment.think(2)
        payment.pay(link)


def guessed(payment: Payment) -> None:
    """Somebody with the link guesses many codes at once, while the payer types the right one."""
    payment.order()
    if link := payment.link():
        for _ in range(payment.world.random.randint(3, 8)):
            payment.beside(lambda: payment.confirm(link, right=False), after=0.05 * payment.world.random.random())
        payment.world.scheduler.pause(0.05 * payment.world.random.random())
        payment.pay(link)


def decline(payment: Payment) -> None:
    """Say no; half of the time a confirm runs beside it."""
    payment.order()
    if link := payment.link():
        if payment.world.random.random() < 0.5:
            payment.beside(lambda: payment.pay(link))
        payment.decline(link)


def cancelled(payment: Payment) -> None:
    """Cancel by post, about when the code is typed; the cancel comes twice, and the payee tries too."""
    payment.order()
    number, reply = payment.world.number(), payment.world.random.random() < 0.7
    if link := payment.link():
        payment.beside(lambda: payment.cancel(number=number, reply=reply), after=payment.world.random.random())
        if payment.world.random.random() < 0.3:
            payment.cancelled_by(payment.payee, number=payment.world.number())
        payment.think(0.5)
        payment.pay(link)
        payment.cancel(number=number, reply=reply)


def expiring(payment: Payment) -> None:
    """Type the code in the moment in which the time is over, on a link that was asked for late."""
    payment.order()
    link = payment.link()
    ends_at = payment.post.mention.received_at + INTENT_SECONDS
    if link:
        payment.until(ends_at - 300)
        payment.renew(link)
        link = payment.link(number=2, seconds=200)
    if link:
        if payment.world.random.random() < 0.5:
            payment.beside(payment.world.sweep, after=max(0.0, ends_at - payment.world.scheduler.now))
        payment.until(ends_at - 0.08 * payment.world.random.random())
        payment.pay(link)


def late(payment: Payment) -> None:
    """Come when the link's own time ends, ask for a new one if it has."""
    payment.order()
    if link := payment.link():
        payment.until(int(link[19:].partition(".")[0], 36) - 0.08 * payment.world.random.random())
        payment.pay(link)
        payment.renew(link)
        if newer := payment.link(number=2):
            payment.pay(newer)


def two_at_once(payment: Payment) -> None:
    """Post two payments and confirm both in one moment, as with two windows: one purse, one day's limit."""
    other = payment.sibling()
    payment.order()
    other.order()
    links = payment.link(), other.link()
    if all(links):
        payment.beside(lambda: other.pay(links[1]), after=0.02 * payment.world.random.random())
        payment.pay(links[0])


def renewing(payment: Payment) -> None:
    """Ask for new links in two windows at once, and pay with an old one and the new one at the same time."""
    payment.order()
    if link := payment.link():
        payment.beside(lambda: payment.renew(link), after=0.02 * payment.world.random.random())
        payment.beside(lambda: payment.pay(link), after=0.04 * payment.world.random.random())
        payment.renew(link)
        for number in range(2, payment.world.random.randint(2, 5)):
            if newer := payment.link(number=number, seconds=60):
                payment.renew(newer)
        last = next((made for number in (4, 3, 2) if (made := payment.link(number=number, seconds=5))), "")
        if last:
            payment.pay(last)


def frozen(payment: Payment) -> None:
    """An operator freezes one side while the code is typed, and lifts it later."""
    payment.order()
    side = payment.payer if payment.world.random.random() < 0.7 else payment.payee
    if link := payment.link():
        payment.beside(
            lambda: desk.set_status(payment.world, side.name, "frozen"), after=0.05 * payment.world.random.random()
        )
        payment.pay(link)
        payment.think(2)
        desk.set_status(payment.world, side.name, "open")
        payment.pay(link)


def ignored(payment: Payment) -> None:
    """Never answer, or only look."""
    payment.order()
    link = payment.link()
    if link and payment.world.random.random() < 0.3:
        payment.look(link)


def stopped(payment: Payment) -> None:
    """Support ends the payment or sends the link again, while the payer pays."""
    payment.order()
    if link := payment.link():
        kind, help_ = (
            ("expire", lifecycle.expire) if payment.world.random.random() < 0.5 else ("resend", lifecycle.resend)
        )
        payment.beside(lambda: desk.support(payment.world, kind, payment.id, help_))
        payment.pay(link)


def chatter(payment: Payment) -> None:
    """Talk to the bot without an order, then pay."""
    desk.chat(payment.world, payment.payer)
    pay(payment)


def held(payment: Payment) -> None:
    """Pay somebody who is not linked; then it is taken back, refused or claimed, some of these at once, or nothing."""
    world, draw = payment.world, payment.world.random
    payment.payee = draw.choice(STRANGERS)
    payment.order()
    reply = draw.random() < 0.7
    if link := payment.link():
        if draw.random() < 0.3:
            number = world.number()
            payment.beside(lambda: payment.cancel(number=number, reply=reply), after=draw.random())
        payment.pay(link)
        for deed, chance in (
            (_link, 0.5),
            (_refuse, 0.3),
            (_name, 0.3),
            (_take_back, 0.1),
            (_cancel, 0.15),
            (_sweep, 0.5),
        ):
            if draw.random() < chance:
                payment.beside(partial(deed, payment), after=draw.choice((0.1, 0.1, 2, HOLD_SECONDS)) * draw.random())
        if draw.random() < 0.2:
            payment.beside(lambda: desk.set_status(world, payment.payer.name, "frozen"), after=draw.random())
            payment.beside(lambda: desk.set_status(world, payment.payer.name, "open"), after=5 + draw.random())


def _link(payment: Payment) -> None:
    claims.link(payment.world, payment.payee, payment.world.random.choice(("person0", "person1", "charity0")))


def _refuse(payment: Payment) -> None:
    claims.refuse(payment.world, payment.id)


def _name(payment: Payment) -> None:
    """In several windows at once, not each with the right name."""
    draw = payment.world.random
    for _ in range(draw.randint(1, 4)):
        right, bank = draw.random() < 0.5, draw.choice(("0001", "0001", "9999"))
        payment.beside(partial(claims.name_account, payment.world, payment.id, right=right, bank=bank))


def _take_back(payment: Payment) -> None:
    claims.take_back(payment.world, payment.id)


def _cancel(payment: Payment) -> None:
    payment.cancel(number=payment.world.number(), reply=payment.world.random.random() < 0.7)


def _sweep(payment: Payment) -> None:
    payment.world.sweep()


WEIGHTS: Mapping[Script, int] = {
    pay: 21,
    double_click: 20,
    repeated_post: 8,
    wrong_first: 8,
    guessed: 8,
    decline: 4,
    cancelled: 7,
    expiring: 3,
    two_at_once: 5,
    late: 3,
    renewing: 4,
    frozen: 4,
    ignored: 2,
    stopped: 2,
    chatter: 1,
    held: 6,
}
