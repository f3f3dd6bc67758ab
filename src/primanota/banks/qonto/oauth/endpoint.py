"""POST to the OAuth server: the only requests to the bank that are not GET.

A form has the secret of the app, a code or a token. It goes to ``/oauth2/token`` or ``/oauth2/revoke`` of the server
that the settings name, and to no other path or host; redirects are not followed.
"""

import base64
from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote_plus, urlencode

from primanota import __version__
from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.answer_body import read_error
from primanota.banks.qonto.http.deadline import Deadline, TimeLimits
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.transport import HttpAnswer
from primanota.core.oauth import App

if TYPE_CHECKING:
    import httpx2

# A process that waits for the lock of the tokens waits twice as long.
_LIMITS = TimeLimits(run=30, request=30, attempt=30)
OAuthPath = Literal["/oauth2/token", "/oauth2/revoke"]


class Reply(NamedTuple):
    """The answer of the OAuth server; the body is empty if it could not be read."""

    answer: HttpAnswer
    body: bytes


def post(app: App, path: OAuthPath, form: dict[str, str], transport: "httpx2.BaseTransport | None" = None) -> Reply:
    """Send a form to the OAuth server, with the name of the app and its secret.

    Args:
        app: the app.
        path: the endpoint.
        form: the fields, without those that name the app.
        transport: replaces the network.

    Raises:
        InvalidConfiguration: the form would be sent without encryption, or the URL is not valid.
        NoAnswer: there was no answer in time.
    """
    import httpx2  # slow to import, and needed once an hour

    from primanota.banks.qonto.http.httpx_transport import answer_of, translated_failures
    from primanota.banks.qonto.http.proxied import one_connection

    fields, headers = _named(app, form)
    address, deadline = Address(app.url, headers), Deadline(_LIMITS)
    connection = transport or one_connection(address, deadline)
    url = httpx2.URL(address.url).copy_with(raw_path=address.target(Request(path)).encode("ascii"))
    request = httpx2.Request("POST", url, headers=headers, content=urlencode(fields).encode())
    try:
        with translated_failures():
            answer = answer_of(connection.handle_request(request))
        with closing(answer):
            return Reply(answer, read_error(answer, path, deadline.check))
    finally:
        if transport is None:
            connection.close()


def _named(app: App, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the fields and the headers of a form; the app names itself in one of them (RFC 6749, 2.3.1)."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": f"primanota/{__version__}",
    }
    if app.staging_token:
        headers["X-Qonto-Staging-Token"] = app.staging_token
    if app.client_secret is None:
        return {**form, "client_id": app.client_id}, headers
    secret = app.client_secret.reveal()
    if not app.basic:
        return {**form, "client_id": app.client_id, "client_secret": secret}, headers
    pair = f"{quote_plus(app.client_id)}:{quote_plus(secret)}"
    return form, {**headers, "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
