"""The time zone of an organisation: as set, else by the country in which it is registered."""

from zoneinfo import ZoneInfo

from primanota.core.errors import InvalidConfiguration

# The time zone of a company of each country; the Canaries and overseas territories set PRIMANOTA_TIMEZONE.
_ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam",
    "PT": "Europe/Lisbon",
}
_DEFAULT = "Europe/Berlin"


def zone_of(name: str, country: str) -> ZoneInfo:
    """Return a time zone by its name; if that is empty, by the country of the organisation (ISO 3166-1 alpha-2).

    Raises:
        InvalidConfiguration: there is no such time zone.
    """
    try:
        return ZoneInfo(name or _ZONES.get(country, _DEFAULT))
    except (ValueError, OSError, LookupError):
        raise InvalidConfiguration(f"There is no time zone “{name}”.", "Write it like Europe/Berlin.") from None
