"""``primanota book``: export the whole book as plain files, import it again, rebuild its index."""

from pathlib import Path

import click

from primanota import banks
from primanota.adapters.settings import config
from primanota.adapters.storage import disk
from primanota.adapters.storage.receipt_place import receipt_store
from primanota.adapters.storage.remote_book import book_store
from primanota.app import waiting
from primanota.app.installation import backup
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.workspace import now
from primanota.book.backup.layout import Control, Manifest, read_manifest
from primanota.book.journal import Journal
from primanota.cli import texts
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.terminal import output
from primanota.cli.terminal.tables import Cell, TableColumn, money_of
from primanota.cli.texts.language import on_stdout
from primanota.core.errors import ConfigurationError, InvalidInput
from primanota.core.period import microseconds
from primanota.core.results import Batch
from primanota.core.secret import check_login

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.group()
def book() -> None:
    """Export or import the whole book, rebuild its index, or decide on mails that came with it.

    Example: primanota book export backup-2026
    """


@book.command("export")
@_FOLDER
@common_options
def export_(*, folder: Path, common: CommonOptions) -> None:
    """Write the whole book as plain files.

    One JSON Lines file per table, every exported file, hashes, control sums, and a description that makes them
    readable without this program. DIR must be empty or must not exist yet.

    Example: primanota book export backup-2026
    """
    workspace = common.workspace()
    workspace.takes_damaged_book = True
    manifest = workspace.transaction(
        lambda kept: backup.export_book(Journal(kept, workspace.connector), folder, store_of(workspace))
    )
    _report(manifest, workspace.login, folder, as_json=common.as_json)


@book.command("import")
@_FOLDER
@common_options
def import_(*, folder: Path, common: CommonOptions) -> None:
    """Restore the identical book from an exported one.

    Only if every hash and every sum in it is right, and only if the organisation has no book yet.

    Example: primanota book import backup-2026
    """
    settings = config.load()
    manifest = read_manifest(folder)
    login = _owner(manifest, settings, common.organisation)
    settings.require_readable(login)
    place = common.book or settings.book(login)
    if book_store(place, settings.store(login)):
        raise InvalidInput(f"{place} is not on this machine.", "Name a path on this machine with --book.")
    path = disk.path_of(place)
    store = receipt_store(str(path), settings.store(login))
    backup.import_book(folder, manifest, path, banks.connector(), lambda: microseconds(now()), store)
    _report(manifest, login, path, as_json=common.as_json)


@book.command()
@common_options
def reindex(*, common: CommonOptions) -> None:
    """Rebuild the book's index.

    From the stored bank records, which are never changed.

    Example: primanota book reindex
    """
    workspace = common.workspace()
    workspace.takes_damaged_book = True
    done = workspace.transaction(lambda kept: backup.reindex_book(Journal(kept, workspace.connector)))
    if common.as_json:
        output.as_json({"organisation": workspace.login, "records": done.records, "differed": done.differed})
    else:
        output.result(texts.upkeep().book.rebuilt.format(records=done.records, differed=done.differed))


@book.command("waiting")
@click.option("--send", is_flag=True, help="Let the next run send them.")
@click.option("--withdraw", is_flag=True, help="None of them leaves.")
@common_options
def waiting_(*, send: bool, withdraw: bool, common: CommonOptions) -> None:
    """List mails and files that came with an imported or copied book.

    They wait, since they may have left from the place where the book was before.

    Example: primanota book waiting --withdraw
    """
    if send and withdraw:
        raise InvalidInput("Both --send and --withdraw are given.", "Choose one of them.")
    workspace = common.workspace()
    work = waiting.let_go if send else waiting.withdraw if withdraw else waiting.waiting
    found = workspace.transaction(work)
    state = "sent by the next run" if send else "withdrawn" if withdraw else "waiting"
    if common.as_json:
        output.as_json({"organisation": workspace.login, "state": state, **_waiting_data(found)})
        return
    _print_waiting(found, state)


def _waiting_data(found: waiting.Waiting) -> dict[str, object]:
    mails = [{"id": one.id, "made": one.made, "to": one.to, "subject": one.subject} for one in found.letters]
    return {"mails": mails, "batches": [one.number for one in found.batches]}


def _print_waiting(found: waiting.Waiting, state: str) -> None:
    words, heading = texts.upkeep().book, texts.tables().heading
    lines: list[tuple[Cell, ...]] = [(one.made, ", ".join(one.to), one.subject) for one in found.letters]
    lines += [(one.made, _places(one), one.name) for one in found.batches]
    if not lines:
        output.result(words.nothing_waits)
        return
    columns = (TableColumn(heading.made_utc, "word"), TableColumn(heading.to), TableColumn(heading.mail_or_file))
    output.table(columns, lines)
    plural = {"waiting": words.waiting, "withdrawn": words.withdrawn}.get(state, words.sent)
    output.result(on_stdout().counted(plural, len(lines)))


def _places(batch: Batch) -> str:
    return ", ".join(one.destination for one in batch.remote_deliveries if not one.delivered)


def _owner(manifest: Manifest, settings: config.Config, wanted: str | None) -> str:
    """Return the login that the book belongs to.

    It need not be in the settings yet.

    Raises:
        InvalidInput: the wanted or the default organisation is another one.
    """
    slug = manifest.contents.organisation.slug
    check_login(slug)  # it becomes a part of a file name
    if wanted is None:
        try:
            wanted = settings.login(None)
        except ConfigurationError:
            wanted = slug
    if wanted != slug:
        raise InvalidInput(f"This is the book of {slug}, not of {wanted}.", f"Add --organisation {slug}.")
    return slug


def _report(manifest: Manifest, login: str, path: Path, *, as_json: bool) -> None:
    contents = manifest.contents
    if as_json:
        files = {name: part.rows for name, part in manifest.files.items()}
        hashes = {"manifest_sha256": manifest.digest, "hash_chain_head": contents.hash_chain_head}
        place = {"organisation": login, "path": str(path)}
        output.as_json({**place, "files": files, "accounts": contents.accounts, **hashes})
        return
    words, heading = texts.upkeep().book, texts.tables().heading
    amounts = (TableColumn(one, "amount") for one in (heading.money_in, heading.money_out, heading.closing))
    columns = (TableColumn(heading.account), TableColumn(heading.rows, "number"), *amounts)
    output.table(columns, map(_row, contents.accounts))
    output.result(words.written.format(path=path, versions=manifest.files["version.jsonl"].rows))
    output.result(words.manifest.format(digest=manifest.digest))


def _row(control: Control) -> tuple[Cell, ...]:
    amounts = (control.sum_in_cents, control.sum_out_cents, control.closing_cents)
    return control.name, str(control.rows), *(money_of(one, control.currency) for one in amounts)
