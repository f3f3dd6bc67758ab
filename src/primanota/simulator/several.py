"""Several simulated organisations behind one address, as at the bank: the API key says whose data is asked for."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from primanota.simulator.simulator import Simulator

_FILES_PATHS = ("/attachments/", "/statements/")


class SeveralSimulators:
    """Passes each request to the simulator whose API key it carries; one without a known key goes to the first.

    Args:
        simulators: the simulators, each with a seed of its own, and all with the same ``RateLimits``: the bank counts
            the requests of an address, whatever their keys are.
    """

    def __init__(self, simulators: Iterable[Simulator]) -> None:
        self.simulators = (*simulators,)
        self._by_key = {f"{one.login}:{one.secret}": one for one in self.simulators}
        self._by_login = {one.login: one for one in self.simulators}

    @property
    def hosts(self) -> ASGIApp:
        """The app of all organisations."""
        return self._answer

    @property
    def files_url(self) -> str:
        """The address of the host of attachments and statements."""
        return self.simulators[0].files_url

    @files_url.setter
    def files_url(self, url: str) -> None:
        for one in self.simulators:
            one.files_url = url

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._simulator_of(scope).hosts(scope, receive, send)

    def _simulator_of(self, scope: Scope) -> Simulator:
        first = self.simulators[0]
        if scope["type"] != "http":
            return first
        if scope["path"].startswith(_FILES_PATHS):
            query = scope["query_string"].decode("latin-1")
            path = scope["raw_path"].decode("latin-1")
            return next((one for one in self.simulators if one.has_signed(path, query)), first)
        key = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode("latin-1")
        # A revoked or wrong key is refused by the organisation that it names.
        return self._by_key.get(key) or self._by_login.get(key.partition(":")[0]) or first
