"""``primanota logout``: revoke an organisation's consent, and delete its tokens."""

import click

from primanota.cli import texts
from primanota.cli.options.completions import ORGANISATION
from primanota.cli.options.context import open_workspace
from primanota.cli.terminal import output


@click.command()
@click.option(
    "--organisation", type=ORGANISATION, metavar="NAME", help="Which organisation, where there are several."
)
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def logout(*, organisation: str | None, as_json: bool) -> None:
    """Revoke a consent, and delete its tokens.

    For an organisation that logged in with --oauth. An API key is revoked in Qonto's web app, by making another one.

    Example: primanota logout
    """
    from primanota.app.installation.consent import log_out  # slow to import

    workspace = open_workspace(organisation)
    log_out(workspace.config, workspace.login)
    if as_json:
        output.as_json({"organisation": workspace.login, "revoked": True})
    else:
        output.result(texts.upkeep().login.logged_out.format(login=workspace.login))
