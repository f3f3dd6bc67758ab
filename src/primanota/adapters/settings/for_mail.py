"""What can be read of settings that have mistakes, to report those by mail."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from primanota.adapters.settings.config import Config, load
from primanota.core.errors import ConfigurationError


def load_for_mail(environment: Mapping[str, str] = os.environ) -> Config:
    """Load what can be read of the settings, to report by mail that the rest cannot be read.

    The book and the destinations on this machine are not among it: nothing is read or written but the mail.
    """
    try:
        found = load(environment)
    except ConfigurationError:
        found = load(
            {name: value for name, value in environment.items() if name != "PRIMANOTA_CONFIG"}, file=Path(os.devnull)
        )
    ours = {name: value for name, value in found.environment.items() if name != "PRIMANOTA_BOOK"}
    readable = {login: msgspec.structs.replace(one, book="") for login, one in found.organisations.items()}
    return msgspec.structs.replace(found, environment=ours, organisations=readable, broken={})
