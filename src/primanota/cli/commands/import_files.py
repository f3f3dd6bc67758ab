"""``primanota import``: read files of statements into the book."""

from collections.abc import Sequence
from pathlib import Path

import click

from primanota import banks
from primanota.adapters.settings import config
from primanota.app.bank_of_book import begun_by_files, has_key
from primanota.app.books_of_files import settings_for
from primanota.app.exporting.dry_run import thrown_away
from primanota.app.importing.import_files import (
    Imported,
    ImportedDocument,
    import_into,
    import_statements,
)
from primanota.app.syncing.sync import require_proven
from primanota.app.workspace import Workspace
from primanota.cli import texts
from primanota.cli.commands.sync import print_synced, synced_data
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.cli.texts.language import on_stdout


@click.command("import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--dry-run", is_flag=True, help="Read the files and show what would be new; store nothing.")
@common_options
def import_files(*, files: tuple[Path, ...], dry_run: bool, common: CommonOptions) -> None:
    """Read statements of any bank into the book: files of camt.053, or zip archives of them.

    Several files may be given, in any order; statements that overlap count once, and the same file again changes
    nothing. Either everything is stored or nothing. A book that does not exist yet is begun; no key is needed.

    Example: primanota import statement.xml
    """
    settings = settings_for(config.load(), common.organisation, files)
    workspace = common.workspace(settings=settings)
    if not has_key(workspace):
        begun_by_files(workspace)
    with bar(counts_pages=False) as progress:
        found = (_tried if dry_run else import_statements)(workspace, files, progress)
    for one in found.notes:
        output.notice(one)
    if common.as_json:
        output.as_json(_data(workspace, found, dry_run=dry_run))
    else:
        for document in found.documents:
            output.result(_sentence(document))
        print_synced(found.accounts)
    if dry_run:
        output.note(texts.weekly().run.dry)
    require_proven(found.accounts)


def _tried(workspace: Workspace, files: Sequence[Path], progress: banks.Progress) -> Imported:
    with thrown_away(workspace) as book:
        return import_into(workspace, book, files, progress)


def _sentence(document: ImportedDocument) -> str:
    words, shown = texts.imports(), on_stdout()
    if not document.new_rows and not document.new_statements:
        return words.known.format(name=document.name)
    return shown.counted(words.rows, document.new_rows, name=document.name, rows=shown.number(document.rows))


def _data(workspace: Workspace, found: Imported, *, dry_run: bool) -> dict[str, object]:
    head = {"organisation": workspace.login, "dry_run": dry_run, "files": found.documents}
    return {**head, **synced_data(found.accounts)}
