"""``primanota book``: the whole book out into plain files, in again, and its index anew."""

from pathlib import Path

import click

from primanota.adapters.settings import config
from primanota.adapters.storage.remote_book import book_store
from primanota.app import backup
from primanota.app.workspace import now
from primanota.book.backup.layout import Control, Manifest, read_manifest
from primanota.cli import output
from primanota.cli.context import CommonOptions, common_options
from primanota.core.errors import ConfigurationError, InvalidInput
from primanota.core.period import microseconds
from primanota.core.secret import check_login

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.group()
def book() -> None:
    """Take the whole book out, put it in, make its index anew.

    Example: primanota book export backup-2026
    """


@book.command("export")
@_FOLDER
@common_options
def export_(*, folder: Path, door: CommonOptions) -> None:
    """Write the whole book as plain files.

    JSON Lines a table, every file that left, hashes, control sums, and a description for whoever reads them in ten
    years. DIR must be empty, or not there yet.

    Example: primanota book export backup-2026
    """
    session = door.session()
    with session.book() as kept:
        manifest = backup.export_book(kept, folder)
    _report(manifest, session.login, folder, as_json=door.as_json)


@book.command("import")
@_FOLDER
@common_options
def import_(*, folder: Path, door: CommonOptions) -> None:
    """Make the identical book of an exported one.

    Only if every hash and every sum of it is right, and only where the organisation has no book yet.

    Example: primanota book import backup-2026
    """
    settings = config.load()
    manifest = read_manifest(folder)
    login = _whose(manifest, settings, door.organisation)
    place = door.book or settings.book(login)
    if book_store(place, settings.store(login)):
        raise InvalidInput(f"{place} is not on this machine.", "Name a path with --book, and put it there.")
    path = Path(place).expanduser()
    backup.import_book(folder, manifest, path, lambda: microseconds(now()))
    _report(manifest, login, path, as_json=door.as_json)


@book.command()
@common_options
def rebuild(*, door: CommonOptions) -> None:
    """Make the book's index anew.

    From the bank's own words, which are never changed.

    Example: primanota book rebuild
    """
    session = door.session()
    with session.book() as kept:
        done = backup.rebuild_book(kept)
    if door.as_json:
        output.as_json({"organisation": session.login, "things": done.things, "differed": done.differed})
    else:
        output.result(f"Made anew: the index of {done.things} things, of which {done.differed} differed.")


def _whose(manifest: Manifest, settings: config.Config, wanted: str | None) -> str:
    """The login whose book it is: no other may be meant, but it need not be known here yet."""
    slug = manifest.contents.organisation.slug
    check_login(slug)  # before a file is called after it
    if wanted is None:
        try:
            wanted = settings.login(None)
        except ConfigurationError:
            wanted = slug
    if wanted != slug:
        raise InvalidInput(f"This is the book of {slug}, not of {wanted}.", f"Say --organisation {slug}.")
    return slug


def _report(manifest: Manifest, login: str, path: Path, *, as_json: bool) -> None:
    contents = manifest.contents
    if as_json:
        files = {name: part.rows for name, part in manifest.files.items()}
        hashes = {"manifest_sha256": manifest.digest, "hash_chain_head": contents.hash_chain_head}
        place = {"organisation": login, "path": str(path)}
        output.as_json({**place, "files": files, "accounts": contents.accounts, **hashes})
        return
    output.table(("Account", "Rows", "In", "Out", "Closing"), map(_row, contents.accounts), right=(1, 2, 3, 4))
    output.result(f"Written: {path} ({manifest.files['version.jsonl'].rows} versions)")
    output.result(f"SHA-256 of manifest.json: {manifest.digest}")


def _row(control: Control) -> tuple[str, ...]:
    amounts = (control.sum_in_cents, control.sum_out_cents, control.closing_cents)
    return control.name, str(control.rows), *map(output.money, amounts)
