"""Amounts in another currency, for the formats that state them in decimals, or with their rate. Pure."""

from decimal import Context, Decimal

from primanota.core.model import Original, Transaction

# ISO 20022, BaseOneRate: at most eleven digits, ten of them after the point. No other format is narrower.
_DIGITS = Context(prec=11)
_PLACES = 10
_TOO_MUCH = Decimal(10**11)


def rate(row: Transaction) -> str:
    """What one unit of the original currency was in the account's; empty where there is nothing sensible to state.

    It is the rate of the two booked amounts, so it includes what the bank took for the exchange.
    """
    if row.original is None or not row.original.amount:
        return ""
    exact = abs(_DIGITS.divide(Decimal(row.amount.cents).scaleb(-2), row.original.amount))
    stated = round(exact, _PLACES) if exact < _TOO_MUCH else None
    return f"{stated.normalize():f}" if stated else ""


def hundredths(original: Original) -> int | None:
    """An original amount in hundredths of its currency; None where it has a third decimal, as dinars may."""
    exact = original.amount.scaleb(2)
    return int(exact) if exact == exact.to_integral_value() else None
