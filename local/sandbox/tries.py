"""What the page offers to be written with one tap, in the language of the programme's country."""

from collections.abc import Mapping, Sequence

from chalicelib.config import Programme

_POSTS: Mapping[str, Sequence[str]] = {
    "fr": (
        "#envoyer 10 euros @superpipou",
        "#donner 20€ @croixbleue",
        "#envoyer 1.000 € @superpipou",
        "#annuler",
        "#aide",
    ),
}
# `{}` is the @name of somebody else whom the page knows.
_CHATS: Mapping[str, Sequence[str]] = {
    "fr": ("Envoyer 5 € à @{}", "Envoyer 5 € au 06 39 98 00 02", "Envoyer 5 €", "solde", "annuler", "aide"),
    "ja": ("@{}に1000円を送る", "@{} 千円 送金", "090-0000-0002に500円を送る", "残高", "取消", "ヘルプ"),
}


def tries(programme: Programme) -> Mapping[str, Sequence[str]]:
    """The texts for `posts` and for `chats`; none for posts where nobody writes in that language there."""
    language = programme.language
    return {"posts": _POSTS.get(language, ()), "chats": _CHATS.get(language, ())}
