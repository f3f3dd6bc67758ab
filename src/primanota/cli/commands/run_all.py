"""``primanota run --all``: the weekly run of several organisations, with one report and one exit code."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from traceback import format_exception

import click

from primanota import profiles
from primanota.adapters.secrets.refused_keys import RefusedKeyFiles
from primanota.adapters.settings import config
from primanota.adapters.settings.config import Config
from primanota.app.bank_access import SharedAddress
from primanota.app.books_of_files import known_together
from primanota.app.running import views
from primanota.app.running.firm_mail import send_firm_mail
from primanota.app.running.organisation_run import OrganisationRun, run_organisation
from primanota.app.running.run_all import run_all, with_fewer_connections
from primanota.app.running.run_request import RunRequest
from primanota.app.workspace import Workspace, now
from primanota.cli import texts
from primanota.cli.commands.export import FileOptions
from primanota.cli.options import selection as selection_options
from primanota.cli.options.context import CommonOptions, WorkspaceFactory
from primanota.cli.options.selection import SelectionOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import proof_cell
from primanota.cli.terminal.tables import Cell, StateCell, TableColumn
from primanota.cli.texts.language import here, on_stdout, spoken
from primanota.core.errors import InvalidInput, PrimanotaError, SomeNotDone
from primanota.core.language.firm import firm_texts, headline
from primanota.core.period import Calendar
from primanota.core.redaction import redacted_error
from primanota.profiles import Profile

_ONE_BY_ONE = "Name one organisation with --organisation."
# Variables that apply to every organisation if PRIMANOTA_LOGIN names none.
_OF_ONE = ("PRIMANOTA_BOOK", "PRIMANOTA_SECRET", "PRIMANOTA_SECRET_KEY")
_NAMED = 5  # organisations in the sentence of an error


class SeveralRuns:
    """The runs of several organisations with the same options, each with its own settings.

    Args:
        settings: the settings of all.
        tool: the profile that was named; None for that of each one's settings.
        options: the rows that were selected.
        files: the destinations, and what may be written.
        run_key: the run's key.
        verbose: whether a mistake of this program is shown with its place.
    """

    def __init__(
        self,
        settings: Config,
        tool: Profile | None,
        options: SelectionOptions,
        files: FileOptions,
        run_key: str,
        *,
        verbose: bool,
    ) -> None:
        self._factory: WorkspaceFactory = click.get_current_context().obj or Workspace
        self._settings = settings
        self._tool = tool
        self._options = options._replace(yes=True, is_asked=False)  # no one can be asked about each of them
        self._files = files
        self._run_key = run_key
        self._verbose = verbose

    def run(self, login: str, address: SharedAddress) -> OrganisationRun:
        """Run one organisation, and return what became of it."""
        return run_organisation(
            login,
            self._run_key,
            partial(self._factory, login, settings=self._settings, address=address),
            self._request,
            workspaces=lambda name, settings: self._factory(name, settings=settings),
            places=self._files_of(login).to,
            on_mistake=self._show_mistake,
        )

    def _request(self, workspace: Workspace) -> RunRequest:
        tool = self._tool or profiles.load(workspace.config.profile(workspace.login))
        files = self._files_of(workspace.login)
        return files.request(workspace, tool, self._options, reads_bank=True, run_key=self._run_key)

    def _files_of(self, login: str) -> FileOptions:
        """Return the options of the files of one organisation: below a given folder it has a folder of its own."""
        return self._files._replace(to=tuple(_own_place(word, login) for word in self._files.to))

    def _show_mistake(self, bug: Exception) -> None:
        if self._verbose:
            output.block(redacted_error("".join(format_exception(bug))).rstrip(), output.info)


def _own_place(word: str, login: str) -> str:
    if word.startswith("mailto:") or word == "-":
        return word
    return f"{word.rstrip('/')}/{login}/"


def run_several(
    tool: Profile | None,
    options: SelectionOptions,
    files: FileOptions,
    common: CommonOptions,
    *,
    every: bool,
    run_key: str,
) -> None:
    """Run several organisations, and print one report; mail it to the firm.

    Raises:
        InvalidInput: options that cannot be used for several, or an organisation that is not in the settings.
        SomeNotDone: some were not done.
    """
    named = _named(common)
    settings = known_together(config.load(), named)
    logins = _logins(settings, named, every=every)
    _refuse_what_is_of_one(settings, files, common)
    calendar = Calendar(now().astimezone().date(), None)
    options.check(calendar)
    chosen = options if options.given else selection_options.ask(calendar)
    at_once = min(settings.firm.at_once, len(logins))
    several = SeveralRuns(
        with_fewer_connections(settings, at_once), tool, chosen, files, run_key, verbose=common.verbose
    )
    runs = dict[str, OrganisationRun]()
    try:
        for one in run_all(logins, several.run, at_once, RefusedKeyFiles(settings.folder, now)):
            runs[one.login] = one
            _show_progress(one, len(runs), len(logins))
    except KeyboardInterrupt:
        _print([runs[login] for login in logins if login in runs])
        missing = ", ".join(login for login in logins if login not in runs)
        output.note(firm_texts(spoken()).interrupted.format(names=missing))
        raise
    _finish(settings, [runs[login] for login in logins], common, run_key)


def _refuse_what_is_of_one(settings: Config, files: FileOptions, common: CommonOptions) -> None:
    if common.book or files.wanted:
        raise InvalidInput("--book and --account are of one organisation.", _ONE_BY_ONE)
    for word in files.to:
        if Path(word).suffix and not word.startswith(("s3://", "mailto:")) and not Path(word).is_dir():
            raise InvalidInput(f"“{word}” names one file, and each organisation has its own.", "Name a folder.")
    known = {*settings.environment, *settings.secrets}
    if "PRIMANOTA_LOGIN" not in known and (variables := [name for name in _OF_ONE if name in known]):
        raise InvalidInput(
            f"{variables[0]} is of one organisation, and does not say of which.",
            "Take it out of the environment, or set PRIMANOTA_LOGIN to the organisation.",
        )


def _named(common: CommonOptions) -> list[str]:
    return [word.strip() for word in (common.organisation or "").split(",") if word.strip()]


def _logins(settings: Config, named: Sequence[str], *, every: bool) -> list[str]:
    """Return the organisations that were named, or all."""
    if every and named:
        raise InvalidInput("--all and --organisation contradict each other.", "Leave one of them out.")
    logins = settings.logins if every else list(dict.fromkeys(map(settings.login, named)))
    if not logins and every:
        settings.login(None)  # says what to do
    if not logins:
        raise InvalidInput("--organisation names none.", "Write their names with commas between them.")
    return logins


def _finish(settings: Config, runs: Sequence[OrganisationRun], common: CommonOptions, run_key: str) -> None:
    """Print the report, mail it to the firm, and raise what is not done."""
    if not common.as_json:
        _print(runs)
    mailed, unsent = tuple[str, ...](), None
    try:
        mailed = send_firm_mail(settings, runs, run_key, now())
    except PrimanotaError as error:
        unsent = error
    if common.as_json:
        mail = {"to": list(mailed), "error": views.error_view(unsent) if unsent else None}
        output.as_json({"organisations": [views.organisation_view(one) for one in runs], "mail": mail})
    elif mailed:
        output.note(firm_texts(spoken()).mailed.format(to=", ".join(mailed)))
    if failed := [one for one in runs if one.error]:
        if unsent:
            output.note(f"{unsent}")
        raise _some_not_done(failed, len(runs))
    if unsent:
        raise unsent


def _some_not_done(failed: Sequence[OrganisationRun], total: int) -> SomeNotDone:
    names = ", ".join(one.login for one in failed[:_NAMED])
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    return SomeNotDone(
        f"{len(failed)} of {total} organisations were not done: {names}{more}.",
        "The report says why; a further run completes what is missing.",
        [one.error.exit_code for one in failed if one.error],
    )


def _show_progress(one: OrganisationRun, done: int, total: int) -> None:
    """Say in a terminal which organisation has ended."""
    if sys.stderr.isatty():
        words = firm_texts(spoken())
        counted = words.running.format(done=here().number(done), total=here().number(total))
        output.info(f"{counted}: {one.name or one.login} ({words.state.of(one.shown_state).heading})")


def _print(runs: Sequence[OrganisationRun]) -> None:
    """Print what is to be done, and each organisation in a line of a table."""
    if not runs:
        return
    words, heading = firm_texts(spoken()), texts.tables().heading
    writing = on_stdout()
    output.result(headline(words, writing.counted, [one.shown_state for one in runs]))
    columns = (
        TableColumn("Login", "word"),
        TableColumn(words.company),
        TableColumn(heading.state),
        TableColumn(heading.rows, "number"),
        TableColumn(heading.proven),
        TableColumn(words.why, "text"),
    )
    output.table(columns, [_line(one) for one in runs])


def _line(one: OrganisationRun) -> tuple[Cell, ...]:
    words, writing = firm_texts(spoken()), on_stdout()
    good = {"done": True, "person": False}.get(one.shown_state)
    state = StateCell(words.state.of(one.shown_state).heading, good)
    why = str(one.error or "")
    if not why and one.repeated:
        why = words.repeated
    elif not why and one.to_review:
        why = writing.counted(words.look, one.to_review)
    return one.login, one.name, state, str(one.rows), proof_cell(one.proof) if one.proof else "", why
