"""Who holds an account outside: what answers where no bank does."""

from collections.abc import Mapping


class NobodyAsked:
    """The `Holders` port of a stage without a bank that checks names: it knows nothing, so nothing is paid out."""

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:  # noqa: ARG002  # the port's names
        """Always None: cannot tell."""
        return None
