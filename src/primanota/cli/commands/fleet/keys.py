"""``primanota fleet key`` and ``reencrypt``: the key that encrypts the tokens of a fleet."""

import click

from primanota.adapters.settings import config
from primanota.cli import texts
from primanota.cli.commands.fleet.database import FleetOptions, fleet_options
from primanota.cli.terminal import output
from primanota.cli.texts.language import on_stdout


@click.command()
@click.option("--rotate", is_flag=True, help="Put a new key before the present one, which goes on to decrypt.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def key(*, rotate: bool, as_json: bool) -> None:
    """Make the key that encrypts the tokens of consents, and store it where PRIMANOTA_FLEET_KEY leads.

    By default that is a file which only you can read, in the folder of settings. Every machine with workers needs the
    same key. It is never printed, and never replaced: without it the stored tokens are lost.

    Example: primanota fleet key
    """
    from primanota.fleet.database import require_extra
    from primanota.fleet.oauth.token_key import make_key

    require_extra()
    settings = config.load()
    reference = make_key(settings, rotate=rotate)
    if as_json:
        output.as_json({"kept_in": reference, "rotated": rotate})
        return
    words = texts.fleet().consent
    output.result(
        (words.key_rotated if rotate else words.key_made).format(reference=reference, folder=settings.folder)
    )


@click.command()
@fleet_options
def reencrypt(*, where: FleetOptions) -> None:
    """Encrypt all stored tokens and invitations with the first of the present keys.

    Afterwards the older keys are not needed any more.

    Example: primanota fleet reencrypt
    """
    from primanota.fleet.oauth.reencryption import reencrypt as encrypted_anew
    from primanota.fleet.oauth.token_key import FleetKeys

    with where.opened() as database:
        done = encrypted_anew(database, FleetKeys(config.load())())
    if where.as_json:
        output.as_json({"changed": done.changed, "current": done.current})
    else:
        output.result(on_stdout().counted(texts.fleet().consent.reencrypted, done.changed))
