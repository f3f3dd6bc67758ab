"""Profiles: accounting tools as data, with a format, its columns and rules. Load a profile and render statements."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from primanota import formats
from primanota.adapters.storage import regular_file
from primanota.core.errors import FileLimitReached, FormatRuleViolated, InvalidInput, InvalidProfile, among
from primanota.core.language.purposes import purposes_in
from primanota.core.model import NO_CURRENCY, Posting, Statement, Transaction
from primanota.core.toml_source import parsed
from primanota.core.toml_validation import Mistake
from primanota.formats.statement_fields import OTHER_ACCOUNTS_HINT, shown_postings
from primanota.formats.templates import Cell
from primanota.formats.writable_rows import writable
from primanota.profiles.aliases import aliases, all_aliases, meant
from primanota.profiles.schema import ProfileText, Rules
from primanota.profiles.validation import mistakes


class Profile(msgspec.Struct, frozen=True, dict=True):
    """A profile: everything that is needed to write an accounting tool's file.

    ``origin`` is where it was found: its name, or a path. ``country`` has the countries that it is for, ``verified``
    the foreign programs that read its files, ``file`` the template of their names: ``{profile}``, ``{account}``,
    ``{period}``, ``{siren}``, ``{year_end}`` and ``{part}`` may stand in it. ``text`` is the profile's own text,
    ``digest`` its SHA-256 in hex. ``purpose_language`` is the language in which the purpose of a row without a
    reference is said; empty for the bank's operation type.
    """

    name: str
    origin: str
    title: str
    source: str
    format: str
    options: Any
    rules: Rules
    country: str
    verified: str
    file: str
    suffix: str
    text: str
    digest: str
    purpose_language: str = ""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names by which it can be called."""
        return aliases(self.name) if self.origin == self.name else ()

    @cached_property
    def fields(self) -> frozenset[str] | None:
        """The fields of a transaction that its files show; None if the format, not the profile, determines them."""
        found: frozenset[str] | None = getattr(self.options, "fields", None)
        # In a file of several accounts, a row's own account has its name and IBAN.
        return found and (found | {"account_id"} if self.rules.accounts == "together" else found)

    @cached_property
    def headings(self) -> list[str]:
        """The names of what the file shows of a row: its columns, or the format's own names."""
        return [name for name, _ in self._cells]

    @cached_property
    def _required(self) -> list[int]:
        return [place for place, heading in enumerate(self.headings) if heading in self.rules.required]

    @property
    def kind(self) -> formats.Format:
        """The format of its files."""
        return formats.load(self.format)

    @property
    def max_rows(self) -> int:
        """The most rows of a file, by the tool's rules and the format; 0 for no limit."""
        return min(filter(None, (self.rules.max_rows, self.kind.max_rows)), default=0)

    @cached_property
    def _cells(self) -> list[tuple[str, Cell]]:
        return self.kind.shows(self.options)

    def shown(self, row: Transaction) -> list[tuple[str, str]]:
        """Return what the file shows of a row: pairs of a name, as in ``headings``, and a text."""
        row = self._in_words(row)
        return [(name, cell(row)) for name, cell in self._cells]

    @cached_property
    def _in_words(self) -> Callable[[Transaction], Transaction]:
        return purposes_in(self.purpose_language) if self.purpose_language else lambda row: row

    @property
    def shows_postings(self) -> bool:
        """Whether its files have entries, made by the company's ledger settings."""
        return bool(self.kind.shows_posting)

    def shown_postings(self, postings: Sequence[Posting]) -> list[tuple[str, str]]:
        """Return what the file shows of a row's postings: pairs of a name and a text."""
        return shown_postings(self.kind.shows_posting, postings)

    def render(self, statement: Statement) -> Iterator[bytes]:
        """Yield a statement as the tool's file, in pieces, each checked against the rules before it is yielded.

        Raises:
            FormatRuleViolated: a row breaks a rule; the sentence names account, row, column and rule.
        """
        for piece, _ in self._checked(statement):
            yield piece

    def rows(self, statement: Statement) -> Iterator[list[str]]:
        """Yield the same file as cells, its headings first; for a format without cells, what it shows of each row."""
        if self.kind.read_back:
            if not getattr(self.options, "header", True):
                yield self.headings
            for _, rows in self._checked(statement):
                yield from rows
            return
        kept = list(statement.rows)
        for _ in self.render(msgspec.structs.replace(statement, rows=kept)):
            pass
        yield self.headings
        yield from ([cell for _, cell in self.shown(row)] for row in kept)

    def _checked(self, statement: Statement) -> Iterator[tuple[bytes, list[list[str]]]]:
        try:
            yield from self._pieces(statement)
        except FileLimitReached:
            raise  # the rest goes into another file
        except FormatRuleViolated as broken:
            name = statement.account.name
            if name in broken.message:
                raise
            # One account of several stops all files, so the sentence must name it.
            raise FormatRuleViolated(f"{name}: {broken.message}", broken.hint) from None

    def _pieces(self, statement: Statement) -> Iterator[tuple[bytes, list[list[str]]]]:
        line = 0
        self._check_currency(statement)
        rows = writable(statement.rows)
        statement = msgspec.structs.replace(
            statement, rows=map(self._in_words, rows) if self.purpose_language else rows
        )
        if self._required and not self.kind.read_back:
            statement = msgspec.structs.replace(statement, rows=self._filled(statement.rows))
        for piece in self.kind.render(statement, self.options):
            cells = self.kind.read_back(piece, self.options) if self.kind.read_back else []
            self._check(cells, line)
            line += len(cells)
            yield piece, cells

    def _filled(self, rows: Iterable[Transaction]) -> Iterator[Transaction]:
        """Yield the rows of a file that cannot be read back in pieces, each checked by what the file will show."""
        for number, row in enumerate(rows, 1):
            self._check([[cell(row) for _, cell in self._cells]], number)  # the headings are line 1
            yield row

    def _check_currency(self, statement: Statement) -> None:
        account, only = statement.account, self.rules.currency
        kept = {one.currency: one.name for one in statement.accounts.values()}
        if len(kept) > 1:
            listed = ", ".join(f"{name} in {currency}" for currency, name in kept.items())
            raise FormatRuleViolated(
                f"This profile writes all accounts into one file, and they have several currencies: {listed}.",
                "Name the accounts of one currency with --account.",
            )
        if account.currency == NO_CURRENCY:
            raise FormatRuleViolated(
                f"The bank states no currency of {account.name} that is one.", OTHER_ACCOUNTS_HINT
            )
        if only and account.currency != only:
            raise FormatRuleViolated(
                f"{account.name} is kept in {account.currency}, and this file can hold {only} only.",
                OTHER_ACCOUNTS_HINT,
            )

    def _check(self, rows: list[list[str]], line: int) -> None:
        columns, required = len(self.headings), self._required
        if {columns}.issuperset(map(len, rows)) and all(map(all, rows)):
            return
        for number, row in enumerate(rows, line + 1):
            if len(row) != columns:
                raise FormatRuleViolated(f"Line {number} would have {len(row)} cells instead of {columns}.", _REPORT)
            for place in () if all(row) else required:
                if not row[place]:
                    heading = self.headings[place]
                    raise FormatRuleViolated(f"Line {number}, “{heading}”: this cell must not be empty.", _EMPTY)


