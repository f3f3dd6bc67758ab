"""``primanota login``: ask for the API key, try it, keep it."""

import sys
from contextlib import suppress
from urllib.parse import urlsplit

import click

from primanota.adapters.secrets.stores import KEYRING, store_secret
from primanota.adapters.settings import config
from primanota.app.workspace import now
from primanota.banks.qonto import normalise
from primanota.banks.qonto.bank import Bank
from primanota.banks.qonto.client import Client
from primanota.cli import output
from primanota.core.errors import InvalidInput
from primanota.core.model import Account, Organisation
from primanota.core.secret import Credentials, Secret


@click.command()
@click.option("--api-url", metavar="URL", help="Another host: the sandbox, or a simulator.")
@click.option("--mail", is_flag=True, help="Keep the password of the mail server instead.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr.")
def login(*, api_url: str | None, mail: bool, as_json: bool, verbose: bool) -> None:
    """Try an API key, and keep it.

    Asks for the key, reads the organisation with it, lists its accounts, and keeps the key in the system's key store.

    The key stands in Qonto under Settings, Integrations and API. Where the system has no key store, the secret
    goes into a file that only you can read. It never goes into the settings, the book or a log.

    With --mail it asks for the password of the server that takes your mails, and keeps that the same way.

    Example: primanota login
    """
    settings = config.load()
    if mail:
        _keep_mail_password(settings, as_json=as_json)
        return
    _check(api_url or settings.api_url(""))
    name = click.prompt("Login (the organisation's slug, like acme-corp-1234)", err=True).strip()
    secret = Secret(click.prompt("Secret key (not shown)", hide_input=sys.stdin.isatty(), err=True).strip())
    url = api_url or settings.api_url(name)
    company, accounts = _try(Credentials(name, secret), url, settings.staging_token)
    reference = store_secret(name, secret, settings.folder)
    settings.with_login(name, reference, url).save()
    place = "the system's key store" if reference == KEYRING else f"a file only you can read, in {settings.folder}"
    if as_json:
        output.as_json({"organisation": name, "name": company.name, "kept_in": reference, "accounts": accounts})
    else:
        _print(company, accounts, place)
    if verbose:
        output.info(f"The settings are {settings.file}.")


def _check(url: str) -> None:
    """Refuse an address to which no key would be sent, before anybody types one."""
    host = None
    with suppress(ValueError):
        host = urlsplit(url).hostname
    if not host:
        raise InvalidInput(f"There is no host in “{url}”.", "Write it like https://thirdparty.qonto.com.")
    with Client(
        Credentials("nobody", Secret("nothing")), api_url=url
    ):  # it asks nothing yet, and refuses an open line
        pass


def _keep_mail_password(settings: config.Config, *, as_json: bool) -> None:
    name = settings.login(None)
    said = click.prompt("Password of the mail server (not shown)", hide_input=sys.stdin.isatty(), err=True)
    reference = store_secret(f"{name}.mail", Secret(said), settings.folder)
    if as_json:
        output.as_json({"organisation": name, "kept_in": reference})
        return
    output.result(f'It is kept. Write password = "{reference}" into [organisation.{name}.mail] of {settings.file}.')


def _try(credentials: Credentials, url: str, staging_token: str | None) -> tuple[Organisation, list[Account]]:
    with Client(credentials, api_url=url, staging_token=staging_token) as client:
        bank = Bank(client, now)
        company = bank.organisation()
        accounts = [normalise.account(entry.body) for entry in bank.accounts(company)]
    return normalise.organisation(company), accounts


def _print(company: Organisation, accounts: list[Account], place: str) -> None:
    output.result(f"The key works: {company.name}")
    headings = ("Account", "IBAN", "Status", "Balance")
    kinds = (f"{account.status}, external" if account.external else account.status for account in accounts)
    rows = zip(accounts, kinds, strict=True)
    output.table(headings, ((one.name, one.iban, kind, output.money(one.balance)) for one, kind in rows), right=(3,))
    output.result(f"The secret is kept in {place}. Next: primanota run")
