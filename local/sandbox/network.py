"""X as far as the sandbox needs it: who is there, their posts with threads and edits, private messages. Pure."""

import hashlib
import html
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from chalicelib.channels import Named
from local.sandbox import entities
from local.sandbox.entities import Entity

# Ids of posts hold their time: milliseconds since this one, shifted by 22 bits.
EPOCH_MS = 1_288_834_974_657
EDITABLE_SECONDS = 3_600
EDITS = 5
CHARACTERS = 280
HANDLE_CHARACTERS = 15

Kind = Literal["post", "reply", "quote", "repost", "edit"]


@dataclass(frozen=True)
class Refused:
    """X does not take it; `reason` is a sentence for who wrote it."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What somebody is about to post; `target` is the post that it replies to, quotes, reposts or edits."""

    author: Named
    text: str = ""
    kind: Kind = "post"
    target: str = ""


@dataclass(frozen=True, kw_only=True)
class Post:
    """One version of a post. `text` is not escaped; `shown` and the entities count code points of the escaped text.

    `versions` are the ids of all versions up to this one, the first one first. `reply_to`, `quotes` and `reposts` are
    ids, "" where it does none of these; `target_author` is who wrote that post, if it is known here.
    """

    id: str
    author: Named
    text: str
    sent_at: float
    conversation: str
    versions: tuple[str, ...]
    shown: tuple[int, int]
    mentions: tuple[Entity, ...] = ()
    hashtags: tuple[Entity, ...] = ()
    reply_to: str = ""
    quotes: str = ""
    reposts: str = ""
    target_author: Named | None = None

    @property
    def escaped(self) -> str:
        """The text as X delivers it."""
        return entities.escaped(self.text)

    @property
    def words(self) -> str:
        """The author's own words: without an automatic reply prefix, and without the link to a quoted post."""
        return html.unescape(self.escaped[slice(*self.shown)])

    @property
    def editable_until(self) -> float:
        """Until when its author may edit it, by the time of its first version; epoch seconds."""
        return sent_at(self.versions[0]) + EDITABLE_SECONDS

    @property
    def edits_left(self) -> int:
        """How many edits its author still has."""
        return EDITS + 1 - len(self.versions)

    def names(self, user_id: str) -> bool:
        """Whether it names somebody in its own words: names of an automatic reply prefix do not count."""
        return any(one.user_id == user_id and one.start >= self.shown[0] for one in self.mentions)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A private message; its entities as those of a post."""

    id: str
    author: Named
    recipient: Named
    text: str
    sent_at: float
    mentions: tuple[Entity, ...] = ()
    hashtags: tuple[Entity, ...] = ()

    @property
    def escaped(self) -> str:
        """The text as X delivers it."""
        return entities.escaped(self.text)


@dataclass
class Network:
    """Everything on the network; posts are kept in every version, oldest first."""

    bot: Named
    posts: list[Post] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    _accounts: dict[str, Named] = field(default_factory=dict)
    _counter: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.meet([self.bot])

    @property
    def accounts(self) -> list[Named]:
        """Everybody who is known to exist, the bot first."""
        return list(self._accounts.values())

    def meet(self, people: Iterable[Named]) -> None:
        """Learn of accounts that exist; an id that is given here takes the place of a made-up one."""
        self._accounts |= {person.handle.lower(): person for person in people}

    def account(self, handle: str) -> Named | Refused:
        """Who is behind an @name; a new name gets an account, with an id that is always the same for this name."""
        name = handle.strip().lstrip("@")
        if not (name.isascii() and name.replace("_", "a").isalnum() and len(name) <= HANDLE_CHARACTERS):
            return Refused("An @name has 1 to 15 letters, digits or _.")
        known = self._accounts.get(name.lower())
        return known or self._new(name)

    def by_id(self, user_id: str) -> Named:
        """Who has a user id; somebody of whom only the id is known has it for a name."""
        known = (person for person in self._accounts.values() if person.user_id == user_id)
        return next(known, Named(user_id=user_id, handle=f"id_{user_id}"[:HANDLE_CHARACTERS]))

    def add(self, draft: Draft, *, now: float) -> Post | Refused:
        """Take a post, or say why not; an edit adds a version under a new id."""
        target = self.find(draft.target) if draft.target else None
        reason = _unfit(draft, target, now=now)
        if reason:
            return Refused(reason)
        new_id = self.new_id(now)
        post = marked(_composed(draft, target, new_id=new_id, now=now), self.accounts)
        self.posts.append(post)
        return post

    def answer(self, text: str, *, to: str, now: float) -> Post:
        """Take a reply of the bot, also to a post that came by another way and is not known here."""
        post = self.add(Draft(author=self.bot, text=text, kind="reply", target=to), now=now)
        if isinstance(post, Refused):
            new_id = self.new_id(now)
            post = replace(
                alone(Draft(author=self.bot, text=text), new_id=new_id, now=now), reply_to=to, conversation=to
            )
            self.posts.append(post)
        return post

    def tell(self, author: Named, recipient: Named, *, text: str, now: float) -> Message | Refused:
        """Take a private message."""
        if not text.strip():
            return Refused("There is nothing to send.")
        message = Message(
            id=self.new_id(now),
            author=author,
            recipient=recipient,
            text=text,
            sent_at=now,
            mentions=entities.mentions(text, _ids(self.accounts)),
            hashtags=entities.hashtags(text),
        )
        self.messages.append(message)
        return message

    def find(self, post_id: str) -> Post | None:
        """The newest version of the post that has this id among its versions."""
        found = [post for post in self.posts if post_id in post.versions]
        return found[-1] if found else None

    def newest(self) -> list[Post]:
        """The newest version of every post, oldest post first."""
        return list({post.versions[0]: post for post in self.posts}.values())

    def new_id(self, now: float) -> str:
        """A snowflake id: it grows with time."""
        return snowflake(now, next(self._counter))

    def _new(self, name: str) -> Named:
        number = int.from_bytes(hashlib.sha256(name.lower().encode()).digest()[:7])
        person = Named(user_id=str(10**17 + number), handle=name)
        self.meet([person])
        return person


def snowflake(at: float, number: int) -> str:
    """The id of a post of that time; `number` tells posts of one millisecond apart."""
    return str((int(at * 1000) - EPOCH_MS << 22) + number % 4096)


def sent_at(post_id: str) -> float:
    """The time that is part of a snowflake id; epoch seconds."""
    return ((int(post_id) >> 22) + EPOCH_MS) / 1000


def alone(draft: Draft, *, new_id: str, now: float) -> Post:
    """A post that stands alone, before its entities are marked."""
    return Post(
        id=new_id,
        author=draft.author,
        text=draft.text,
        sent_at=now,
        conversation=new_id,
        versions=(new_id,),
        shown=(0, len(entities.escaped(draft.text))),
    )


def marked(post: Post, accounts: Iterable[Named]) -> Post:
    """A post with what X finds in its text: @names of accounts that exist, and #words."""
    return replace(post, mentions=entities.mentions(post.text, _ids(accounts)), hashtags=entities.hashtags(post.text))


