"""The certificate of a closed month: a page of A4 for each account that one files, as PDF/A."""

from contextlib import closing
from datetime import date, tzinfo
from typing import Literal, NamedTuple

from primanota.adapters.pdf.archive_document import MARGIN, WIDTH, Style
from primanota.close.receipt_sentences import receipt_sentences
from primanota.close.sheet import Sheet
from primanota.close.texts import CloseTexts, PackTexts, close_texts
from primanota.core.account_proof import AccountProof
from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.language.notation import Notation, notation
from primanota.core.language.proof_sentences import proof_sentences
from primanota.core.language.proof_texts import ProofTexts, proof_texts
from primanota.core.month_close import PackedFile, PackedReceipts
from primanota.core.proof_state import verdict

# How the bank's own statement and the book compare; ``none`` where no statement is kept.
PackedWitness = Literal["agrees", "differs", "unread", "unknown", "none"]

_SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
_MOST_FILES, _MOST_GAPS, _MOST_EXPORTED = 4, 3, 6
_SOFT = (98, 106, 114)
_TITLE = Style(20, "B")
_BODY, _SOFT_BODY, _BOLD = Style(9), Style(9, colour=_SOFT), Style(9, "B")
_HEADING, _SMALL, _TINY = Style(10.5, "B"), Style(8), Style(7.2, colour=_SOFT)
_AMOUNT, _SUM = Style(11, align="R"), Style(11, "B", align="R")
_GREEN, _AMBER, _RED = (32, 122, 76), (176, 120, 12), (176, 42, 42)
_FULL = WIDTH - 2 * MARGIN
_GAP = 8.0
_HALF = (_FULL - _GAP) / 2
# Where the two columns of the facts about a certificate begin, and how wide they are.
_COLUMNS = ((MARGIN, 88.0), (MARGIN + 92.0, _FULL - 92.0))


class CertificateFacts(NamedTuple):
    """What a certificate states beside the proof.

    ``month`` is its name, ``login`` the bank's name of the company; ``edition`` is the pack's, ``before`` the day on
    which the one before was made. ``complete`` says whether every account of the pack is proven and the month was
    over. ``files`` are those of the pack with rows of the account, ``exported`` the names of files that have rows of
    the month since earlier exports; ``later`` counts the account's rows that changed after a close.
    """

    proof: AccountProof
    month: str
    company: str
    login: str
    edition: int
    before: date | None
    complete: bool
    program: str
    files: list[PackedFile]
    exported: list[str]
    receipts: PackedReceipts
    witness: PackedWitness
    later: int


def certificate(facts: CertificateFacts, language: str, zone: tzinfo) -> bytes:
    """Return the certificate of an account, in a language: one page, whatever is on it.

    Args:
        facts: what it states.
        language: the language of its texts.
        zone: the organisation's time zone.
    """
    content = b""
    for scale in _SCALES:
        with closing(_Certificate(facts, language, zone, scale).sheet) as sheet:
            content = sheet.content
            if not sheet.is_full:
                break
    return content


