"""The mail about a run: its texts, headers, files and findings, without secrets and complete IBANs."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from html import unescape
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from primanota.adapters.mail import Attachment, Report, compose
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.translations import translation
from primanota.core import errors
from primanota.core.errors import DeliveryFailed, InvalidConfiguration, PrimanotaError
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.model import Account
from primanota.core.notice import Notice
from primanota.core.proof_state import State
from primanota.core.results import KINDS, AccountExport, Finding, Span
from primanota.core.secret import Secret
from tests.support.servers import mail_reports

GOLDEN = Path(__file__).parents[3] / "golden" / "mail"
GOLDENS = [(language, "done") for language in LANGUAGES] + [
    (language, week) for week in ("empty", "broken", "refused", "lost") for language in ("de", "en")
]
# Each example composes a complete mail.
FEW_EXAMPLES = settings(deadline=None, max_examples=30)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def _mail(report: Report) -> EmailMessage:
    """Return the mail of a report, parsed as a mail program does."""
    made = compose(report, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID)
    parsed = message_from_bytes(made.as_bytes(), policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def _whole(mail: EmailMessage) -> str:
    return "\n".join(
        [*(f"{name}: {value}" for name, value in mail.items()), _body(mail, "plain"), _body(mail, "html")]
    )


@pytest.mark.parametrize(("language", "week"), GOLDENS)
def test_the_golden_mails(language: str, week: str, request: pytest.FixtureRequest) -> None:
    """The mails are those of the golden files; ``--update-goldens`` rewrites them, for review."""
    mail = _mail(mail_reports.changed(mail_reports.WEEKS[week], language=language))
    name = language if week == "done" else f"{language}-{week}"
    shown = {"txt": f"Subject: {mail['Subject']}\n\n{_body(mail, 'plain')}", "html": _body(mail, "html")}
    for kind, text in shown.items():
        golden = GOLDEN / f"{name}.{kind}"
        if request.config.getoption("--update-goldens"):
            golden.write_text(text, encoding="utf-8")
        assert golden.read_text(encoding="utf-8") == text


def test_every_golden_mail_has_a_test() -> None:
    """Each golden mail belongs to a test."""
    names = {language if week == "done" else f"{language}-{week}" for language, week in GOLDENS}
    assert {file.stem for file in GOLDEN.iterdir()} == names


def test_headers() -> None:
    """The mail has a date, a Message-ID, its recipients, and the header against automatic replies."""
    mail = _mail(mail_reports.DONE)
    assert mail["Date"].datetime == mail_reports.MADE.replace(microsecond=0)
    assert mail["Message-ID"] == mail_reports.ID
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [address.addr_spec for address in mail["To"].addresses] == ["office@example.com", "zoe@example.com"]
    assert mail["To"].addresses[1].display_name == "Zoë"


@pytest.mark.parametrize("week", mail_reports.WEEKS)
def test_the_same_report_is_the_same_bytes(week: str) -> None:
    """The bytes of a mail depend on its report and Message-ID only, and are lines of ASCII."""
    one, other = (
        compose(
            mail_reports.WEEKS[week], sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID
        ).as_bytes()
        for _ in "12"
    )
    assert one == other
    assert max(map(len, one.splitlines())) <= 998
    assert one.isascii()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Umsätze Größe.csv", "text/csv"),
        ("rows.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("rows.XML", "application/xml"),
        ("rows.sta", "application/octet-stream"),
        ("東京 “x”; y.txt", "text/plain"),
        ("=?utf-8?q?x=0d=0aBcc:_evil=40evil.example?=.csv", "text/csv"),
    ],
)
def test_an_attachment_is_unchanged(name: str, kind: str) -> None:
    """An attachment has the same name, media type and bytes after the mail is parsed."""
    content = bytes(range(256)) * 3 + b"\r\n\n--=_\r.\r\n"
    mail = _mail(mail_reports.changed(mail_reports.DONE, attachments=(Attachment(name=name, content=content),)))
    [part] = mail.iter_attachments()
    assert part.get_filename() == name
    assert part.get_content_type() == kind
    assert part.get_payload(decode=True) == content
    assert "Bcc" not in part


def test_large_files_are_linked() -> None:
    """Above five million bytes in all, the largest file is linked instead of attached."""
    sizes = {"a.csv": 2_000_000, "b.csv": 3_000_001, "c.csv": 3_000_000}
    files = tuple(Attachment(name=name, content=bytes(size), link=f"s3://x/{name}") for name, size in sizes.items())
    mail = _mail(mail_reports.changed(mail_reports.DONE, attachments=files))
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a.csv", "c.csv"]
    for kind in ("plain", "html"):
        assert "s3://x/b.csv" in _body(mail, kind)
        assert "3,1\xa0MB" in _body(mail, kind)
        assert "s3://x/c.csv" not in _body(mail, kind)


def test_a_large_file_without_a_link() -> None:
    """For a large file without a link, the mail names the command that writes the file."""
    mail = _mail(
        mail_reports.changed(mail_reports.DONE, attachments=(Attachment(name="a.csv", content=bytes(5_000_001)),))
    )
    assert not list(mail.iter_attachments())
    assert "primanota batches again" in _body(mail, "plain")


@pytest.mark.parametrize(
    ("proven", "expected", "state"), [(True, "whole", "done"), (None, "counted", "done"), (False, "broken", "act")]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_result_of_the_proof(language: str, proven: bool | None, expected: str, state: str) -> None:  # noqa: FBT001 - the three results
    """Subject and bodies contain the sentence for the result of the proof, and no other."""
    file = mail_reports.exported(proven=proven)
    report = mail_reports.changed(mail_reports.DONE, exports=(file,), language=language)
    known, mail = translation(language), _mail(report)
    assert report.state == state
    for kind in ("plain", "html"):
        text = unescape(_body(mail, kind))
        found = [name for name in known.texts.proven.__struct_fields__ if getattr(known.texts.proven, name) in text]
        assert found == [expected]
    assert getattr(known.words.proof, expected) in mail["Subject"]


def _todo(report: Report) -> list[str]:
    """Return the sentences of the first section of a mail in plain text, which must be the list of what is to do."""
    heading = translation(report.language).texts.todo.heading
    _, _, rest = _body(_mail(report), "plain").partition(f"\n== {heading} ==\n")
    return [line.removeprefix("- ") for line in rest.partition("\n\n")[0].splitlines()]


def test_what_is_to_be_done_comes_first() -> None:
    """The first section says what a person has to do, in its order; below it follows what is so."""
    assert _todo(mail_reports.DONE) == [
        "3 Umsätze ansehen, wie unten aufgeführt.",
        f"{mail_reports.NAME} importieren: 25 Umsätze von Hauptkonto.",
        "other.csv importieren: 2 Umsätze von Sparkonto Nordlicht Bank.",
        "Für 23 Umsätze den Beleg bei Qonto hochladen.",
        "Für 1 Umsatz den Steuersatz bei Qonto eintragen.",
    ]
    broken = mail_reports.BROKEN
    assert _todo(broken)[0].startswith("Vor dem Import „primanota check“ ausführen: Bei Hauptkonto fehlen Umsätze")
    assert _todo(mail_reports.EMPTY) == ["Nichts."]
    for week in ("done", "broken", "empty"):
        text = _body(_mail(mail_reports.WEEKS[week]), "plain")
        assert text.index("== Zu tun ==") < text.index("Zeitraum: ")


@pytest.mark.parametrize(
    ("findings", "proven", "subject"),
    [
        (mail_reports.FINDINGS, True, "3 Umsätze ansehen · 1 Umsatz importieren, Vollständigkeit nachgewiesen · "),
        ((), True, "1 Umsatz importieren, Vollständigkeit nachgewiesen · "),
        (
            mail_reports.FINDINGS,
            False,
            "Vor dem Import prüfen: 1 Umsatz, Vollständigkeit nicht nachgewiesen · 3 Umsätze ansehen · ",
        ),
    ],
    ids=["to look at", "nothing to look at", "not proven"],
)
def test_the_subject_says_first_what_is_to_be_done_first(
    findings: tuple[Finding, ...],
    proven: bool,  # noqa: FBT001 - a case
    subject: str,
) -> None:
    """The subject begins with the rows to look at, or with the check where the import has to wait for it."""
    file = mail_reports.exported(proven=proven)
    report = mail_reports.changed(mail_reports.DONE, exports=(file,), findings=mail_reports.found(findings))
    assert str(_mail(report)["Subject"]).startswith(f"Café Schön & Söhne GmbH: {subject}26.10.2026")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["partial", "unread"])
def test_a_run_without_rows_that_was_not_read_whole(language: str, state: State) -> None:
    """Without rows, too, an account that was not read to the end is named, with what to do about it."""
    span = Span(None, None, proven=False, proof=state)
    quiet = AccountExport(account=mail_reports.MAIN, span=span)
    report = mail_reports.changed(mail_reports.EMPTY, exports=(quiet,), language=language)
    texts, mail = translation(language).texts, _mail(report)
    assert texts.headline.idle.of(state) in mail["Subject"]
    assert _todo(report) == [texts.todo.before_import(state).format(account="Hauptkonto")]
    assert "primanota sync" in _todo(report)[0]


def test_the_worst_proof_decides() -> None:
    """A report is proven if all its accounts are, and asks a person to act if one account is broken."""
    assert mail_reports.changed(mail_reports.DONE, exports=(mail_reports.FILE, mail_reports.QUIET)).proven is True
    assert mail_reports.changed(mail_reports.DONE, exports=(mail_reports.FILE, mail_reports.COUNTED)).proven is None
    broken = AccountExport(account=mail_reports.OTHER, span=Span(None, None, proven=False))
    assert (
        mail_reports.changed(mail_reports.DONE, exports=(mail_reports.FILE, mail_reports.COUNTED, broken)).state
        == "act"
    )
    assert mail_reports.EMPTY.state == "empty"


def test_an_unknown_balance_is_called_unknown() -> None:
    """An unknown balance is called unknown in the mail."""
    text = _body(_mail(mail_reports.changed(mail_reports.DONE, exports=(mail_reports.COUNTED,))), "plain")
    assert "Anfangssaldo: unbekannt" in text
    assert "Endsaldo: unbekannt" in text


@pytest.mark.parametrize(
    ("destinations", "named"),
    [(("mailto:a@b.de", "s3://bucket/in/x.csv"), True), (("mailto:x.csv@b.de",), False), ((), False)],
)
def test_the_name_of_a_file_in_a_bucket(destinations: tuple[str, ...], *, named: bool) -> None:
    """A file that is only in a bucket is named by its key; a mail address is not the name of a file."""
    file = mail_reports.exported(mail_reports.MAIN, *destinations, number=3)
    mail = _mail(mail_reports.changed(mail_reports.DONE, exports=(file,), attachments=()))
    assert all(("x.csv" in _body(mail, kind)) == named for kind in ("plain", "html"))


@pytest.mark.parametrize("kind", KINDS)
def test_tables_are_short(kind: str) -> None:
    """A table shows the newest ten findings and the number of the others; the subject counts urgent ones."""
    found = mail_reports.found(mail_reports.finding(kind, number) for number in range(28))
    mail = _mail(mail_reports.changed(mail_reports.DONE, findings=found))
    for body in ("plain", "html"):
        text = _body(mail, body)
        assert len(re.findall(r"-17\d,\d\d", text)) == 10
        assert "und 18 weitere" in text
        assert f"-{(17_506 + 27) // 100},33" in text
    assert ("28 Umsätze ansehen" in mail["Subject"]) == (kind not in {"receipt", "vat"})


_ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, PrimanotaError)]


@pytest.mark.parametrize("kind", _ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_is_reported(language: str, kind: type[PrimanotaError]) -> None:
    """The mail about an error of any class contains its message and hint, escaped in HTML."""
    report = mail_reports.changed(
        mail_reports.REFUSED, language=language, failure=kind("What <happened>.", "What & to do.")
    )
    mail = _mail(report)
    assert report.state == "act"
    assert "What <happened>.\nWhat & to do.\n" in _body(mail, "plain")
    assert "What &lt;happened&gt;.<br>What &amp; to do." in _body(mail, "html")


def test_an_unknown_error_class() -> None:
    """An error class without a text of its own has the hint of its base class."""

    class Full(DeliveryFailed):
        """No space left."""

    mail = _mail(mail_reports.changed(mail_reports.REFUSED, failure=Full("The disk is full.")))
    assert translation("de").texts.failure.delivery.hint in _body(mail, "plain")


@FEW_EXAMPLES
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_name_can_add_a_header_or_a_line(name: str, account: str, file: str) -> None:
    """No name of a company, an account or a file adds a header or a line to the mail."""
    named = mail_reports.exported(Account(id="a", name=f"{account}\r\nBcc: a@b.c"))
    report = mail_reports.changed(
        mail_reports.DONE,
        organisation=f"{name}\r\nBcc: a@b.c\n\n<script>",
        exports=(named,),
        attachments=(Attachment(name=f"x{file}\r\nBcc: a@b.c", content=b""),),
    )
    mail = _mail(report)
    assert mail.keys() == _mail(mail_reports.DONE).keys()
    assert all("\n" not in f"{value}" for value in mail.values())
    assert not re.search("^Bcc", _body(mail, "plain"), re.MULTILINE)
    assert "<script" not in _body(mail, "html")
    [part] = mail.iter_attachments()
    assert set(part.keys()) <= {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}


_LETTERS = st.characters(exclude_categories=("C", "Zl", "Zp"))
_ENCODED_WORDS = st.sampled_from(["=?utf-8?q?Acme=0d=0aBcc:_evil=40evil.example?=", "=?", "?=", "  ", " ", "é", "🧾"])
_NAMES = st.lists(st.text(_LETTERS, max_size=60) | _ENCODED_WORDS, min_size=1, max_size=6).map("".join)


def _decoded(header: str) -> str:
    return str(make_header(decode_header(header)))


@FEW_EXAMPLES
@given(_NAMES)
@example("Müller 100 % Vollständigkeit nachgewiesen GmbH & Co. KG in Größenwörth an der Weser, Zweigstelle")
@example("=?utf-8?q?Acme=0d=0aBcc:_evil=40evil.example?=")
@example("x" * 80)
@example(" two  blanks ")
def test_the_subject_is_decoded_to_the_same_text(name: str) -> None:
    """A subject of any length and any letters is decoded to the same text, by both parsers of the email package."""
    report = mail_reports.changed(mail_reports.DONE, organisation=name)
    meant = redacted(name if len(name) <= 80 else f"{name[:80]}…")
    composed = compose(report, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID)
    headers = composed.as_bytes().partition(b"\r\n\r\n")[0]
    raw = message_from_bytes(composed.as_bytes())["Subject"]
    assert str(_mail(report)["Subject"]) == str(composed["Subject"])
    assert _decoded(raw) == str(composed["Subject"])
    assert str(composed["Subject"]).startswith(f"{meant}: 3 Umsätze ansehen · 27 Umsätze importieren, ")
    assert max(map(len, headers.split(b"\r\n"))) <= 78
    assert set(message_from_bytes(composed.as_bytes()).keys()) == set(_mail(mail_reports.DONE).keys())


@FEW_EXAMPLES
@given(_NAMES.map(lambda name: re.sub(r'[<>"]', "", name)))
@example("Müller 100 % Vollständigkeit nachgewiesen GmbH & Co. KG in Größenwörth an der Weser, Zweigstelle")
@example("=?utf-8?q?Acme=0d=0aBcc:_evil=40evil.example?=")
def test_display_names_are_decoded_to_the_same_text(name: str) -> None:
    """A display name of any length and any letters is decoded to the same text, and adds no header and no address."""
    person = f"{name} <zoe@example.com>"
    composed = compose(mail_reports.DONE, sender=person, to=[person, person], message_id=mail_reports.ID)
    parsed = message_from_bytes(composed.as_bytes())
    # The parser of the policies adds a blank between two encoded words of a name; the older one does not.
    for header, recipients in (("From", 1), ("To", 2)):
        found = getaddresses([parsed[header]])
        assert [(_decoded(name), address) for name, address in found] == [
            (name.strip(), "zoe@example.com")
        ] * recipients
    assert parsed.keys() == _mail(mail_reports.DONE).keys()


@pytest.mark.parametrize(
    "address", ["", "x", "a@b\r\nBcc: c@d", "a@b, c@d", "ä@example.com", "a@-", f"{'a' * 250}@b.de"]
)
def test_invalid_addresses_are_refused(address: str) -> None:
    """An invalid address, or one that could add a header or another recipient, is refused."""
    with pytest.raises(InvalidConfiguration):
        compose(mail_reports.DONE, sender=address, to=mail_reports.PEOPLE, message_id=mail_reports.ID)
    with pytest.raises(InvalidConfiguration):
        compose(mail_reports.DONE, sender=mail_reports.SENDER, to=[address], message_id=mail_reports.ID)


def test_an_address_with_an_umlaut_in_its_domain() -> None:
    """A domain outside ASCII is written by IDNA."""
    mail = compose(
        mail_reports.DONE, sender="post@bücher.example", to=mail_reports.PEOPLE, message_id=mail_reports.ID
    )
    assert mail["From"] == "post@xn--bcher-kva.example"


def _iban(kind: tuple[str, int], letters: str) -> str:
    country, length = kind
    account = letters[: length - 4]
    number = int("".join(str(int(one, 36)) for one in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


IBANS = st.builds(
    _iban,
    st.sampled_from([("DE", 22), ("FR", 27), ("NO", 15), ("MT", 31), ("GB", 22), ("IT", 27), ("BE", 16), ("ES", 24)]),
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=30, max_size=30),
)
WRITTEN = st.sampled_from(
    [
        str,
        str.lower,
        lambda iban: " ".join(iban[place : place + 4] for place in range(0, len(iban), 4)),
        lambda iban: "-".join(iban[place : place + 4] for place in range(0, len(iban), 4)),
        "\xa0".join,
        lambda iban: f"X{iban}9",
    ]
)


@given(IBANS, WRITTEN, ANY_TEXT, ANY_TEXT)
@example("ES8600000SK20V1K7I3UF28H", str, "", "IPMUMSK20V1K7I3UF28H").via("another IBAN begins within it")
def test_ibans_are_redacted(iban: str, written: Callable[[str], str], before: str, after: str) -> None:
    """A redacted text does not contain the complete IBAN, for any notation of it."""
    text = f"{before}{written(iban)}{after}"
    plain = re.sub(r"[^A-Z0-9]", "", redacted(text).upper())
    assert iban not in plain


def test_no_complete_iban_in_a_mail() -> None:
    """An IBAN in any field of a report is redacted to its last four characters."""
    iban = "DE89 3704 0044 0532 0130 00"
    report = mail_reports.changed(
        mail_reports.DONE,
        organisation=f"Konto {iban}",
        failure=DeliveryFailed(f"Of {mail_reports.IBAN} and {iban}.", f"Ask {mail_reports.SAVINGS.iban}."),
        notes=(Notice.of("batch_failed", batch="7", error=f"note {iban}"),),
        tool=mail_reports.OTHER.iban,
        attachments=(
            Attachment(name=f"{mail_reports.IBAN}.csv", content=bytes(6_000_000), link=f"/x/{mail_reports.IBAN}"),
        ),
    )
    text = re.sub(r"[\s\xa0]", "", _whole(_mail(report)))
    assert not any(account.iban in text for account in (mail_reports.MAIN, mail_reports.SAVINGS, mail_reports.OTHER))
    assert "…3000" in text


@FEW_EXAMPLES
@given(st.text("0123456789abcdefghijklmnopqrstuvwxyzABCDEF<>&+/=", min_size=8), st.text("ÄÖÜ \n", max_size=9))
def test_no_secret_is_in_a_mail(secret: str, around: str) -> None:
    """No part of the mail contains a secret of the run, even if an error, a note or a name contains it."""
    secret, text = f"q%{secret}", f"{around}q%{secret}{around}"
    report = mail_reports.changed(
        mail_reports.REFUSED,
        organisation=text,
        failure=DeliveryFailed(text, text),
        notes=(Notice.of("batch_failed", batch="7", error=text),),
        attachments=(Attachment(name=text, content=b""),),
        secrets=(Secret("short"), Secret(secret), Secret("")),
    )
    mail = _mail(report)
    [part] = mail.iter_attachments()
    assert secret not in f"{_whole(mail)}{unescape(_body(mail, 'html'))}{part.get_filename()}"


def test_other_numbers_are_not_redacted() -> None:
    """Numbers of invoices and transactions, and amounts, are not redacted."""
    text = "RE-2026-001 3f1c9a52-0000-7000-8000-000000000001 DE1234 1.234,56 € DE00 3704 0044 0532 0130 00"
    assert redacted(text) == text
