"""``primanota get``: print an answer of the bank as it is."""

from urllib.parse import parse_qsl, urlsplit

import click

from primanota.app.bank_of_book import require_bank_of
from primanota.banks.qonto.http.request import Request
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.terminal import output
from primanota.core.errors import ConfigurationError, InvalidInput


@click.command()
@click.argument("path")
@common_options
def get(*, path: str, common: CommonOptions) -> None:
    """Print the bank's answer to a path, as it is.

    The key is sent to the bank only.

    Example: primanota get "/v2/labels?per_page=5"
    """
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not parts.path.startswith("/"):
        raise InvalidInput(f"“{path}” is not a path at the bank.", "Write it like /v2/organization.")
    request = Request(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)))
    workspace = common.workspace()
    try:
        with workspace.client() as client:
            output.raw(client.raw(request, as_json=common.as_json).decode("utf-8", "replace"))
    except ConfigurationError:
        require_bank_of(workspace)  # without a bank no key is missing
        raise
