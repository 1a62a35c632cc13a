"""The buttons under the question whom of several people the author of an order means. Pure."""

from chalicelib.channels.meta_sending import BUTTONS, ROWS, TITLE_CHARACTERS, Button
from chalicelib.intents import taps
from chalicelib.intents.intent import Intent
from chalicelib.intents.reached import CHOICES, labels


def buttons(intent: Intent) -> tuple[Button, ...]:
    """One for each person who fits, as many as the network shows; a name without one is written instead."""
    shown = labels(intent.said)[: min(ROWS.get(intent.network, BUTTONS.get(intent.network, 0)), CHOICES)]
    return tuple(
        Button(title(name, label), taps.name_button(intent.id, number)) for number, (name, label) in enumerate(shown)
    )


def title(name: str, label: str) -> str:
    """A button's title: what tells two of one name apart is never cut, the name before it is."""
    room = TITLE_CHARACTERS - len(label) - bool(label)
    kept = name if len(name) <= room else f"{name[: room - 1].rstrip(' .')}."
    return f"{kept} {label}".strip() if room > 1 else label[:TITLE_CHARACTERS]
