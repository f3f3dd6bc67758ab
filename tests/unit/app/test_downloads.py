"""Downloads: only what is as the bank states it is kept, and what fails is tried again with fresh links."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from primanota.adapters.storage.folder_file_store import FolderFileStore
from primanota.app.receipts.downloads import Downloads, FetchedReceipt
from primanota.banks import FileProblem, FileRefused, OfferedFile, OfferedReceipt, OfferedStatement
from primanota.book.receipts import WantedReceipts
from primanota.core.errors import AccessDenied, NotProven, PrimanotaError
from primanota.core.kept_files import Receipt

PDF, PNG, JPEG, TEXT = b"%PDF-1.4 x", b"\x89PNG\r\n\x1a\n x", b"\xff\xd8\xff x", b"no picture at all"
WANTED = WantedReceipts("t1", ("a1",), {})


class ScriptedFiles:
    """The files of a bank that offers one receipt; each link leads to the next of some answers.

    An answer is the bytes of a file, or why it is refused. ``listed`` counts how often links were asked for.
    """

    def __init__(self, offered: OfferedFile, answers: list[bytes | FileProblem], **receipt: object) -> None:
        self.listed = 0
        self.error: PrimanotaError | None = None
        self._offered = offered
        self._answers = answers
        self._receipt = receipt

    def receipts(self, transaction: str) -> list[OfferedReceipt]:
        """Return the one receipt."""
        self.listed += 1
        if self.error:
            raise self.error
        return [OfferedReceipt("a1", "", self._offered, **self._receipt)] if transaction == "t1" else []  # type: ignore[arg-type]

    def statements(self) -> list[OfferedStatement]:
        """Return the one file as a statement."""
        return [OfferedStatement("s1", "account-1", "2026-10", self._offered)]

    def statement(self, key: str) -> OfferedStatement | None:
        """Return it with a fresh link."""
        self.listed += 1
        return self.statements()[0] if key == "s1" else None

    @contextmanager
    def content(self, link: str) -> Iterator[Iterator[bytes]]:
        """Return the next answer in pieces."""
        assert link == "link"
        answer = self._answers.pop(0)
        if not isinstance(answer, bytes):
            raise FileRefused(answer)
        yield iter([answer[:3], answer[3:]])


def offered(kind: str, size: int | None = 10, name: str = "a.pdf") -> OfferedFile:
    """Return a file as the bank states it."""
    return OfferedFile(name, kind, size, "link")


def fetched(files: ScriptedFiles, folder: Path) -> FetchedReceipt:
    """Return what became of the one receipt."""
    (found,) = Downloads(files, FolderFileStore(folder)).receipts(WANTED)
    return found


@pytest.mark.parametrize(
    ("content", "stated", "problem"),
    [
        (PDF, "application/pdf", None),
        (PDF, "Application/PDF; charset=binary", None),
        (PNG, "image/png", None),
        (JPEG, "image/jpeg", None),
        (JPEG, "image/jpg", None),
        (PNG, "image/jpeg", "wrong_type"),
        (PDF, "text/html", "wrong_type"),
        (TEXT, "application/pdf", "wrong_type"),
        (TEXT, "text/plain", "wrong_type"),
        (b" " + PDF, "application/pdf", "wrong_type"),
        (b"", "application/pdf", "wrong_size"),
    ],
)
def test_the_content_must_be_of_the_stated_type(
    tmp_path: Path, content: bytes, stated: str, problem: FileProblem | None
) -> None:
    """A file is kept only if it begins as the PDF, JPEG or PNG that the bank says it is."""
    files = ScriptedFiles(offered(stated, len(content)), [content] * 3)
    found = fetched(files, tmp_path / "store")
    assert (found.problem, found.receipt.original is None) == (problem, problem is not None)
    assert len([*(tmp_path / "store").rglob("*.*")]) == (problem is None)


@pytest.mark.parametrize(("size", "problem"), [(10, None), (None, None), (9, "wrong_size"), (11, "wrong_size")])
def test_the_size_must_be_the_stated_one(tmp_path: Path, size: int | None, problem: FileProblem | None) -> None:
    """A file that has not the size that the bank states is not kept; one without a stated size is."""
    assert fetched(ScriptedFiles(offered("application/pdf", size), [PDF] * 3), tmp_path).problem == problem


def test_a_file_that_is_stated_too_large_is_not_asked_for(tmp_path: Path) -> None:
    """A file of more than 16 MB is refused before it is downloaded, and once."""
    files = ScriptedFiles(offered("application/pdf", 17_000_000), [])
    assert (fetched(files, tmp_path).problem, files.listed) == ("too_large", 1)


@pytest.mark.parametrize("first", ["refused", "broken", TEXT, PDF + b"."])
def test_fresh_links_after_a_failure(tmp_path: Path, first: bytes | FileProblem) -> None:
    """After a failure a fresh link is asked for, up to three times."""
    files = ScriptedFiles(offered("application/pdf"), [first, first, PDF])
    found = fetched(files, tmp_path)
    assert (found.problem, found.receipt.original is not None, files.listed) == (None, True, 3)
    never = ScriptedFiles(offered("application/pdf"), [first] * 3)
    assert (fetched(never, tmp_path).problem is not None, never.listed) == (True, 3)


def test_what_is_known_is_not_asked_for_again(tmp_path: Path) -> None:
    """Of a receipt whose original is kept only the sealed copy is downloaded."""
    store = FolderFileStore(tmp_path)
    both = {"sealed_status": "available", "sealed": offered("application/pdf")}
    first = Downloads(ScriptedFiles(offered("image/png", len(PNG)), [PNG], sealed_status="pending"), store)
    (known,) = first.receipts(WANTED)
    assert (known.receipt.is_complete, known.problem) == (False, None)
    again = Downloads(ScriptedFiles(offered("image/png", len(PNG)), [PDF], **both), store)
    (found,) = again.receipts(WANTED._replace(known={"a1": known.receipt}))
    assert found.receipt.is_complete
    assert [kind for kind, _ in found.receipt.files] == ["original", "sealed"]


def test_a_receipt_that_the_bank_does_not_list(tmp_path: Path) -> None:
    """An attachment that the bank no longer lists for the row is not asked for again."""
    files = ScriptedFiles(offered("application/pdf"), [])
    (found,) = Downloads(files, FolderFileStore(tmp_path)).receipts(WantedReceipts("t1", ("a2",), {}))
    assert (found, files.listed) == (FetchedReceipt(Receipt("a2", "t1"), "unlisted"), 1)


def test_answers_about_a_row(tmp_path: Path) -> None:
    """A list that cannot be read concerns its row alone; a key without the right concerns all."""
    files = ScriptedFiles(offered("application/pdf"), [])
    files.error = NotProven("The bank's answer cannot be read.")
    assert fetched(files, tmp_path).problem == "unreadable"
    files.error = AccessDenied("The bank does not let this key read it.", status=403)
    with pytest.raises(AccessDenied):
        fetched(files, tmp_path)


def test_names_of_the_bank_are_only_stored(tmp_path: Path) -> None:
    """A name at the bank is no path: it is stored on one line, and the file is called by its hash."""
    name = "../../Frau Müller\n\x00" + "x" * 500 + ".pdf"
    found = fetched(ScriptedFiles(offered("application/pdf", name=name), [PDF]), tmp_path / "store")
    assert found.receipt.original is not None
    assert found.receipt.original.name.startswith("../../Frau Müller x")
    assert len(found.receipt.original.name) == 200
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")] == [
        f"store/{found.receipt.original.path}"
    ]


def test_a_statement_is_tried_again(tmp_path: Path) -> None:
    """A statement whose link has expired is downloaded by a fresh one."""
    files = ScriptedFiles(offered("application/pdf"), ["refused", PDF])
    found = Downloads(files, FolderFileStore(tmp_path)).statement(files.statements()[0])
    assert not isinstance(found, str)
    assert (found.size, files.listed) == (10, 1)
