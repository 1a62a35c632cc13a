"""HTML answers: templates, escaping, and the headers that every answer carries."""

import re
import secrets as randomness
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice.app import Request, Response

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
HSTS_SECONDS = 63_072_000
# Brands with a hyphen, accounts' and telephone numbers.
_SHORT = re.compile(r"(?<![\w-])\w{1,4}(?:-\w{1,8}){1,2}(?![\w-])", re.ASCII)
# The policy of what is no page.
CLOSED = "default-src 'none'; frame-ancestors 'none'"


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page; a fresh nonce lets its own style and script run and nothing else (ASVS 3.4)."""
    nonce = randomness.token_urlsafe(16)
    body = _environment().get_template(template).render(nonce=nonce, **values)
    return Response(body=body, status_code=status, headers=headers(nonce))


def headers(nonce: str) -> dict[str, str | list[str]]:
    """The headers of every page: nothing cached, framed, referred to or loaded from elsewhere."""
    policy = (
        "default-src 'none'",
        f"style-src 'nonce-{nonce}'",
        f"script-src 'nonce-{nonce}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(policy),
        "Strict-Transport-Security": f"max-age={HSTS_SECONDS}; includeSubDomains",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    }


def closed(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: the same headers on answers that are no page, also on those that Chalice makes (405, 415, 500)."""
    response = get_response(request)
    given = {name.lower() for name in response.headers}
    wanted = {**headers(""), "Content-Type": "application/json", "Content-Security-Policy": CLOSED}
    response.headers |= {name: value for name, value in wanted.items() if name.lower() not in given}
    return response


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # only where a page is made

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["whole"] = _whole
    return environment


def _whole(prose: str) -> "Markup":
    """Escaped prose whose short words with a hyphen do not end a line at it."""
    from markupsafe import Markup, escape  # noqa: PLC0415  # comes with jinja2

    marked = _SHORT.sub(r'<span class="whole">\g<0></span>', str(escape(prose)))
    return Markup(marked)  # noqa: S704  # escaped before it was marked
