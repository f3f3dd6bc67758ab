"""Run the weekly job of one organisation among several: whatever happens becomes an outcome.

So the failure of one of them, even a mistake of this program, ends no other's run.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from primanota.app.running.run import execute_run
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.running.settings_failure import CannotBegin, WorkspaceOf, reported, with_settings
from primanota.app.workspace import Workspace
from primanota.core.disk_errors import system_error
from primanota.core.errors import PrimanotaError, mistake
from primanota.core.notice import Notice
from primanota.core.oauth import CONSENT_ENDS
from primanota.core.proof_state import State as ProofName
from primanota.core.proof_state import worst
from primanota.core.transient_errors import may_pass

# What became of a run: ``later``, if it may succeed later without a person's help; ``person``, if it may not.
RunState = Literal["done", "later", "person"]
ShownState = Literal["done", "review", "later", "person"]
# Makes the request of a run; called within the report of errors by mail.
RequestOf = Callable[[Workspace], RunRequest]


class OrganisationRun(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an organisation's run.

    ``name`` is the company's, empty where it is not known; ``profile`` that of its files. ``rows`` is how many rows
    were exported, ``proof`` the worst state of the accounts that were read or exported, None if none was.
    ``to_review`` counts the findings that should be looked at before the import. ``repeated`` is true if an earlier
    run with this key did everything. ``error`` is what ended the run, or else why its mail is not sent. ``consent``
    says that its consent ends soon, None if it does not. ``report`` has the details, None if the run could not begin.
    """

    login: str
    name: str = ""
    profile: str = ""
    rows: int = 0
    proof: ProofName | None = None
    to_review: int = 0
    repeated: bool = False
    error: PrimanotaError | None = None
    consent: Notice | None = None
    report: RunReport | None = None

    @property
    def state(self) -> RunState:
        """What became of the run."""
        if self.error is None:
            return "done"
        return "later" if may_pass(self.error) else "person"

    @property
    def shown_state(self) -> ShownState:
        """What became of the run, as reports show it: ``review`` if it is done, and has rows to be looked at."""
        return "review" if self.state == "done" and self.to_review else self.state


def run_organisation(
    login: str,
    run_key: str,
    open_workspace: Callable[[], Workspace],
    request_of: RequestOf,
    workspaces: WorkspaceOf = with_settings,
    places: Sequence[str] = (),
    on_mistake: Callable[[Exception], None] = lambda _: None,
) -> OrganisationRun:
    """Execute the run of one organisation, and return what became of it.

    Args:
        login: the organisation's login.
        run_key: identifies the run.
        open_workspace: makes its workspace.
        request_of: makes the request.
        workspaces: makes the workspace from which a mail reports settings with which it cannot begin.
        places: the destinations that were given; those of the settings if there are none.
        on_mistake: is called with what is a mistake of this program.
    """
    try:
        with reported(login, run_key, places, workspaces):
            workspace = open_workspace()
            request = request_of(workspace)
        done = _outcome(login, request.tool.name, execute_run(workspace, request))
        return msgspec.structs.replace(done, consent=_ending_consent(workspace))
    except CannotBegin as failed:
        return OrganisationRun(login=login, error=failed.error)
    except PrimanotaError as error:
        return OrganisationRun(login=login, error=error)
    except Exception as bug:  # noqa: BLE001 - one organisation's must not end the others' runs
        known = system_error(bug)
        if not known:
            on_mistake(bug)
        return OrganisationRun(login=login, error=known or mistake(bug))


def _outcome(login: str, profile: str, report: RunReport) -> OrganisationRun:
    states = [*(one.found.state for one in report.synced), *(one.proof for one in report.exports)]
    return OrganisationRun(
        login=login,
        name=report.company,
        profile=profile,
        rows=report.rows,
        proof=worst(states) if states else None,
        to_review=report.findings.urgent,
        repeated=report.repeated,
        error=report.failure or next(iter(report.unsent), None),
        report=report,
    )


def _ending_consent(workspace: Workspace) -> Notice | None:
    return next((one for one in workspace.notices if one.name == CONSENT_ENDS), None)
