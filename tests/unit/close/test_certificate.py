"""The certificate of a closed month: one page, in each language, with the same bytes twice."""

import io
import logging
import time
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pypdf import PdfReader

from primanota.close.certificate import CertificateFacts, certificate
from primanota.close.texts import close_texts
from primanota.core.account_proof import AccountProof, RowSum
from primanota.core.balance_chain import Gap
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.model import Account
from primanota.core.month_close import PackedFile, PackedReceipts
from primanota.core.period import Period
from primanota.core.proof_state import ProofState

BERLIN = ZoneInfo("Europe/Berlin")
_NOW = datetime(2026, 11, 2, 8, 0, tzinfo=BERLIN)
_MICROS = int(_NOW.timestamp()) * 1_000_000
_PROOF = AccountProof(
    account=Account("a", "Geschäftskonto", "DE89370400440532013000"),
    period=Period(date(2026, 10, 1), date(2026, 11, 1), "2026-10"),
    state="proven",
    found=ProofState("proven", _MICROS),
    has_balances=True,
    opening=12_345_67,
    closing=23_456_78,
    counts=[RowSum("a", "completed", 128, 34_567_89, -23_456_78)],
    gaps=[],
    late_start=0,
    bank=23_456_78,
    is_newest=True,
    synced=_NOW,
    until=_NOW,
    now=_NOW,
    head="ab" * 32,
    versions=4711,
)
_FACTS = CertificateFacts(
    proof=_PROOF,
    month="2026-10",
    company="Brösel & Söhne GmbH",
    login="broesel-4242",
    edition=1,
    before=None,
    complete=True,
    program="0.1.0",
    files=[PackedFile("files/lexware_2026-10.csv", "cd" * 32, 1234)],
    exported=["lexware_batch-1.csv"],
    receipts=PackedReceipts(87, 91, 12, 2),
    witness="agrees",
    later=0,
)


def page(facts: CertificateFacts, language: str = "de") -> str:
    """Return the text of a certificate, which must have one page of A4."""
    reader = PdfReader(io.BytesIO(certificate(facts, language, BERLIN)))
    (found,) = reader.pages
    assert [round(float(length)) for length in found.mediabox[2:]] == [595, 842]
    return found.extract_text().replace("\n", " ")


def changed(facts: CertificateFacts = _FACTS, **proof: Any) -> CertificateFacts:  # noqa: ANN401 - fields of a proof
    """Return the facts with another proof."""
    return facts._replace(proof=msgspec.structs.replace(_PROOF, **proof))


def test_the_same_bytes_later() -> None:
    """The same facts give the same bytes, also a second later."""
    first = certificate(_FACTS, "de", BERLIN)
    second = int(time.time())
    while int(time.time()) == second:  # the clock of the machine must not be in them
        pass
    assert certificate(_FACTS, "de", BERLIN) == first


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(language: str) -> None:
    """A certificate states the balances and the hashes in each language, with each letter of it."""
    found = page(_FACTS, language)
    for words in ("Brösel & Söhne GmbH", "Geschäftskonto", "DE89 3704 0044 0532 0130 00", "ab" * 32, "cd" * 32):
        assert words in found
    assert "?" not in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_of_files(language: str) -> None:
    """Of imported rows it misses no statement of the bank, and does not say that no receipt is missing."""
    texts = close_texts(language).certificate
    facts = changed(account=msgspec.structs.replace(_PROOF.account, from_files=True))
    found = page(facts._replace(witness="none", receipts=PackedReceipts()), language)
    for absent in (texts.witness.none, texts.receipts.complete, texts.check, "Qonto"):
        assert absent not in found
    for said in (texts.receipts.not_stated, texts.check_filed):
        assert "".join(said.split()) in "".join(found.split())


def test_it_is_an_archive_file() -> None:
    """A certificate is PDF/A-2u: it names its conformance, and embeds its fonts and the colours' profile."""
    reader = PdfReader(io.BytesIO(certificate(_FACTS, "de", BERLIN)))
    metadata = reader.root_object["/Metadata"].get_object().get_data().decode()  # type: ignore[union-attr]
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in metadata
    assert reader.root_object["/OutputIntents"]
    fonts = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    descendants = [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts]
    assert descendants
    assert all("/FontFile2" in one["/FontDescriptor"] for one in descendants)


def test_an_unproven_month_says_so() -> None:
    """A certificate of what is not proven has another heading, and says that it was asked for all the same."""
    found = page(_FACTS._replace(complete=False))
    assert "Vollständigkeit nicht nachgewiesen" in found
    assert "Das Paket wurde trotzdem verlangt." in found


def test_everything_fits_on_one_page() -> None:
    """Whatever is on it, a certificate is one page."""
    gaps = [Gap(f"{number}", _MICROS, f"{number}x", _MICROS, 12_34) for number in range(30)]
    found = ProofState("doubtful", None, tuple(f"reason {number}" for number in range(9)))
    counts = [*_PROOF.counts, RowSum("a", "pending", 4, 0, -1)]
    crowded = changed(
        _FACTS._replace(
            complete=False,
            files=[PackedFile(f"files/{number}_{'x' * 180}.csv", "cd" * 32, 1) for number in range(9)],
            exported=[f"{number}_{'y' * 90}.csv" for number in range(40)],
            edition=12,
            before=date(2026, 11, 3),
            later=9,
            company="Gesellschaft für allgemeine und besondere Angelegenheiten mit beschränkter Haftung " * 2,
        ),
        gaps=gaps,
        found=found,
        state="doubtful",
        counts=counts,
        late_start=5,
        until=None,
    )
    for language in LANGUAGES:
        assert "ab" * 32 in page(crowded, language)


def test_letters_that_the_font_lacks(caplog: pytest.LogCaptureFixture) -> None:
    """A name in letters that the font lacks is transliterated, so that no letter is a box."""
    with caplog.at_level(logging.WARNING):
        found = page(_FACTS._replace(company="北京 Łódź Ελλάς"))
    assert "BeiJing Łódź Ελλάς" in found
    assert not caplog.records
