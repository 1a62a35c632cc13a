"""The pages' routes. What a page needs is imported when it is asked for: every other function starts without it."""

from chalice.app import Blueprint, Response

routes = Blueprint(__name__)
FORM = ["application/x-www-form-urlencoded"]


@routes.route("/p", methods=["GET"], content_types=[])
def shell() -> Response:
    """The page that a link opens: it has no secret and asks nothing; its script posts the fragment to /p/open."""
    from chalicelib.web import steps

    return steps.shell(routes.current_request)


@routes.route("/p/open", methods=["POST"], content_types=FORM)
def open_link() -> Response:
    """Show what a link would pay."""
    from chalicelib.web import pages

    return pages.take(routes.current_request, "open")


@routes.route("/p/confirm", methods=["POST"], content_types=FORM)
def confirm() -> Response:
    """Pay with link and code."""
    from chalicelib.web import pages

    return pages.take(routes.current_request, "confirm")


@routes.route("/p/decline", methods=["POST"], content_types=FORM)
def decline() -> Response:
    """Refuse to pay."""
    from chalicelib.web import pages

    return pages.take(routes.current_request, "decline")


@routes.route("/p/renew", methods=["POST"], content_types=FORM)
def renew() -> Response:
    """Have a new link sent to the bound number."""
    from chalicelib.web import pages

    return pages.take(routes.current_request, "renew")


@routes.route("/j", methods=["GET"], content_types=[])
def join_shell() -> Response:
    """The page that a join link opens; its script posts the fragment to /j/open."""
    from chalicelib.web import steps

    return steps.shell(routes.current_request)


@routes.route("/j/open", methods=["POST"], content_types=FORM)
def open_invitation() -> Response:
    """Show the terms and ask for a security code."""
    from chalicelib.web import join

    return join.take(routes.current_request, "join_open")


@routes.route("/j/code", methods=["POST"], content_types=FORM)
def choose_code() -> Response:
    """Store the security code and show the pairing code."""
    from chalicelib.web import join

    return join.take(routes.current_request, "join_code")


@routes.route("/j/renew", methods=["POST"], content_types=FORM)
def renew_invitation() -> Response:
    """Have a new join link sent to the bound number."""
    from chalicelib.web import join

    return join.take(routes.current_request, "join_renew")


@routes.route("/l", methods=["GET"], content_types=[])
def linking() -> Response:
    """The form behind a chat's button that links an account."""
    from chalicelib.web import linking

    return linking.shell(routes.current_request)


@routes.route("/l/ask", methods=["POST"], content_types=FORM)
def ask_to_link() -> Response:
    """Have an invitation sent to a number, if it is a customer's."""
    from chalicelib.web import linking

    return linking.ask(routes.current_request)


@routes.route("/c", methods=["GET"], content_types=[])
def claim_shell() -> Response:
    """The page that the link of held money opens; its script posts the fragment to /c/open."""
    from chalicelib.web import steps

    return steps.shell(routes.current_request, about="claim")


@routes.route("/c/open", methods=["POST"], content_types=FORM)
def open_claim() -> Response:
    """Show what is held for somebody, and how they get it."""
    from chalicelib.web import claim

    return claim.take(routes.current_request, "claim_open")


@routes.route("/c/refuse", methods=["POST"], content_types=FORM)
def refuse_claim() -> Response:
    """Refuse what is held: it goes back."""
    from chalicelib.web import claim

    return claim.take(routes.current_request, "claim_refuse")


@routes.route("/c/account", methods=["POST"], content_types=FORM)
def name_account() -> Response:
    """Name a bank account for what is held."""
    from chalicelib.web import claim

    return claim.take(routes.current_request, "claim_account")
