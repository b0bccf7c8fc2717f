"""The headers that pages go out with."""

from django.http import HttpResponse


def policy(*, nonce: str, form_action: str = "'self'", frame_ancestors: str = "'none'") -> str:
    """A Content-Security-Policy: nothing but our own style and script, and pictures from here."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors {frame_ancestors}"
    )


def secure(
    response: HttpResponse, *, nonce: str, form_action: str = "'self'", framed_by: str = ""
) -> HttpResponse:
    """The headers every page goes out with. ``framed_by``: the one origin that may show it in a frame."""
    response["Content-Security-Policy"] = policy(
        nonce=nonce, form_action=form_action, frame_ancestors=framed_by or "'none'"
    )
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "strict-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Vary"] = "User-Agent, Accept-Language, Cookie"
    if framed_by:
        # The older header knows no single foreign origin; Django's middleware would add DENY.
        response.xframe_options_exempt = True
    else:
        response["X-Frame-Options"] = "DENY"
    return response