def _unfit(draft: Draft, target: Post | None, *, now: float) -> str:
    if draft.kind != "repost" and not draft.text.strip():
        return "There is nothing to post."
    if len(draft.text) > CHARACTERS:
        return f"A post has at most {CHARACTERS} characters; this one has {len(draft.text)}."
    if draft.kind == "post":
        return ""
    if target is None:
        return "That post is not there."
    return _not_editable(draft, target, now=now) if draft.kind == "edit" else ""


def _not_editable(draft: Draft, target: Post, *, now: float) -> str:
    if draft.author.user_id != target.author.user_id:
        return "Only its author edits a post."
    if target.reply_to or target.reposts:
        return "Replies and reposts cannot be edited."
    if not target.edits_left or now > target.editable_until:
        return f"A post can be edited {EDITS} times, for an hour."
    return ""


def _composed(draft: Draft, target: Post | None, *, new_id: str, now: float) -> Post:
    post = alone(draft, new_id=new_id, now=now)
    if target is None:
        return post
    if draft.kind == "edit":
        kept = replace(post, versions=(*target.versions, new_id), conversation=target.conversation)
        return replace(kept, quotes=target.quotes, target_author=target.target_author)
    post = replace(post, target_author=target.author)
    if draft.kind == "reply":
        return _reply(post, target)
    if draft.kind == "quote":
        return replace(post, quotes=target.id, text=f"{post.text} https://t.co/{_short(target.id)}")
    text = f"RT @{target.author.handle}: {target.text}"
    return replace(post, reposts=target.id, text=text, shown=(0, len(entities.escaped(text))))


def _reply(post: Post, target: Post) -> Post:
    """A reply starts with the names of who wrote and who is named above, which X adds and does not show."""
    above = [target.author.handle, *(one.word for one in target.mentions)]
    names = list(dict.fromkeys(name for name in above if name.lower() != post.author.handle.lower()))
    prefix = "".join(f"@{name} " for name in names)
    text = prefix + post.text
    shown = (len(prefix), len(entities.escaped(text)))
    return replace(post, text=text, shown=shown, reply_to=target.id, conversation=target.conversation)


def _short(post_id: str) -> str:
    return hashlib.sha256(post_id.encode()).hexdigest()[:10]


def _ids(accounts: Iterable[Named]) -> dict[str, str]:
    return {person.handle.lower(): person.user_id for person in accounts}