_REPORT = "No file was written. Look at the profile's options, or report this."
_MOST_BYTES = 1 << 20  # thousands of columns
# A bank account may lack an IBAN or running balances, which all its rows would show.
_EMPTY = f"No file was written. Let the profile's options fill the cell. {OTHER_ACCOUNTS_HINT}"


def names() -> list[str]:
    """Return the names of the profiles that come with the program."""
    files = resources.files(__package__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def words() -> list[str]:
    """Return the names of the profiles, then their other names."""
    return [*names(), *all_aliases()]


def canonical(word: str) -> str:
    """Return the name of the profile that a word stands for: ``lexware`` for ``lexoffice``. Another word stays."""
    return word if word.endswith(".toml") else meant(word, names())


def load(name: str) -> Profile:
    """Load a profile by its name or another name of the tool, or by the path of a TOML file.

    Raises:
        InvalidInput: there is no such profile, or the file cannot be read.
        InvalidConfiguration: its text has a mistake; the sentence names file and line.
    """
    if name.endswith(".toml"):
        return parse(Path(name).stem, read(Path(name)), str(Path(name).absolute()))
    name = canonical(name)
    if name not in names():
        raise InvalidInput(f"There is no profile “{name}”.", among(name, words(), "“primanota profiles” lists them."))
    return parse(name, resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"), name)


def parse(name: str, text: str, origin: str) -> Profile:
    """Make a profile of its text; ``origin`` is what an error names.

    Raises:
        InvalidConfiguration: its text has a mistake; the sentence names the first with its line.
    """
    if found := mistakes(text):
        raise _invalid(origin, found)
    keys = msgspec.convert(parsed(text), ProfileText)
    kind = formats.load(keys.format)
    options = msgspec.convert(keys.options, kind.options)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Profile(
        name,
        origin,
        keys.title,
        keys.source,
        keys.format,
        options,
        keys.rules,
        keys.country,
        keys.verified,
        keys.file,
        keys.suffix or kind.suffix,
        text,
        digest,
        keys.purpose_language,
    )


def read(path: Path) -> str:
    """Read the text of a profile from a file.

    Raises:
        InvalidInput: the file cannot be read, or is not UTF-8.
    """
    try:
        return regular_file.read(path, _MOST_BYTES).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        why = "cannot be read: it is not in UTF-8"
    raise InvalidInput(f"The profile {path} {why}.", "Name a TOML file in UTF-8.")


def _invalid(origin: str, found: list[Mistake]) -> InvalidProfile:
    """Return an error that names the first mistake, and the command that names the others."""
    first, *more = found
    others = f"There are {len(found)}: primanota profiles check {origin}" if more else ""
    return InvalidProfile(f"Profile {origin}, line {first.line}: {first.message}", f"{first.hint} {others}".strip())
