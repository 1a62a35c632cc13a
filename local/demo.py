"""`make demo`: payments played before your eyes in the sandbox, then the stack is yours.

`PROGRAMME=rakuten` plays the Japanese bank on Messenger, which runs beside the French one. `DEMO_ONCE=1` plays once and
ends: 0 only if everybody has what they should and the books sum to zero.
"""

import os
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping

from local import played, played_in_chat, schedule, stages
from local import stack as stacks
from local.deploy import DeployFailed
from local.ministack import NotReady
from local.package import PackagingFailed
from local.people import reach
from local.played import Failed, say
from local.stack import Stack

PLAYS: Mapping[str, Callable[[Stack], None]] = {"smoney": played.play, "rakuten": played_in_chat.play}
# EventBridge is not played by the emulator: while the demo stays up, it runs the sweep itself, so often.
SWEEP_SECONDS = 10
# What ends a start with a sentence instead of a payment.
STOPPED = (NotReady, PackagingFailed, DeployFailed)


def main() -> int:
    """Play, then wait for Ctrl-C; with DEMO_ONCE=1 end after playing."""
    programme, started = os.environ.get("PROGRAMME") or stages.PROGRAMME, time.monotonic()
    say("local AWS", "starting, packaging and deploying Envoi…")
    try:
        stack = stacks.up(programme=programme)
    except stages.NotPlayed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except STOPPED as failure:
        print(f"\n{failure}\n`.venv/bin/python -m local down` clears the way for another try.", file=sys.stderr)
        return 1
    say("local AWS", f"up at {stack.aws_endpoint_url} after {time.monotonic() - started:.1f} s")
    say("sandbox", f"{stack.sandbox_url}: the networks, the phones and the books on one page")
    if not os.environ.get("DEMO_ONCE") and _has_display():
        webbrowser.open(stack.sandbox_url)
    reach(stack.aws_endpoint_url, stack.region, table=stack.table)
    os.environ["ENVOI_STAGE"] = stack.stage
    try:
        PLAYS[programme](stack)
    except (Failed, TimeoutError) as failure:
        print(f"\nThe payment failed: {failure}. The log is in {stack.home}/ministack.log.", file=sys.stderr)
        stacks.down(programme=programme)
        return 1
    if os.environ.get("DEMO_ONCE"):
        stacks.down(programme=programme)
        return 0
    return _stay(stack)


def _has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _stay(stack: Stack) -> int:
    print(f"\n  Now you: {stack.sandbox_url} lets you write as anybody, read their phones and upset the network.")
    print("  The stack stays up until Ctrl-C.")
    swept_at = time.monotonic()
    try:
        while stacks.status(programme=stack.programme):
            time.sleep(1)
            if time.monotonic() - swept_at > SWEEP_SECONDS:
                schedule.run(stack, "sweep")
                swept_at = time.monotonic()
        print("\nThe local AWS has ended.", file=sys.stderr)
        return 1  # noqa: TRY300  # both ways out stand side by side
    except KeyboardInterrupt:
        print("\n  Stopping…")
        stacks.down(programme=stack.programme)
        return 0


if __name__ == "__main__":
    sys.exit(main())
