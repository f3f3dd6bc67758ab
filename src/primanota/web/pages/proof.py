"""Proof: of an account and a period, what is proven and what is not, with a plot; and as a page that one files."""

from datetime import tzinfo
from functools import partial
from typing import NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from primanota import __version__
from primanota.app.proving.account_proof import DatedGap, account_proof, balance_steps, dated_gaps, exported_files
from primanota.app.proving.balances import BalanceAtEnd
from primanota.app.syncing.named_rows import NamedRows, rows_in
from primanota.book.journal import Journal
from primanota.core.account_proof import AccountProof
from primanota.core.language.proof_sentences import proof_sentences
from primanota.core.language.proof_texts import ProofTexts, proof_texts
from primanota.core.model import Account, Organisation
from primanota.core.proof_state import State, verdict
from primanota.core.results import Batch
from primanota.web.account_period import asked_account, asked_period
from primanota.web.charts import Words, steps
from primanota.web.pages.rows import row_texts
from primanota.web.screens import Screen
from primanota.web.visit import Visit
from primanota.web.written import written_reason


class _ProofShown(NamedTuple):
    """A proof, with what the screens show beside it."""

    proof: AccountProof
    accounts: list[tuple[Account, State]]
    company: Organisation
    balances: list[BalanceAtEnd]
    gaps: list[DatedGap]
    files: list[Batch]
    named: NamedRows
    zone: tzinfo


def show(visit: Visit) -> Response:
    """Show the proof of an account over a period."""
    return _page(visit, "proof.html", files=False)


def certificate(visit: Visit) -> Response:
    """Show the proof as a page that one prints and files."""
    return _page(visit, "certificate.html", files=True)


def _page(visit: Visit, template: str, *, files: bool) -> Response:
    texts, found = proof_texts(visit.language), visit.read(partial(_found, visit, files=files))
    proof = found.proof
    said = proof_sentences(proof, found.zone, texts, visit.notation)
    return visit.page(
        template,
        p=texts,
        r=row_texts(visit.language),
        found=found,
        proof=proof,
        accounts=[(one, state, verdict(state)) for one, state in found.accounts],
        verdict=verdict(proof.state),
        bank=said.bank,
        proven=said.proven,
        unproven=said.unproven,
        reasons=[written_reason(one, found.named, visit.language) for one in proof.found.reasons],
        plot=_plot(visit, texts, found),
        link=f"account={proof.account.id}&since={proof.period.first}&until={proof.period.last}",
        program=__version__,
    )


def _found(visit: Visit, journal: Journal, *, files: bool) -> _ProofShown:
    accounts = journal.accounts()
    account = asked_account(visit, accounts)
    last_month = visit.workspace.calendar(journal).period("last-month")
    proof = account_proof(journal, account, asked_period(visit, journal, account) or last_month)
    balances = [] if files else balance_steps(journal, proof)
    return _ProofShown(
        proof=proof,
        accounts=[(one, journal.book.proof_state(one.id).state) for one in accounts],
        company=journal.organisation(),
        balances=balances,
        gaps=dated_gaps(journal, proof, balances),
        files=exported_files(journal, proof) if files else [],
        named=rows_in(journal, proof.found.reasons),
        zone=journal.zone,
    )


def _plot(visit: Visit, texts: ProofTexts, found: _ProofShown) -> Markup:
    account, period, balances = found.proof.account, found.proof.period, found.balances
    known = [one.cents for one in balances if one.cents is not None]
    if not known:
        return Markup("")

    def money(cents: int) -> str:
        return visit.notation.money(cents, account.currency)

    title = texts.plot.title.format(account=account.name, days=visit.notation.days(period.first, period.last))
    ends = [money(cents) for cents in (known[0], known[-1], min(known), max(known))]
    description = texts.plot.description.format(**dict(zip(("first", "last", "low", "high"), ends, strict=True)))
    if found.gaps:
        description += f" {visit.notation.count(texts.plot.gaps, len(found.gaps))}"
    first, last = balances[0].day.toordinal(), balances[-1].day.toordinal()
    points = [((one.day.toordinal() - first) / (last - first), one.cents) for one in balances]
    return steps(
        points,
        [gap.places for gap in found.gaps],
        (visit.notation.day(balances[0].day), visit.notation.day(balances[-1].day)),
        Words(title, description, money),
    )


SCREENS = (Screen("/proof", show), Screen("/proof/certificate", certificate))
