"""Hostile names in mails: what is read of a mail is what was meant, letter for letter, and it has no other header."""

import random
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import getaddresses
from html.parser import HTMLParser
from pathlib import Path

import msgspec

from primanota.adapters.mail import Attachment, Report, compose, mailbox
from primanota.adapters.mail.rendering import render
from primanota.core import errors
from primanota.core.errors import PrimanotaError
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.model import Account
from primanota.core.notice import Notice
from primanota.core.text import one_line
from tests.support.servers import mail_reports
from tests.torture.campaign import Campaign
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import in_time

_HEADERS = {
    *(
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    ),
}
_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "table",
        "tr",
        "td",
        "th",
        "p",
        "h1",
        "h2",
        "h3",
        "br",
        "div",
        "span",
        "a",
        "b",
        "strong",
    ),
    *("ul", "li", "em", "tbody", "thead", "small", "code", "hr", "i", "ol", "dl", "dt", "dd", "pre"),
}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.found.update(f"{tag} {name}" for name, _ in attrs if name.startswith("on"))


def _named(chance: random.Random) -> Report:
    """Return a report of which every name is hostile."""
    report = mail_reports.WEEKS[chance.choice([*mail_reports.WEEKS])]
    account = Account(
        id="a-1", name=hostile.text(chance), iban=chance.choice(("", mail_reports.IBAN, hostile.text(chance)[:40]))
    )
    exports = tuple(msgspec.structs.replace(one, account=account) for one in report.exports)
    findings = tuple(
        msgspec.structs.replace(
            one,
            account=account,
            transaction=msgspec.structs.replace(
                one.transaction,
                counterparty=hostile.text(chance),
                member=hostile.text(chance),
                reference=hostile.text(chance),
                note=hostile.text(chance),
            ),
        )
        for one in report.findings.newest
    )
    kinds = (
        errors.DeliveryFailed,
        errors.InvalidInput,
        errors.BookDamaged,
        errors.ServiceUnavailable,
        errors.FormatRuleViolated,
    )
    failure = (
        chance.choice(kinds)(hostile.text(chance), hostile.text(chance)) if chance.random() < 0.3 else report.failure
    )
    return mail_reports.changed(
        report,
        organisation=hostile.text(chance),
        language=chance.choice(LANGUAGES),
        tool=hostile.text(chance),
        period=hostile.text(chance),
        exports=exports,
        findings=msgspec.structs.replace(report.findings, newest=findings),
        notes=(Notice.of("batch_failed", batch="7", error=hostile.text(chance)),),
        failure=failure,
        attachments=tuple(
            Attachment(name=_file_name(chance), content=one.content, link=hostile.text(chance))
            for one in report.attachments
        ),
    )


def _file_name(chance: random.Random) -> str:
    """Return a name that a file system takes."""
    return one_line(hostile.text(chance)).replace("/", "-").strip()[:80] or "x"


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del folder, number
    report, broken = _named(chance), list[str]()
    people = [
        chance.choice(
            (
                f"{hostile.text(chance)} <zoe@example.com>",
                f'"{hostile.text(chance)}" <zoe@example.com>',
                "zoe@example.com",
                hostile.text(chance),
            )
        )
        for _ in range(2)
    ]
    with in_time(20):
        try:
            made = compose(
                report, sender=chance.choice((mail_reports.SENDER, people[0])), to=people, message_id=mail_reports.ID
            )
        except PrimanotaError as error:
            if error.exit_code != 3 or len(f"{error}") > 200_000:
                return [f"exit {error.exit_code}: {error}"]
            made = compose(report, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID)
            people = mail_reports.PEOPLE
        content = made.as_bytes()
        meant = render(report, [], []).subject
        for policy in (SMTP, default):
            mail = message_from_bytes(content, policy=policy)
            assert isinstance(mail, EmailMessage)
            if unknown := {*mail.keys()} - _HEADERS:
                broken.append(f"other headers: {unknown}")
            if str(mail["Subject"]) != meant:
                broken.append(f"Subject {str(mail['Subject'])!r} for {meant!r}")
            found = [one.addr_spec for one in mail["To"].addresses]
            if found != [mailbox(one).addr_spec for one in people]:
                broken.append(f"To {found} for {people}")
        raw = content.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in content else content.partition(b"\n\n")[0]
        if any(len(line) > 998 for line in content.splitlines()) or not content.isascii():
            broken.append("a line is too long, or not ASCII")
        if len(getaddresses([message_from_bytes(content)["To"]])) != len(people):
            broken.append(f"an old reader finds other recipients: {raw[:600]!r}")
        html = mail.get_body(("html",))
        assert isinstance(html, EmailMessage)
        tags = _Tags()
        tags.feed(html.get_content())
        if tags.found - _TAGS:
            broken.append(f"tags of names: {tags.found - _TAGS}")
    return broken


CAMPAIGNS = (Campaign("inputs: mails", 3_000, _run),)
