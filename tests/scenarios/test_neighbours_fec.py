"""FEC files of one book, one after the other: entry numbers, file names, and a reader of the files put together."""

import csv
from collections import Counter
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from primanota.core.period import between
from primanota.core.results import Batch
from tests.support.books.book_world import Office
from tests.support.files.fec_ledger import BANK
from tests.support.files.file_series import FileSeries, path_of, series
from tests.support.readers import fec
from tests.support.screens.command_line import Terminal

_LEDGER = """
[organisation.{login}.ledger]
bank = "512000"
clearing = "471000"
siren = "123456782"
[organisation.{login}.ledger.banks]
"Steuerrücklage" = "512100"
"""


@pytest.fixture
def files(office: Office) -> FileSeries:
    """Return a series of FEC files of two accounts, 512000 and 512100, with rows of both on two days of November."""
    found = series(office, "fec-fr", (0, 1))
    for account in (0, 1):
        found.arrive(account)
    found.at(24, 9)
    for account in (1, 0):
        found.arrive(account)
    return found


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="iso-8859-15", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _numbers(path: Path) -> list[int]:
    """Return the number of each entry, in the order of the file; lines of one entry must stand together."""
    numbers = [int(line["EcritureNum"]) for line in _lines(path)]
    found = list(dict.fromkeys(numbers))
    assert numbers == sorted(numbers, key=found.index)
    return found


def _pieces(path: Path) -> dict[str, int]:
    """Return the number of each entry by the bank's number of its row."""
    return {line["PieceRef"]: int(line["EcritureNum"]) for line in _lines(path)}


def _rename(files: FileSeries) -> None:
    """Give the second account the name of the first, at the bank as well."""
    bank = files.office.world.simulator.bank
    main, savings, *others = bank.account_details
    twins = main, savings._replace(name=main.name, iban=f"{savings.iban[:-4]}{main.iban[-4:]}")
    bank.account_details = (*twins, *others)
    files.office.sync()
    files.accounts[:] = files.office.accounts[:2]


def _assert_read_together(batches: list[Batch], folder: Path) -> None:
    """Check that fec-parser reads the files put together, with the sum of each bank account."""
    first, *others = [path_of(batch).read_bytes() for batch in batches]
    whole = folder / "joined.txt"
    whole.write_bytes(first + b"".join(other.split(b"\r\n", 1)[1] for other in others))
    found = Counter[str]()
    for line in _lines(whole):
        if line["CompteNum"].startswith("512"):
            found[line["CompteNum"]] += int(line["Debit"].replace(",", "")) - int(line["Credit"].replace(",", ""))
    for bank, total in found.items():
        assert fec.fec_parser(whole, bank).total == total
    assert found.total() == sum(batch.sum_in + batch.sum_out for batch in batches)


def test_two_accounts_in_one_file(files: FileSeries) -> None:
    """One file has both accounts, each with its number, in order of settlement; entries count from 1 without gaps."""
    [batch] = files.period("2026-11")
    assert path_of(batch).name == "123456782FEC20261231_hauptkonto-2116_steuerrücklage-2116_2026-11.txt"
    lines = _lines(path_of(batch))
    assert {line["CompteNum"] for line in lines} >= {BANK, "512100"}
    assert _numbers(path_of(batch)) == list(range(1, 13))
    days = [line["EcritureDate"] for line in lines]
    assert days == sorted(days)
    _assert_read_together([batch], files.office.folder)


def test_the_next_month_goes_on(files: FileSeries) -> None:
    """The next month goes on with the numbers; the same month again keeps its own, a row that came later gets one."""
    [november] = files.period("2026-11")
    before = path_of(november).read_bytes()
    files.at(2, 9, month=12)
    files.arrive(1)
    files.at(3, 9, month=12)
    files.arrive(0)
    [december] = files.period("2026-12")
    assert _numbers(path_of(december)) == list(range(13, 19))
    _assert_read_together([november, december], files.office.folder)
    [again] = files.period("2026-11")
    assert path_of(again).read_bytes() == before
    [whole] = files.period("2026")
    assert _numbers(path_of(whole)) == list(range(1, 19))


