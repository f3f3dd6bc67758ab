"""The mail that brings the pack of a closed month, or says where it is. Pure."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import NamedTuple

from jinja2.runtime import Context
from markupsafe import Markup

from primanota.adapters.mail.compose import written
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.rendering import COLOURS, Rendered, environment
from primanota.adapters.mail.report import State
from primanota.adapters.mail.translations import translation
from primanota.core.language.catalogue import supported_language
from primanota.core.secret import Secret


class LetterSection(NamedTuple):
    """A section of a mail: its heading, and its lines, each a label and a value."""

    heading: str
    lines: Sequence[tuple[str, str]]


class CloseLetter(NamedTuple):
    """What the mail of a closed month says.

    ``title`` is its subject, ``headline`` how the month stands, ``state`` decides the colour. ``sentences`` come
    first. ``place`` says where the pack is, ``places`` has its addresses. ``made`` is local, aware, in the time zone
    ``zone``. ``files`` are the names and the contents of what is attached. ``secrets`` cannot be in the mail.
    """

    title: str
    headline: str
    state: State
    language: str
    made: datetime
    zone: str
    sentences: Sequence[str]
    sections: Sequence[LetterSection]
    place: str
    places: Sequence[str]
    sha256: str
    files: Sequence[tuple[str, bytes]] = ()
    secrets: Sequence[Secret] = ()


def compose_close(letter: CloseLetter, *, sender: str, to: Sequence[str], message_id: str) -> EmailMessage:
    """Return the mail of a closed month: a plain text, the same as HTML, and the pack where it fits.

    Args:
        letter: the content.
        sender: an address, with or without a name.
        to: the addresses of the recipients, with or without a name.
        message_id: with its angle brackets.

    Raises:
        InvalidConfiguration: an address is not valid.
    """
    files = [(redacted(name, letter.secrets), content) for name, content in letter.files]
    return written(_rendered(letter), letter.made, sender=sender, to=to, message_id=message_id, files=files)


def _rendered(letter: CloseLetter) -> Rendered:
    known = translation(letter.language)
    values = {
        **letter._asdict(),
        "language": supported_language(letter.language),
        "colour": COLOURS[letter.state],
        "notation": known.notation,
        "foot": known.texts.section.foot.format(letter.zone),
    }
    text, html = (environment(_finalize).get_template(f"close.{kind}").render(values) for kind in ("txt", "html"))
    return Rendered(redacted(letter.title, letter.secrets), text, html)


def _finalize(context: Context, value: object) -> object:
    """Redact every value but markup, which is redacted already."""
    return value if isinstance(value, Markup) else redacted(f"{value}", context["secrets"])
