"""`python -m local.sandbox PORT HOME PROGRAMME`: serve the sandbox of the stack in HOME; started by local/stack.py."""

import sys
from pathlib import Path

from local.sandbox.server import serve

if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
