"""A procedure to be described: that of the invented company, and what others have instead."""

from datetime import UTC, date, datetime
from typing import Any

from primanota.papers.procedure import (
    DescribedAccess,
    DescribedAccount,
    DescribedBook,
    DescribedProfile,
    LogSummary,
    MailDescription,
    Procedure,
    ProgramUse,
    ReadingsOfMonth,
)

MADE = datetime(2026, 11, 23, 12, tzinfo=UTC)
_DAY = date(2026, 11, 23)
_ACCOUNT = DescribedAccount("Hauptkonto", "DE28100101234711000010", "EUR", 112, _DAY, _DAY, "proven", _DAY)
_PROFILE = DescribedProfile("lexware", "Lexware Office", "{profile}_{account}_{period}.csv", 1, 3, 1, _DAY, _DAY)
_ACCESS = DescribedAccess("key", "keyring", "keyring", (), None)
_BOOK = DescribedBook("/home/ada/acme.book", "local", "0600", False, 6, 157, "ab" * 32)
_LOG = LogSummary(
    _DAY,
    None,
    None,
    (ReadingsOfMonth("2026-11", 4, 1, 1, 120, 3, 0, "cd" * 32),),
    (ProgramUse("1.0", 4, _DAY, _DAY),),
)
_USUAL = Procedure(
    company="Morgenrot Fahrradbau GmbH",
    login="morgenrot-fahrradbau-4711",
    country="DE",
    address="",
    zone="Europe/Berlin",
    made=MADE,
    program="1.0",
    python="3.99",
    system="Linux",
    responsible="",
    adviser="",
    api="https://bank.example",
    access=_ACCESS,
    reads_bank=True,
    statement_folder="",
    companies=1,
    firm=(),
    accounts=(_ACCOUNT,),
    profile="lexware",
    destinations=("/home/ada/exports",),
    packs=(),
    pack_day=1,
    profiles=(_PROFILE,),
    mail=MailDescription("", ""),
    has_rules=False,
    book=_BOOK,
    encryption="",
    store="",
    fetches_receipts=False,
    receipts=0,
    statements=0,
    closed_months=(),
    schedule="",
    times="",
    log=_LOG,
)
# Each has other sentences than the usual one.
UNUSUAL: dict[str, dict[str, Any]] = {
    "usual": {},
    "never read": {
        "accounts": (),
        "profiles": (),
        "log": LogSummary(None, None, None, (), ()),
        "book": _BOOK._replace(head=""),
    },
    "a consent": {
        "access": DescribedAccess("consent", "file", "oauth:file", ("organization.read", "offline_access"), _DAY)
    },
    "a consent that cannot be read": {"access": DescribedAccess("consent", "aws", "ssm:acme", (), None)},
    "a command": {"access": _ACCESS._replace(secret="command", reference="")},
    "the environment": {
        "access": _ACCESS._replace(secret="environment", reference=""),
        "api": "http://127.0.0.1:8000",
    },
    "a fleet": {
        "access": _ACCESS._replace(secret="fleet", reference=""),
        "companies": 40,
        "firm": ("office@example.com",),
    },
    "a bucket": {
        "book": _BOOK._replace(place="s3://acme/acme.book", kind="bucket", mode=""),
        "encryption": "aws:kms",
        "destinations": ("s3://acme/files/", "mailto:ada@example.com"),
    },
    "a share": {
        "book": _BOOK._replace(place="shared:/mnt/acme.book", kind="shared", mode=""),
        "encryption": "none",
    },
    "an open book": {"book": _BOOK._replace(mode="0644", is_open=True)},
    "packs": {"packs": ("~/Adviser",), "pack_day": 5, "closed_months": ("2026-09", "2026-10")},
    "receipts": {"fetches_receipts": True, "receipts": 84, "statements": 12, "store": "/home/ada/acme.receipts"},
    "rules and mails": {
        "has_rules": True,
        "mail": MailDescription("a@example.com", "smtp.example.com"),
        "profile": "",
    },
    "accounts of files": {
        "accounts": (_ACCOUNT, _ACCOUNT._replace(name="Sparkasse", from_files=True)),
        "statement_folder": "/srv/bank",
    },
    "files alone": {"accounts": (_ACCOUNT._replace(from_files=True),), "reads_bank": False},
    "a schedule": {"schedule": "cron", "times": "0 7 * * 1"},
    "people": {"address": "Hauptstr. 1", "responsible": "Ada", "adviser": "Kanzlei Muster"},
    "a period": {"log": _LOG._replace(first=_DAY, last=_DAY, months=())},
    "France": {"country": "FR"},
    "Spain": {"country": "ES"},
    "no country": {"country": ""},
}


def described(**other: Any) -> Procedure:  # noqa: ANN401 - the fields of a procedure
    """Return the procedure of the invented company, with other fields."""
    return _USUAL._replace(**other)
