"""The scopes of OAuth tokens, and which one each endpoint needs (Qonto docs: scopes)."""

from collections.abc import Container, Iterable

from primanota.simulator.http.error_answers import ApiError

# The scopes of the bank that concern reading; an app may ask for any of them.
KNOWN_SCOPES = frozenset(
    {
        "offline_access",
        "openid",
        "organization.read",
        "membership.read",
        "team.read",
        "attachment.read",
        "attachment.write",
        "client_invoices.read",
        "supplier_invoice.read",
        "card.read",
        "subscription.read",
        "einvoicing.read",
        "request_review.read",
        "webhook",
    }
)
# Paths by their beginning, the most special first; any one of the scopes is enough.
_NEEDED: tuple[tuple[str, frozenset[str]], ...] = (
    ("/v2/teams", frozenset({"team.read"})),
    ("/v2/memberships", frozenset({"organization.read"})),
    ("/v2/membership", frozenset({"membership.read", "organization.read"})),
    ("/v2/attachments", frozenset({"attachment.read", "organization.read"})),
    ("/v2/", frozenset({"organization.read"})),
)


def require_scope(path: str, granted: Iterable[str], switches: Container[str] = ()) -> None:
    """Raise `ApiError` if no granted scope allows reading this path."""
    for beginning, needed in _NEEDED:
        if path.startswith(beginning):
            if path.startswith("/v2/attachments") and "attachment-scope" in switches:
                needed = needed & {"attachment.read"}  # noqa: PLW2901 - narrower
            if not needed & set(granted):
                raise ApiError(403, "forbidden", "User does not have sufficient permissions for this action.")
            return
