"""Exchange rates and amounts in another currency, for formats that state them. Pure."""

from decimal import Context, Decimal

from primanota.core.model import Original, Transaction

# ISO 20022, BaseOneRate: at most eleven digits, ten of them after the point. The other formats allow more.
_DIGITS = Context(prec=11)
_PLACES = 10
_TOO_HIGH = Decimal(10**11)


def rate(row: Transaction) -> str:
    """Return the price of one unit of the original currency in the account's; empty if it cannot be stated.

    It is the rate of the two booked amounts, so it includes the bank's charge for the exchange.
    """
    if row.original is None or not row.original.amount:
        return ""
    exact = abs(_DIGITS.divide(Decimal(row.amount.cents).scaleb(-2), row.original.amount))
    stated = round(exact, _PLACES) if exact < _TOO_HIGH else None
    return f"{stated.normalize():f}" if stated else ""


def hundredths(original: Original) -> int | None:
    """Return an original amount in hundredths of its currency; None if it has a third decimal, as dinars may."""
    exact = original.amount.scaleb(2)
    return int(exact) if exact == exact.to_integral_value() else None
