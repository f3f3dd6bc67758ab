"""``primanota login``: ask for an API key, try it and store it."""

import sys

import click

from primanota.adapters.settings import config
from primanota.app.login import LoginResult, check_api_url, log_in, place_of, store_mail_password
from primanota.cli import output, program
from primanota.cli.tables import Cell, TableColumn, money_of
from primanota.core.commands import weekly_run
from primanota.core.secret import Secret


@click.command()
@click.option("--api-url", metavar="URL", help="Another host: the sandbox, or a simulator.")
@click.option("--mail", is_flag=True, help="Store the password of the mail server instead.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print more on stderr.")
def login(*, api_url: str | None, mail: bool, as_json: bool, verbose: bool) -> None:
    """Try an API key, and store it.

    Asks for the key, reads the organisation with it, lists its accounts, and stores the key in the system key store.

    You find the key in Qonto's web app under Integrations and Partnerships, API key. The key may be able to write;
    this program cannot. If the system has no key store, the secret goes into a file that only you can read. It never
    goes into the settings, the book or a log.

    With --mail it asks for the password of your mail server instead, and stores that in the same way.

    Example: primanota login
    """
    settings = config.load()
    settings.require_all_readable()
    if mail:
        _store_mail_password(settings, as_json=as_json)
        return
    check_api_url(api_url or settings.api_url(""))
    answer = output.ask("Login (the organisation's slug, like acme-corp-1234)")
    name, _, pasted = answer.strip().partition(":")  # some paste “login:secret”
    secret = Secret(pasted or _ask_hidden("Secret key (not shown)").strip())
    result = log_in(settings, name, secret, api_url or settings.api_url(name))
    if as_json:
        found = {"organisation": name, "name": result.organisation.name}
        output.as_json(found | {"kept_in": result.reference, "accounts": result.accounts})
    else:
        _print(result, place_of(result.reference, settings), settings.profile(name))
    if verbose:
        output.info(f"The settings are {settings.file}.")


def _ask_hidden(question: str) -> str:
    return output.ask(question, hide=sys.stdin.isatty())


def _store_mail_password(settings: config.Config, *, as_json: bool) -> None:
    name = settings.login(None)
    reference = store_mail_password(settings, name, Secret(_ask_hidden("Password of the mail server (not shown)")))
    if as_json:
        output.as_json({"organisation": name, "kept_in": reference})
        return
    output.result(f'It is stored. Write password = "{reference}" into [organisation.{name}.mail] of {settings.file}.')


def _print(result: LoginResult, place: str, profile: str) -> None:
    output.result(f"The key works: {result.organisation.name}")
    rows = list[tuple[Cell, ...]]()
    for account in result.accounts:
        status = f"{account.status}, external" if account.external else account.status
        rows.append((account.name, account.iban, status, money_of(account.balance, account.currency)))
    output.table(
        (
            TableColumn("Account"),
            TableColumn("IBAN", "word"),
            TableColumn("Status"),
            TableColumn("Balance", "amount"),
        ),
        rows,
    )
    output.result(f"The secret is kept in {place}. Next: {weekly_run(profile, program.name())}")
