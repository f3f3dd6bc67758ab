"""``primanota login``: ask for an API key, try it and store it."""

import sys

import click

from primanota.adapters.secrets.stores import KEYRING
from primanota.adapters.settings import config
from primanota.app.books_of_files import known_by_books
from primanota.app.installation.login import LoginResult, check_api_url, log_in, store_mail_password
from primanota.cli import texts
from primanota.cli.commands.oauth_login import consented
from primanota.cli.terminal import output, program
from primanota.cli.terminal.tables import Cell, TableColumn, money_of
from primanota.cli.texts.language import on_stdout
from primanota.core.commands import weekly_run
from primanota.core.errors import InvalidInput
from primanota.core.secret import Secret


@click.command()
@click.option("--api-url", metavar="URL", help="Another host: the sandbox, or a simulator.")
@click.option("--oauth", is_flag=True, help="Ask for a consent in the browser instead of a key.")
@click.option("--manual", is_flag=True, help="With --oauth: the browser is on another machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="With --oauth: the port of the browser's answer."
)
@click.option("--mail", is_flag=True, help="Store the password of the mail server instead.")
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print more on stderr.")
def login(
    *, api_url: str | None, oauth: bool, manual: bool, port: int | None, mail: bool, as_json: bool, verbose: bool
) -> None:
    """Try an API key, and store it; or ask for a consent.

    Asks for the key, reads the organisation with it, lists its accounts, and stores the key in the system key store.

    You find the key in Qonto's web app under Integrations and Partnerships, API key. The key may be able to write;
    this program cannot. If the system has no key store, the secret goes into a file that only you can read. It never
    goes into the settings, the book or a log.

    With --oauth it opens an address in the browser, in which a person consents for the organisation; the tokens are
    stored as a key would be, and renewed by themselves. With --manual the browser may be on another machine: the
    address to which it is sent is pasted here.

    With --mail it asks for the password of your mail server instead, and stores that in the same way.

    Example: primanota login
    """
    settings = config.load()
    settings.require_all_readable()
    if mail:
        _store_mail_password(settings, as_json=as_json)
        return
    check_api_url(api_url or settings.api_url(""))
    if oauth:
        result = consented(settings, api_url or settings.api_url(""), port, manual=manual)
        _show(result, settings, as_json=as_json, verbose=verbose)
        return
    if manual or port is not None:
        raise InvalidInput("--manual and --port belong to a consent.", "Add --oauth.")
    answer = output.ask(texts.prompts().login.login)
    name, _, pasted = answer.strip().partition(":")  # some paste “login:secret”
    secret = Secret(pasted or _ask_hidden(texts.prompts().login.secret).strip())
    result = log_in(settings, name, secret, api_url or settings.api_url(name))
    _show(result, settings, as_json=as_json, verbose=verbose)


def _show(result: LoginResult, settings: config.Config, *, as_json: bool, verbose: bool) -> None:
    if as_json:
        found = {"organisation": result.login, "name": result.organisation.name, "kept_in": result.reference}
        output.as_json({**found, "consent_until": result.consent_until, "accounts": result.accounts})
    else:
        _print(result, settings, settings.profile(result.login))
    if verbose:
        output.info(f"The settings are {settings.file}.")


def _ask_hidden(question: str) -> str:
    return output.ask(question, hide=sys.stdin.isatty())


def _store_mail_password(settings: config.Config, *, as_json: bool) -> None:
    settings = known_by_books(settings, None)
    name = settings.login(None)
    reference = store_mail_password(settings, name, Secret(_ask_hidden(texts.prompts().login.mail_password)))
    if as_json:
        output.as_json({"organisation": name, "kept_in": reference})
        return
    setting, section = f'password = "{reference}"', f"[organisation.{name}.mail]"
    stored = texts.upkeep().login.mail_password
    output.result(stored.format(setting=setting, section=section, file=settings.file))


def _print(result: LoginResult, settings: config.Config, profile: str) -> None:
    words, table = texts.upkeep().login, texts.tables()
    if end := result.consent_until:
        output.result(words.consented.format(name=result.organisation.name, day=on_stdout().day(end)))
    else:
        output.result(words.works.format(name=result.organisation.name))
    rows = list[tuple[Cell, ...]]()
    for account in result.accounts:
        status = texts.words().status.of(account.status)
        shown = table.word.external.format(status=status) if account.external else status
        rows.append((account.name, account.iban, shown, money_of(account.balance, account.currency)))
    columns = (
        TableColumn(table.heading.account),
        TableColumn("IBAN", "word"),
        TableColumn(table.heading.status),
        TableColumn(table.heading.balance, "amount"),
    )
    output.table(columns, rows)
    kept = words.kept_in_store if result.reference.endswith(KEYRING) else words.kept_in_file
    output.result(kept.format(folder=settings.folder, command=weekly_run(profile, program.name())))
