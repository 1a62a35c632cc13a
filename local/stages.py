"""The stages of this machine, on which a programme is played with people and keys that were made up. No AWS account."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".local"
LOCAL_STAGE = "local"
# The programme of the stage `local`; another one has a stage of its own, and they run side by side.
PROGRAMME = "smoney"
STAGES: Mapping[str, str] = {PROGRAMME: LOCAL_STAGE, "rakuten": "localrakuten"}
# `trial` is a stage for `chalice deploy` on the emulator: a stage keeps one way of deploying.
EMULATED = (*STAGES.values(), "trial")


class NotPlayed(Exception):
    """A programme has no stage on this machine; the message says which have."""


def is_local(stage: str) -> bool:
    """Whether a stage is one of `python -m local`."""
    return stage in STAGES.values()


def stage_of(programme: str) -> str:
    """The stage of this machine that plays a programme; raises NotPlayed."""
    if programme not in STAGES:
        raise NotPlayed(f"There is no programme {programme} to play here: try {' or '.join(STAGES)}.")
    return STAGES[programme]


def home(programme: str = PROGRAMME) -> Path:
    """Where the stack of a programme keeps its state; STATE_DIR in the environment names another folder."""
    return home_of(stage_of(programme), Path(os.environ.get("STATE_DIR") or HOME))


def home_of(stage: str, top: Path = HOME) -> Path:
    """Where the stack of a stage keeps its state: `local` at the top, the others in folders of their own."""
    return top if stage == LOCAL_STAGE else top / stage
