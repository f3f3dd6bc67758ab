"""Who may see the page: the secrets of one run of it. A one-time token becomes a cookie; changes carry another."""

import secrets
from hmac import compare_digest
from threading import Lock


class Access:
    """The secrets of a running page.

    Args:
        port: the port that it listens at.
        can_write: whether changes are allowed.
    """

    def __init__(self, port: int, *, can_write: bool) -> None:
        self.host = f"127.0.0.1:{port}"
        self.origin = f"http://{self.host}"
        self.can_write = can_write
        # Cookies are shared by all ports of a machine, so that each port has a name of its own.
        self.cookie_name = f"primanota-{port}"
        self.cookie = secrets.token_urlsafe(32)
        self.form_token = secrets.token_urlsafe(32)
        self._entry: str | None = secrets.token_urlsafe(32)
        self._lock = Lock()

    @property
    def address(self) -> str:
        """The address to open, once."""
        return f"{self.origin}/enter?token={self._entry or ''}"

    def enter(self, token: str) -> bool:
        """Use the one-time token; return whether it is right and was not used before."""
        with self._lock:
            is_right = self._entry is not None and _same(token, self._entry)
            if is_right:
                self._entry = None
            return is_right

    def has_entered(self, cookie: str) -> bool:
        """Return whether a cookie is that of this page."""
        return _same(cookie, self.cookie)

    def is_own_form(self, token: object) -> bool:
        """Return whether a form came from this page."""
        return isinstance(token, str) and _same(token, self.form_token)


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
