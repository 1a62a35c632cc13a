"""Commands of the console as they can be pasted into a shell. Pure."""

import shlex


def command(stage: str, *words: str) -> str:
    """`python -m console …` for a stage, whatever the shell holds; options come last."""
    options = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
    return shlex.join(["python", "-m", "console", *words[:options], "--stage", stage, *words[options:]])


def look_again(stage: str, seconds: float) -> str:
    """What to do after letters were sent on: they die again, if they do, within so many seconds."""
    wait = f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"
    return f"Look again in {wait}: `{command(stage, 'dead', 'list')}`. What fails again lies there by then."
