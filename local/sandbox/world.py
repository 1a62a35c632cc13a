"""Everything behind the page: the network, the courier of webhooks, both APIs, and the stack that they belong to."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.channels import Named
from chalicelib.config import Bot, programme
from local import meta, wire
from local.sandbox import envelopes, messenger, webhook
from local.sandbox.api import Answer, Api, Call
from local.sandbox.envelopes import Parcel
from local.sandbox.graph import Graph
from local.sandbox.messenger import Messenger
from local.sandbox.network import Draft, Message, Network, Post, Refused
from local.sandbox.tries import tries
from local.sandbox.watch import Down, Watch
from local.sandbox.webhook import Courier
from local.stack import Stack, written

STARTING_SECONDS = 180
FORGED = "not the secret"
KINDS = ("post", "reply", "quote", "repost", "edit")
NOT_THERE = Bot(handle="", user_id="")


class World:
    """One sandbox, for the stack whose state file is in `home`; every method may be called from any thread."""

    def __init__(self, home: Path, url: str, name: str) -> None:
        self.home, self.url, self.programme = home, url, programme(name)
        bots = self.programme.bots
        bot = bots.get("twitter", NOT_THERE)
        self.network = Network(Named(user_id=bot.user_id, handle=bot.handle))
        self.courier = Courier(self._post)
        self.api = Api(self.network, self._keys, lambda: self.courier.switches["limit"])
        page = bots.get("facebook", NOT_THERE)
        self.graph = Graph(page.user_id, lambda: self.stack.meta_secret, self._tell_meta)
        self.messenger = Messenger(page, self.courier.carry, self.graph.told)
        self.graph.reaches = self.messenger.reaches
        self.envelope = envelopes.ACTIVITY
        self.check: dict[str, Any] = {"state": "waiting", "ms": 0}
        self.lock = threading.RLock()
        self._watch: Watch | None = None

    @property
    def stack(self) -> Stack:
        """The stack as its state file tells it; raises Down while it starts or when it is gone."""
        stack = written(self.home)
        if stack is None or stack.sandbox_url != self.url or not stack.table:
            raise Down("The local AWS is not up.")
        return stack

    def look(self) -> dict[str, Any]:
        """The whole snapshot; without a stack, what the network alone can tell."""
        with self.lock:
            told = self._network()
        try:
            return {**told, "up": True, **self._bank(), "stack": self._place()}
        except Down as failure:
            return {**told, "up": False, "why": str(failure)}

    def do(self, name: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """Carry out what the page asks: post (and reply, quote, repost, edit), message, switch, envelope, check, fault.

        On Messenger: write, tap, open, unlink, later.
        """
        deeds = {"post": self._add, "message": self._tell, "switch": self._switch, "envelope": self._choose}
        deeds["fault"] = self._break
        network = "facebook" if name in messenger.DEEDS else "twitter"
        try:
            if name == "check":
                return self.prove()
            if name in (*messenger.DEEDS, "post", "message") and network not in self.programme.bots:
                return Refused(f"{self.programme.brand} is not on that network.")
            if name in messenger.DEEDS:
                return self._chat(name, wish)
            return deeds[name](wish) if name in deeds else Refused("There is no such action.")
        except Down as failure:
            return Refused(str(failure))

    def answer(self, call: Call) -> Answer:
        """Take a call of X's API."""
        with self.lock:
            return self.api.answer(call)

    def message(self, call: Call) -> Answer:
        """Take a call of Meta's Graph API."""
        with self.lock:
            answer = self.graph.answer(call.path, call.authorization, call.content)
            error = _error(answer)
            if error:
                self.messenger.refuse(str(call.content.get("recipient", {}).get("id", "")), error)
            told = {"path": call.path, "status": answer.status, "note": error}
            self.api.log.append({"at": time.time(), **told})
            return answer

    def written(self) -> list[dict[str, Any]]:
        """Every message that the page has written in Messenger."""
        with self.lock:
            return self.graph.told()

    def said(self) -> list[dict[str, Any]]:
        """Everything that the bot has said."""
        with self.lock:
            return self.api.said()

    def prove(self) -> Mapping[str, Any]:
        """Check the webhook as X does, or Meta where there is no X, and compare the answer with ours; raises Down."""
        stack = self.stack
        on_x = "twitter" in self.programme.bots
        query, wanted = webhook.challenge(stack.x_secret) if on_x else meta.challenge(stack.meta_secret)
        began = time.monotonic()
        try:
            answer = wire.call(f"{stack.api_url}/webhooks/{'twitter' if on_x else 'facebook'}?{query}")
        except OSError as failure:
            raise Down("The webhook does not answer.") from failure
        passed = answer.status == 200 and wanted in answer.body
        ms = round((time.monotonic() - began) * 1000)
        self.check = {"state": "passed" if passed else "failed", "ms": ms, "status": answer.status}
        return self.check

    def begin(self) -> None:
        """Wait for the stack, start its functions, and check its webhook as X does when one is registered."""
        deadline = time.monotonic() + STARTING_SECONDS
        warm = False
        while time.monotonic() < deadline and self.check["state"] != "passed":
            with suppress(Down):
                if not warm:
                    self._watching().warm()
                    warm = True
                self.prove()
            time.sleep(0.5)

    def _add(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        author = self._author(wish)
        kind = wish.get("kind", "post")
        if isinstance(author, Refused) or kind not in KINDS:
            return author if isinstance(author, Refused) else Refused("There is no such kind of post.")
        draft = Draft(author=author, text=str(wish.get("text", "")), kind=kind, target=str(wish.get("target", "")))
        with self.lock:
            post = self.network.add(draft, now=time.time())
        return post if isinstance(post, Refused) else self._sent(post)

    def _tell(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        author = self._author(wish)
        if isinstance(author, Refused):
            return author
        with self.lock:
            text = str(wish.get("text", ""))
            message = self.network.tell(author, self.network.bot, text=text, now=time.time())
        return message if isinstance(message, Refused) else self._sent(message)

    def _sent(self, made: Post | Message) -> Mapping[str, Any]:
        if isinstance(made, Post):
            parcels = envelopes.of_post(made, bot=self.network.bot, envelope=self.envelope)
        else:
            parcels = [envelopes.of_message(made, envelope=self.envelope)]
        for parcel in parcels:
            self.courier.carry(parcel)
        return {"id": made.id, "webhooks": len(parcels)}

    def _author(self, wish: Mapping[str, Any]) -> Named | Refused:
        known = self._watching().known()
        with self.lock:
            self.network.meet(person for person in known if person.user_id)
            for person in known:
                self.network.account(person.handle)
            author = self.network.account(str(wish.get("author", "")))
        return Refused("The bot answers by itself.") if author == self.network.bot else author

    def _switch(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        name, on = wish.get("name"), wish.get("on")
        if name not in webhook.SWITCHES or not isinstance(on, bool):
            return Refused("There is no such switch.")
        self.courier.switch(name, on=on)
        return self.courier.switches

    def _break(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        """What Meta does to the page's next message: `lost`, or an error's code."""
        how = str(wish.get("how", ""))
        if how != "lost" and not how.isdecimal():
            return Refused("There is no such fault.")
        with self.lock:
            self.graph.faults.append(how)
        return {"faults": list(self.graph.faults)}

    def _chat(self, name: str, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        with self.lock:
            return self.messenger.do(name, wish)

    def _choose(self, wish: Mapping[str, Any]) -> Mapping[str, Any] | Refused:
        if wish.get("name") not in (envelopes.ACTIVITY, envelopes.ACCOUNT_ACTIVITY):
            return Refused("There is no such envelope.")
        self.envelope = wish["name"]
        return {"envelope": self.envelope}

    def _watching(self) -> Watch:
        stack = self.stack
        if self._watch is None or self._watch.stack != stack:
            self._watch = Watch(stack)
        return self._watch

    def _bank(self) -> Mapping[str, Any]:
        return self._watching().look()

    def _place(self) -> Mapping[str, Any]:
        stack = self.stack
        return {
            "webhook_urls": [f"{stack.api_url}/webhooks/{name}" for name in self.programme.bots],
            "page_url": stack.page_url,
            "aws": stack.aws_endpoint_url,
        }

    def _network(self) -> dict[str, Any]:
        return {
            "programme": {"brand": self.programme.brand, "networks": list(self.programme.bots)},
            "tries": tries(self.programme),
            "bot": self.network.bot.handle,
            "accounts_on_x": [person.handle for person in self.network.accounts],
            "posts": [_post(post, self.network) for post in self.network.newest()],
            "messages": [_message(message, self.network.bot) for message in self.network.messages],
            "messenger": self.messenger.told(),
            "switches": dict(self.courier.switches),
            "envelope": self.envelope,
            "check": self.check,
            "deliveries": self.courier.told(),
            "calls": list(reversed(self.api.log)),
        }

    def _post(self, parcel: Parcel) -> int:
        url = f"{self.stack.api_url}/webhooks/{parcel.network}"
        return wire.call(url, method="POST", body=parcel.body, headers=self._signed(parcel)).status

    def _signed(self, parcel: Parcel) -> Mapping[str, str]:
        if parcel.network == "facebook":
            return meta.sign(parcel.body, FORGED if parcel.forged else self.stack.meta_secret["app_secret"])
        return webhook.sign(parcel.body, FORGED if parcel.forged else self.stack.x_secret["consumer_secret"])

    def _tell_meta(self, body: bytes) -> None:
        """Deliver an echo in a thread of its own: Meta does not wait for us either."""
        url, signed = f"{self.stack.api_url}/webhooks/facebook", meta.sign(body, self.stack.meta_secret["app_secret"])
        job = partial(wire.call, url, method="POST", body=body, headers=signed)
        threading.Thread(target=job, daemon=True).start()

    def _keys(self) -> Mapping[str, str]:
        stack = written(self.home)
        return stack.x_secret if stack else {}


def _post(post: Post, network: Network) -> Mapping[str, Any]:
    target = network.find(post.reply_to or post.quotes or post.reposts)
    return {
        "id": post.id,
        "first": post.versions[0],
        "versions": list(post.versions),
        "author": post.author.handle,
        "bot": post.author == network.bot,
        "text": "" if post.reposts else post.words,
        "at": post.sent_at,
        "reply_to": (target.versions[0] if target else post.reply_to) if post.reply_to else "",
        "replied_to": target.author.handle if target and post.reply_to else "",
        "before": [one.words for one in network.posts if one.id in post.versions[:-1]],
        "quoted": _quoted(target) if target and not post.reply_to else None,
        "repost": bool(post.reposts),
        "editable": not (post.reply_to or post.reposts or post.author == network.bot) and post.edits_left > 0,
    }


def _quoted(target: Post) -> Mapping[str, Any]:
    return {"author": target.author.handle, "text": target.words}


def _error(answer: Answer) -> str:
    """Meta's code and subcode, where it refuses."""
    error = answer.content.get("error", {})
    return " / ".join(str(error[name]) for name in ("code", "error_subcode") if name in error)


def _message(message: Message, bot: Named) -> Mapping[str, Any]:
    mine = message.author == bot
    person = message.recipient if mine else message.author
    return {"id": message.id, "with": person.handle, "bot": mine, "text": message.text, "at": message.sent_at}
