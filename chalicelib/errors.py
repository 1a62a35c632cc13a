"""The one exception that says "outside is down": whoever catches it retries or hands the message back."""


class Unavailable(Exception):
    """A service outside cannot be reached now; the message says which. Nothing was decided."""
