"""The settings of the pack that a run makes of each closed month: of the environment, then of the file."""

import msgspec

from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import CloseSettings, OrganisationSettings
from primanota.adapters.settings.variables import destinations_of


def close_settings(config: Config, login: str) -> CloseSettings:
    """Return where an organisation's packs go, and how they are made."""
    found = config.organisations.get(login, OrganisationSettings()).close
    words = config.environment.get("PRIMANOTA_CLOSE_TO", "").strip()
    return msgspec.structs.replace(found, to=destinations_of(words)) if words else found
