"""The option that names accounts, as ``wanted``; without it, all accounts are meant."""

import click

from primanota.cli.options.completions import ACCOUNT

accounts_option = click.option(
    "--account",
    "wanted",
    multiple=True,
    type=ACCOUNT,
    metavar="A",
    help="One account: name, IBAN, its last four characters, or id. May be given more than once.",
)