class _Certificate:
    def __init__(self, facts: CertificateFacts, language: str, zone: tzinfo, scale: float) -> None:
        self._facts, self._proof = facts, facts.proof
        self._language = language
        self._texts: ProofTexts = proof_texts(language)
        self._more: CloseTexts = close_texts(language)
        self._notation: Notation = notation(language)
        self._said = proof_sentences(facts.proof, zone, self._texts, self._notation, _MOST_GAPS)
        heading = self._texts.certificate.heading if self._is_whole else self._texts.certificate.open
        self.sheet = Sheet(
            f"{heading}{self._notation.colon} {self._proof.account.name}", language, self._proof.now, scale
        )
        self._head(heading)
        self._sums()
        self._claims()
        self._evidence()
        self._files()
        self._verification()

    @property
    def _is_whole(self) -> bool:
        return self._facts.complete and verdict(self._proof.state) is not False

    @property
    def _colour(self) -> tuple[int, int, int]:
        if not self._is_whole:
            return _RED
        return _AMBER if verdict(self._proof.state) is None else _GREEN

    @property
    def _pack(self) -> PackTexts:
        return self._more.certificate

    def _head(self, heading: str) -> None:
        sheet, facts, words, account = self.sheet, self._facts, self._texts.certificate, self._proof.account
        sheet.paragraph(self._pack.month.format(month=facts.month), _SOFT_BODY)
        sheet.skip(0.5)
        sheet.paragraph(heading, Style(_TITLE.size, "B", self._colour))
        sheet.skip(2.5)
        if not facts.complete:
            sheet.paragraph(self._pack.incomplete, Style(9, "B", _RED))
            sheet.skip(2)
        sheet.line()
        sheet.skip(2.5)
        state = bookkeeping(self._language).proof.of(self._proof.state)
        days = self._notation.days(self._proof.period.first, self._proof.period.last)
        made = f"{self._notation.moment(self._proof.now)}, {words.by.format(version=facts.program)}"
        self._facts_row((words.company, facts.company), (self._texts.account, account.name))
        self._facts_row((words.login, facts.login), (words.iban, _grouped(account.iban) or self._notation.unknown))
        self._facts_row((words.days, days), (self._texts.state, state))
        self._facts_row((words.made, made), ("", self._edition))
        sheet.skip(2)

    @property
    def _edition(self) -> str:
        facts = self._facts
        if facts.before is None:
            return self._pack.edition.format(edition=facts.edition)
        day = self._notation.day(facts.before)
        return self._pack.replaces.format(edition=facts.edition, before=facts.edition - 1, day=day)

    def _facts_row(self, *pairs: tuple[str, str]) -> None:
        cells = []
        for place, (name, value) in enumerate(pairs):
            x, width, label = *_COLUMNS[place], 24.0 if name else 0.0
            cells += [(name, _SOFT_BODY, x, label)] if name else []
            cells.append((value, _BODY, x + label, width - label))
        self.sheet.row(cells)
        self.sheet.skip(0.8)

    def _sums(self) -> None:
        sheet, proof, texts, sums = self.sheet, self._proof, self._texts, self._proof.completed
        sheet.line()
        sheet.skip(3)
        sheet.paragraph(texts.statement, _HEADING)
        sheet.skip(1.5)
        top = sheet.y
        first, last = (self._notation.day(day) for day in (proof.period.first, proof.period.last))
        self._sum(f"{texts.opening}, {first}", proof.opening)
        self._sum(f"+ {texts.sum_in}", sums.sum_in)
        self._sum(f"− {texts.sum_out}", -sums.sum_out)  # noqa: RUF001 - a minus sign
        if proof.missing:
            self._sum(texts.missing, proof.missing)
        sheet.skip(0.6)
        sheet.line((120, 126, 132), 0.3)
        sheet.skip(1)
        self._sum(f"= {texts.closing}, {last}", proof.closing, is_sum=True)
        sheet.box(top, self._colour)
        sheet.skip(1)
        rows = f"{texts.rows}{self._notation.colon} {self._notation.number(sums.rows)}. "
        # Where rows come from the bank's statements, there is no other witness.
        witness = "" if proof.account.from_files else getattr(self._pack.witness, self._facts.witness)
        sheet.paragraph(f"{rows}{self._said.bank} {witness}".rstrip(), _BODY)
        sheet.skip(3.5)

    def _sum(self, name: str, cents: int | None, *, is_sum: bool = False) -> None:
        style = _SUM if is_sum else _AMOUNT
        amount = self._notation.money(cents, self._proof.account.currency)
        self.sheet.row(((name, style._replace(align="L"), MARGIN + 4, 100), (amount, style, WIDTH - MARGIN - 66, 66)))
        self.sheet.skip(0.5)

    def _claims(self) -> None:
        sheet, texts, top = self.sheet, self._texts, self.sheet.y
        ends = []
        for place, (heading, found, otherwise) in enumerate(
            (
                (texts.proven_heading, self._said.proven, texts.nothing),
                (texts.unproven_heading, self._said.unproven, texts.all),
            )
        ):
            sheet.y, x = top, MARGIN + place * (_HALF + _GAP)
            sheet.paragraph(heading, _HEADING, x, _HALF)
            sheet.skip(1)
            if found:
                sheet.bullets(found, _BODY, x, _HALF)
            else:
                sheet.paragraph(otherwise, _BODY, x, _HALF)
            ends.append(sheet.y)
        sheet.y = max(ends)
        sheet.skip(1)
        sheet.paragraph(texts.certificate.limits, _TINY)
        sheet.skip(3)

    def _evidence(self) -> None:
        """Write which receipts there are, and what changed after a close."""
        sheet, words, facts = self.sheet, self._pack, self._facts
        top = sheet.y
        sheet.paragraph(words.receipts.heading, _HEADING, MARGIN, _HALF)
        sheet.skip(1)
        of_files = self._proof.account.from_files
        said = receipt_sentences(words.receipts, facts.receipts, self._notation, from_files=of_files)
        sheet.bullets(list(said), _BODY, MARGIN, _HALF)
        left = sheet.y
        sheet.y, x = top, MARGIN + _HALF + _GAP
        sheet.paragraph(words.later.heading, _HEADING, x, _HALF)
        sheet.skip(1)
        later = [self._notation.count(words.later.some, facts.later), words.later.file] if facts.later else []
        sheet.paragraph(" ".join(later) or words.later.none, _BODY, x, _HALF)
        sheet.y = max(left, sheet.y)
        sheet.skip(2.5)

    def _files(self) -> None:
        sheet, words, files, exported = self.sheet, self._pack, self._facts.files, self._facts.exported
        sheet.paragraph(words.files, _HEADING)
        sheet.skip(1)
        for one in files[:_MOST_FILES]:
            sheet.paragraph(one.path, _SMALL)
            sheet.paragraph(f"SHA-256 {one.sha256}", _TINY)
            sheet.skip(0.6)
        if (more := len(files) - _MOST_FILES) > 0:
            sheet.paragraph(self._notation.count(words.more_files, more), _SMALL)
        if not files:
            sheet.paragraph(words.no_files, _BODY)
        if exported:
            names = exported[:_MOST_EXPORTED]
            if (more := len(exported) - _MOST_EXPORTED) > 0:
                names.append(self._notation.count(words.more_exported, more))
            sheet.paragraph(words.exported.format(files=", ".join(names)), _SMALL)
        sheet.skip(3)

    def _verification(self) -> None:
        sheet, proof, words = self.sheet, self._proof, self._pack
        sheet.line()
        sheet.skip(2)
        sheet.paragraph(self._texts.certificate.verify, _HEADING)
        sheet.skip(1)
        sheet.paragraph(f"sha256sum -c SHA256SUMS {words.sums}", _SMALL)
        check = words.check_filed if proof.account.from_files else words.check
        sheet.paragraph(f"primanota check {check}", _SMALL)
        sheet.paragraph(words.head.format(number=self._notation.number(proof.versions)), _SMALL)
        sheet.paragraph(proof.head, _TINY)


def _grouped(iban: str) -> str:
    """Return an IBAN in groups of four, as it is printed (ISO 13616)."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
