"""What is proven of an account over a period and what is not, in sentences of a language. Pure."""

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import NamedTuple

from primanota.core.account_proof import AccountProof
from primanota.core.language.notation import Notation
from primanota.core.language.proof_texts import ProofTexts
from primanota.core.period import moment

_MOST_GAPS = 10


class ProofSentences(NamedTuple):
    """How the closing balance compares with the bank's own one, what is proven, and what is not."""

    bank: str
    proven: list[str]
    unproven: list[str]


def proof_sentences(
    proof: AccountProof, zone: tzinfo, texts: ProofTexts, notation: Notation, most_gaps: int = _MOST_GAPS
) -> ProofSentences:
    """Return a proof in sentences.

    Args:
        proof: the proof.
        zone: the organisation's time zone, which defines its days.
        texts: the texts of a language.
        notation: how that language writes amounts and dates.
        most_gaps: so many gaps have a sentence of their own; the others are counted.
    """
    facts = _facts(proof, notation)
    return ProofSentences(
        _bank(texts, proof).format(**facts),
        [str(getattr(texts.proven, name)).format(**facts) for name in proof.proven],
        [*_unproven(proof, zone, texts, notation, most_gaps)],
    )


def _facts(proof: AccountProof, notation: Notation) -> dict[str, str]:
    """Return what the sentences name: the last sync, the moment up to which the account is proven, amounts."""
    moments = {"synced": proof.synced, "until": proof.until}
    known = {name: f"{notation.day(at)}, {at:%H:%M}" for name, at in moments.items() if at}
    money = {"bank": proof.bank, "late": proof.late_start}
    return (
        dict.fromkeys(moments, notation.unknown)
        | known
        | {name: notation.money(cents, proof.account.currency) for name, cents in money.items()}
    )


def _bank(texts: ProofTexts, proof: AccountProof) -> str:
    said = texts.filed if proof.account.from_files else texts.bank
    if proof.bank is None:
        return said.unknown
    if not proof.is_newest or proof.closing is None:
        return said.earlier
    return said.same if proof.bank == proof.closing else said.other


def _unproven(
    proof: AccountProof, zone: tzinfo, texts: ProofTexts, notation: Notation, most_gaps: int
) -> Iterator[str]:
    """Yield what is not proven, each a sentence; each gap has its own."""

    def day(settled: int) -> date:
        return moment(settled).astimezone(zone).date()

    facts = _facts(proof, notation)
    for name in proof.unproven:
        if name != "gap":
            yield str(getattr(texts.unproven, name)).format(**facts)
            continue
        for gap in proof.gaps[:most_gaps]:
            yield texts.unproven.gap.format(
                amount=notation.money(gap.missing, proof.account.currency),
                before=notation.day(day(gap.before_settled)),
                after=notation.day(day(gap.after_settled)),
            )
        if (more := len(proof.gaps) - most_gaps) > 0:
            yield notation.count(texts.unproven.more_gaps, more)
