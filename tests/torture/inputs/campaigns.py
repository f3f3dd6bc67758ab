"""The campaigns of hostile inputs."""

from tests.torture.inputs import backups, places, profiles, samples, settings

CAMPAIGNS = tuple(one for part in (profiles, samples, backups, settings, places) for one in part.CAMPAIGNS)
