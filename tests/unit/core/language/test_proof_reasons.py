"""Why an account is not proven: recognised by its English text, and said in the reader's language."""

from pathlib import Path
from typing import NamedTuple

import pytest

import primanota
from primanota.core.balance_chain import prove, walk
from primanota.core.language.catalogue import LANGUAGES, load
from primanota.core.language.proof_reasons import ProofReasons, proof_reason

_ROOT = Path(primanota.__file__).parent


class _Row(NamedTuple):
    id: str
    settled: int
    amount: int
    balance: int | None


@pytest.mark.parametrize("language", sorted({*LANGUAGES} - {"en"}))
def test_each_reason_of_a_proof_is_known(language: str) -> None:
    """Every reason that the balances or the counts can give is said in each language, with all its values."""
    chain = walk([_Row("t0", 1, 500, 1_234_500), _Row("t1", 2, 500, 1_300_000)])
    proof = prove("a", chain, 7_00, {"completed": 2}, {"completed": 3})
    assert len(proof.reasons) == 4
    for reason in proof.reasons:
        said = proof_reason(reason, language, plain=True)
        assert said != reason
        assert all(word in said for word in reason.split() if word.replace(".", "").lstrip("-").isdigit())


def test_amounts_and_numbers_as_the_language_writes_them() -> None:
    """For a person, amounts and numbers are written as the language does; elsewhere as programs read them."""
    sums = "the rows add up to -12345.60 and the bank's balance is 0.00"
    said = "die Umsätze ergeben {}, der Saldo der Bank ist {}"
    assert proof_reason(sums, "de") == said.format("-12.345,60", "0,00")
    assert proof_reason(sums, "de", plain=True) == said.format("-12345.60", "0.00")
    counts = "the bank counts 1200 pending rows and the book has 3"
    assert proof_reason(counts, "fr").startswith("la banque compte 1\u202f200 opérations au statut en attente")


def test_a_reason_within_a_reason() -> None:
    """What tells against an account that has gone is said in the language, too."""
    reason = "the bank no longer shows the account, and -25.50 are missing between transactions t0 and t2"
    assert (
        proof_reason(reason, "de")
        == "die Bank zeigt das Konto nicht mehr, und zwischen den Umsätzen t0 und t2 fehlen -25,50"
    )


@pytest.mark.parametrize(
    "reason", ["", "The bank did not answer in time", "transaction {id}: amount 1 and 2 disagree"]
)
def test_an_unknown_reason_stays(reason: str) -> None:
    """A reason that has no text, such as an error of the bank, is shown as it is."""
    assert proof_reason(reason, "de") == reason


def test_english_stays() -> None:
    """In English, and in a language that is not supported, a reason is as the book has it."""
    reason = "the bank was asked 20 times in vain"
    assert proof_reason(reason, "en") == proof_reason(reason, "nl") == reason


def test_every_text_is_a_reason_of_the_program() -> None:
    """Each English text occurs in the source, so that none becomes unknown when a sentence there is changed."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in _ROOT.rglob("*.py"))
    for name in ProofReasons.__struct_fields__:
        text = getattr(load("proof_reasons", "en", ProofReasons), name)
        words = max((part.strip("{}: ") for part in text.replace("}", "{").split("{")[::2]), key=len)
        assert words.removeprefix("the bank no longer shows the account, ") in source, name
