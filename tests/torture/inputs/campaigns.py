"""The campaigns of hostile inputs."""

from tests.torture.inputs import backups, mail_servers, mails, names, places, profiles, samples, settings

_PARTS = (profiles, samples, backups, settings, places, names, mails, mail_servers)
CAMPAIGNS = tuple(one for part in _PARTS for one in part.CAMPAIGNS)
