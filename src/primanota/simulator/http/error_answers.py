"""How the bank says no (Qonto docs: errors)."""


class Refusal(Exception):
    """A request is refused: an HTTP status, the bank's code, a sentence, and the parameter it is about."""

    def __init__(self, status: int, code: str, detail: str, parameter: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.parameter = parameter

    def body(self, *, as_object: bool) -> dict[str, object]:
        """The JSON without its trace id: `errors` is a list, or one object in an older form of 404 and 422."""
        error: dict[str, object] = {"code": self.code, "detail": self.detail}
        source = {"parameter": self.parameter} if self.parameter else {}
        if as_object:
            error |= {"status": str(self.status), "message": self.detail, "source": source}
            return {"errors": error}
        return {"errors": [error | {"source": source} if source else error]}


def not_found(what: str) -> Refusal:
    """404 for one thing."""
    return Refusal(404, "not_found", f"{what} not found")
