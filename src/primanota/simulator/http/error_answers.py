"""The error answers of the bank (Qonto docs: errors)."""

# The code and the sentence of a 403 of the bank itself.
FORBIDDEN = ("forbidden", "User does not have sufficient permissions for this action.")


class ApiError(Exception):
    """An error answer: HTTP status, the bank's code, a sentence, and the parameter that caused it."""

    def __init__(self, status: int, code: str, detail: str, parameter: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.parameter = parameter

    def body(self, *, as_object: bool) -> dict[str, object]:
        """Return the JSON without its trace id. `errors` is a list, or an object in an older form of 404 and 422."""
        error: dict[str, object] = {"code": self.code, "detail": self.detail}
        source = {"parameter": self.parameter} if self.parameter else {}
        if as_object:
            error |= {"status": str(self.status), "message": self.detail, "source": source}
            return {"errors": error}
        return {"errors": [error | {"source": source} if source else error]}


class GatewayError(Exception):
    """An error answer of the API gateway, which is in front of the bank: `message` instead of `errors`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def not_found(what: str) -> ApiError:
    """Return the error 404 for one object."""
    return ApiError(404, "not_found", f"{what} not found")