def test_months_out_of_order(files: FileSeries) -> None:
    """Months that are exported the later one first share no number, and each keeps its own in a file of both."""
    files.at(2, 9, month=12)
    files.arrive()
    found = [path_of(files.period(month)[0]) for month in ("2026-12", "2026-11")]
    assert [_numbers(path) for path in found] == [[1, 2, 3], list(range(4, 16))]
    [whole] = files.period("2026-Q4")
    assert _pieces(path_of(whole)) == dict(chain(*(_pieces(path).items() for path in found)))


def test_new_rows_twice_on_a_day(files: FileSeries) -> None:
    """Two files of new rows of one day have names of their own, and numbers that go on; undone rows keep theirs."""
    [first] = files.new()
    files.at(24, 13)
    files.arrive(1)
    [second] = files.new()
    assert [_numbers(path_of(one)) for one in (first, second)] == [list(range(1, 7)), [7, 8, 9]]
    assert path_of(second).name.endswith("_batch-2.txt")
    _assert_read_together([first, second], files.office.folder)
    files.undo(first)
    files.arrive(0)
    [third] = files.new()
    assert _numbers(path_of(third)) == [*range(1, 7), 10, 11, 12]


@pytest.mark.parametrize("same_name", [False, True])
def test_files_of_single_accounts(files: FileSeries, same_name: bool) -> None:  # noqa: FBT001 - a parameter
    """Files of single accounts collide neither in their names nor in their numbers, each asked for by itself."""
    if same_name:
        _rename(files)
    batches = [*files.period("2026-11", 0), *files.period("2026-11", 1)]
    assert len({path_of(batch) for batch in batches}) == 2
    numbers = [number for batch in batches for number in _numbers(path_of(batch))]
    assert sorted(numbers) == list(range(1, 13))
    _assert_read_together(batches, files.office.folder)
    [both] = files.period("2026-11")
    assert sorted(_numbers(path_of(both))) == list(range(1, 13))
    assert path_of(both) not in {path_of(batch) for batch in batches}


def test_two_fiscal_years(office: Office) -> None:
    """A period of two whole fiscal years gives a file for each, named as the article says, each counted from 1."""
    files = series(office, "fec-fr", range(4))._replace(year_start=(12, 1))
    files.arrive(0)
    files.at(30, 23)
    files.arrive(1)
    files.at(1, 1, month=12)
    files.arrive(0)
    batches = files.export(between(date(2025, 12, 1), date(2027, 11, 30)))
    assert [path_of(batch).name for batch in batches] == ["123456782FEC20261130.txt", "123456782FEC20271130.txt"]
    assert [_numbers(path_of(batch)) for batch in batches] == [list(range(1, 7)), [1, 2, 3]]
    _assert_read_together(batches, office.folder)
    parts = files.export(between(date(2026, 11, 1), date(2026, 12, 31)))
    assert [path_of(batch).name for batch in parts] == [
        "123456782FEC20261130_2026-11-01_2026-12-31.txt",
        "123456782FEC20271130_2026-11-01_2026-12-31.txt",
    ]
    for batch in [*batches, *parts]:
        files.undo(batch)
    assert [path_of(batch).name for batch in files.new()] == [
        "123456782FEC20261130_batch-5.txt",
        "123456782FEC20271130_batch-6.txt",
    ]


def test_two_accounts_by_command(desk: Terminal) -> None:
    """``export fec-fr`` writes one file of all accounts, and ``--account`` files beside it, with the same numbers."""
    desk.home.mkdir(exist_ok=True)
    (desk.home / "config.toml").write_text(_LEDGER.format(login=desk.simulator.login), encoding="utf-8")
    for account in desk.simulator.bank.account_ids()[:2]:
        desk.simulator.bank.arrive(1, account)
    desk.sync()
    found = []
    for words in ((), ("--account", "Hauptkonto"), ("--account", "Steuerrücklage")):
        result = desk.run("export", "fec-fr", "--period", "2026", *words, "--json")
        assert result.code == 0, result
        found += [Path(file["path"]) for file in result.data["files"]]
    assert [path.name for path in found] == [
        "123456782FEC20261231.txt",
        "123456782FEC20261231_hauptkonto-0010_2026.txt",
        "123456782FEC20261231_steuerrücklage-0011_2026.txt",
    ]
    whole, *single = map(_pieces, found)
    assert whole == single[0] | single[1]
    assert sorted(whole.values()) == [1, 2]
