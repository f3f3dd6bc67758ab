"""Settings come from one file and the environment; the environment takes precedence, and the file has no secret."""

import string
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.adapters.secrets import stores
from primanota.adapters.settings import config
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.month_packs import close_settings
from primanota.adapters.settings.toml_file import PRODUCTION, OrganisationSettings
from primanota.core.errors import ConfigurationError, InvalidConfiguration, InvalidInput
from primanota.core.posting_rules import Chart, Rule
from primanota.core.secret import Secret
from tests.support.factories import quick

SECRET = "s3cr3t-0f-acme"  # noqa: S105 - an invented one
FILE = """
default = "acme"

[organisation.acme]
secret = "file"
timezone = "Europe/Paris"

[organisation.other]
api_url = "https://bank.example"
"""
RULES = """
# Questions: ask Ada.

default = "acme"          # the only one

[organisation.acme]
timezone = "Europe/Paris" # not by the country

[organisation.acme.ledger]
bank = "512000"
clearing = "471000"

# what the bank takes
[[organisation.acme.rule]]
operation = "qonto_fee"
min = 0.30
account = "627000"
tax = { 20 = "T20", "5.5" = "T5" }

[[organisation.acme.rule]]  # the rest of the cards
operation = "card"
account = "606300"
"""
_NAMES = st.text(string.printable + "äß€🧾", min_size=1, max_size=12)


def _load(home: Path, text: str | None = None, **variables: str) -> Config:
    home.mkdir(exist_ok=True)
    if text is not None:
        (home / "config.toml").write_text(text, encoding="utf-8")
    return config.load(
        {"PRIMANOTA_HOME": str(home)} | {f"PRIMANOTA_{key}": value for key, value in variables.items()}
    )


def _refused(home: Path, text: str) -> InvalidConfiguration:
    """Return the error of a file with mistakes, of whatever table."""
    with pytest.raises(InvalidConfiguration) as refused:
        _load(home, text).require_all_readable()
    return refused.value


def test_without_settings_defaults_apply(tmp_path: Path) -> None:
    """Without a file and variables, the URL is Qonto's production host and no organisation is known."""
    found = _load(tmp_path)
    assert found.organisations == {}
    assert found.api_url("acme") == PRODUCTION == "https://thirdparty.qonto.com"
    assert found.staging_token is None
    with pytest.raises(ConfigurationError, match="primanota login"):
        found.login(None)


def test_one_folder_for_all_files(tmp_path: Path) -> None:
    """PRIMANOTA_HOME is the folder of settings, books and exports."""
    found = _load(tmp_path)
    assert (found.file, found.folder, found.exports) == (tmp_path / "config.toml", tmp_path, tmp_path / "exports")
    assert found.book("acme") == str(tmp_path / "books" / "acme.book")


def test_without_a_home_the_systems_folders_are_used() -> None:
    """Without PRIMANOTA_HOME, settings are in the system's folder for them, and exports in the current folder."""
    found = config.load({})
    assert "primanota" in str(found.file)
    assert found.file.name == "config.toml"
    assert found.exports == Path()


def test_the_file_is_read(tmp_path: Path) -> None:
    """The settings of each organisation are read, and a missing one has its default."""
    found = _load(tmp_path, FILE)
    assert found.organisations["acme"] == OrganisationSettings(secret="file", timezone="Europe/Paris")
    assert found.api_url("other") == "https://bank.example"
    assert found.api_url("acme") == PRODUCTION


def test_the_selected_organisation(tmp_path: Path) -> None:
    """The organisation is the named one, else the environment's, else the default, else the first of the file."""
    assert _load(tmp_path, FILE).login("other") == "other"
    assert _load(tmp_path, FILE, LOGIN="mine").login("other") == "other"
    assert _load(tmp_path, FILE, LOGIN="mine").login(None) == "mine"
    assert _load(tmp_path, FILE, LOGIN="mine").login("mine") == "mine"
    assert _load(tmp_path, FILE).login(None) == "acme"
    assert _load(tmp_path, FILE.replace('default = "acme"', "")).login(None) == "acme"


def test_an_unknown_organisation_is_refused(tmp_path: Path) -> None:
    """An unknown organisation is refused, and the known ones are named."""
    with pytest.raises(InvalidInput, match=r"no organisation “acne” in the settings\. Known: acme, other"):
        _load(tmp_path, FILE).login("acne")
    with pytest.raises(InvalidInput, match="Known: none"):
        _load(tmp_path, "").login("acne")


def test_the_environment_takes_precedence(tmp_path: Path) -> None:
    """A variable of the environment takes precedence over the file."""
    text = FILE.replace('"Europe/Paris"', '"Europe/Paris"\napi_url = "https://file.example"')
    found = _load(tmp_path, text, API_URL="https://env.example", TIMEZONE="Europe/Rome", STAGING_TOKEN=SECRET)
    assert found.api_url("acme") == "https://env.example"
    assert found.zone("acme", "DE").key == "Europe/Rome"
    assert found.staging_token == SECRET


def test_a_blank_variable_is_not_set(tmp_path: Path) -> None:
    """A blank variable counts as not set."""
    found = _load(tmp_path, FILE, API_URL=" ", TIMEZONE="", STAGING_TOKEN="", LOGIN="")
    assert (found.api_url("other"), found.staging_token, found.login(None)) == ("https://bank.example", None, "acme")
    assert found.zone("acme", "DE").key == "Europe/Paris"


def test_the_environments_secret_takes_precedence(tmp_path: Path) -> None:
    """A secret in the environment takes precedence over the place that the file names."""
    stores.store_secret("acme", Secret("from-the-file"), tmp_path)
    assert _load(tmp_path, FILE).credentials("acme").header == "acme:from-the-file"
    for login in ("acme", ""):
        found = _load(tmp_path, FILE, LOGIN=login, SECRET_KEY=SECRET)
        assert found.credentials("acme").header == f"acme:{SECRET}"


def test_a_secret_is_for_its_own_login_only(tmp_path: Path) -> None:
    """A secret in the environment is used only for the login in the environment."""
    stores.store_secret("acme", Secret("from-the-file"), tmp_path)
    found = _load(tmp_path, FILE, LOGIN="mine", SECRET_KEY=SECRET)
    assert found.credentials("acme").header == "acme:from-the-file"
    with pytest.raises(ConfigurationError, match="There is no secret for stranger"):
        found.credentials("stranger")


def test_a_missing_secret_is_reported(tmp_path: Path) -> None:
    """If the secret of an organisation cannot be found, the error says how to log in."""
    with pytest.raises(ConfigurationError, match="primanota login"):
        _load(tmp_path, FILE).credentials("acme")


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("DE", "Europe/Berlin"),
        ("FR", "Europe/Paris"),
        ("ES", "Europe/Madrid"),
        ("IT", "Europe/Rome"),
        ("PT", "Europe/Lisbon"),
        ("NL", "Europe/Amsterdam"),
        ("BE", "Europe/Brussels"),
        ("AT", "Europe/Vienna"),
        ("XX", "Europe/Berlin"),
        ("", "Europe/Berlin"),
    ],
)
def test_the_default_time_zone(tmp_path: Path, country: str, zone: str) -> None:
    """Without a time zone in the settings, the time zone is that of the company's country."""
    found = _load(tmp_path, FILE)
    assert found.zone("other", country).key == zone
    assert found.zone("acme", country).key == "Europe/Paris"


def test_the_number_of_connections(tmp_path: Path) -> None:
    """The most connections are 64, or fewer as the file says, or as the environment says."""
    assert _load(tmp_path).connections("acme") == 64
    text = "[organisation.acme]\nconnections = 8"
    assert _load(tmp_path, text).connections("acme") == 8
    assert _load(tmp_path, text).connections("other") == 64
    assert _load(tmp_path, text, CONNECTIONS=" 3 ").connections("acme") == 3
    assert _load(tmp_path, text, CONNECTIONS="").connections("acme") == 8


@pytest.mark.parametrize("words", ["0", "65", "-1", "8.0", "many", "٣", "1_0", "9" * 5_000])
def test_a_number_of_connections_that_cannot_be_used(tmp_path: Path, words: str) -> None:
    """A variable that is not a number from 1 to 64 is refused, and the error says what can be written."""
    with pytest.raises(InvalidConfiguration, match="PRIMANOTA_CONNECTIONS") as refused:
        _load(tmp_path, CONNECTIONS=words).connections("acme")
    assert "from 1 to 64" in refused.value.hint


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "Europe", "/etc/localtime", "x\0y"])
def test_an_unknown_time_zone_is_named(tmp_path: Path, zone: str) -> None:
    """An unknown time zone is refused, and the error contains its name."""
    with pytest.raises(InvalidConfiguration, match="There is no time zone") as refused:
        _load(tmp_path, FILE, TIMEZONE=zone).zone("acme", "DE")
    assert f"“{zone}”" in refused.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('default = "acme\n', "line 1"),
        ("\n\n[organisation.acme\n", "line 3"),
        ("default = 5", "line 1: default: expected a text in quotes, got a whole number."),
        ('\ndefualt = "acme"', "line 2: there is no key “defualt”. Did you mean “default”?"),
        ('[organisation.acme]\n\nsecrets = ""', "line 3: organisation.acme: there is no key “secrets”. Did you mean"),
        ("[organisation.acme]\nsecret = 1", "line 2: organisation.acme.secret: expected a text in quotes, got"),
        ('organisation = "acme"', "line 1: organisation: expected a table, got a text in quotes."),
        (
            "[organisation.acme]\nconnections = 0",
            "line 2: organisation.acme.connections: expected a whole number >= 1",
        ),
        (
            "[organisation.acme]\nconnections = 65",
            "line 2: organisation.acme.connections: expected a whole number <= 64",
        ),
        ("[organisation]\nacme = 1.5", "line 2: organisation.acme: expected a table, got a number."),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A file with a mistake is refused; the error names the file, the line and the mistake."""
    refused = _refused(tmp_path, text)
    assert message in str(refused)
    assert str(tmp_path / "config.toml") in refused.message


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("operation", "opertaion", "line 15: rule 1 of acme: there is no key “opertaion”. Did you mean “operation”?"),
        ("min = 0.30", "min = true", "line 16: rule 1 of acme, min: expected a number, got true or false."),
        ('"627000"', "627000", "line 17: rule 1 of acme, account: expected a text in quotes, got a whole number."),
        (
            '{ 20 = "T20"',
            "{ 20 = 20",
            "line 18: rule 1 of acme, tax.20: expected a text in quotes, got a whole number.",
        ),
        ('"5.5"', '"five"', "line 14: rule 1 of acme: tax: “five” is not a rate in percent, like 19 or 5.5."),
        ("min = 0.30", "max = -1", "line 14: rule 1 of acme: max: “-1” is not an amount without a sign, like 12.50."),
        ("min = 0.30", "min = 2\nmax = 1", "line 14: rule 1 of acme: no amount is on its side and between its min"),
        ('account = "606300"', "", "line 20: rule 2 of acme: it has no account."),
        ('"606300"', '"606300"\nside = "off"', "line 23: rule 2 of acme, side: “off” is not a valid value."),
        ("min = 0.30", 'min = "few"', "line 16: rule 1 of acme, min: it is not a number."),
        (
            'operation = "card"',
            'operation = "QONTO_FEE"\nmin = 1',
            "line 20: rule 2 of acme: it can never match, because rule 1 (line 14) matches everything that it ",
        ),
        ('bank = "512000"', "", "line 9: organisation.acme.ledger: “bank” is missing."),
        (
            'bank = "512000"',
            'bnak = ""',
            "line 10: organisation.acme.ledger: there is no key “bnak”. Did you mean “bank”?",
        ),
        (
            '"471000"',
            '"471000"\nyear_start = "13-01"',
            "line 9: organisation.acme.ledger: year_start: “13-01” is not a day",
        ),
        (
            '[organisation.acme.ledger]\nbank = "512000"\nclearing = "471000"',
            "",
            "line 12: organisation.acme: there are rules, but there is no table “ledger”.",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_named(tmp_path: Path, before: str, after: str, message: str) -> None:
    """A mistake in rules or ledger accounts is refused; the error contains the line and, for a rule, its number."""
    refused = _refused(tmp_path, RULES.replace(before, after, 1))
    assert message in str(refused)
    assert refused.message.startswith(str(tmp_path / "config.toml"))


def test_all_mistakes_in_the_file_are_named(tmp_path: Path) -> None:
    """The message is the first mistake; the hint counts the other ones and has the line and hint of each."""
    wrong = RULES.replace('default = "acme"', "default = 1").replace("operation", "opertaion", 1)
    wrong = wrong.replace('"606300"', '"606300"\nside = "off"\nmax = -1')
    refused = _refused(tmp_path, wrong)
    first = "line 4: default: expected a text in quotes, got a whole number."
    assert refused.message == f"{tmp_path / 'config.toml'}, {first}"
    assert refused.hint == (
        "There are 2 more mistakes. "
        "Line 15: rule 1 of acme: there is no key “opertaion”. Did you mean “operation”? "
        'Line 23: rule 2 of acme, side: “off” is not a valid value. Known: "in", "out".'
    )


def test_a_mistake_does_not_hide_another(tmp_path: Path) -> None:
    """A misspelt table is not reported as a missing one, and mistakes in other tables are reported too."""
    wrong = RULES.replace('"627000"', '" "').replace("[organisation.acme.ledger]", "[organisation.acme.legder]")
    refused = _refused(tmp_path, wrong)
    assert "line 9: organisation.acme: there is no key “legder”" in refused.message
    assert refused.hint == (
        "Did you mean “ledger”? There is 1 more mistake. Line 14: rule 1 of acme: it has no account."
    )


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('language = "xx"', 'language: “xx” is not a valid value. Known: "de", "en", "es", "fr", "it".'),
        ('s3.encryption = "rot13"', 'encryption: “rot13” is not a valid value. Known: "AES256", "aws:kms", "none".'),
        ('ledger = { bank = "1", clearing = "2" }\nrule = [{ side = "off" }]', 'Known: "in", "out".'),
    ],
)
def test_an_invalid_value_is_refused(tmp_path: Path, text: str, known: str) -> None:
    """An invalid value is refused, and the error contains the valid ones."""
    refused = _refused(tmp_path, f"[organisation.acme]\n{text}\n")
    assert str(refused).endswith(known)


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    """A file with a byte order mark, as editors on Windows write it, is read and can be changed."""
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + FILE.lstrip().encode())
    _load(tmp_path).with_login("third", "file", PRODUCTION).save()
    assert (_load(tmp_path).default, [*_load(tmp_path).organisations]) == ("acme", ["acme", "other", "third"])


def test_a_missing_settings_file(tmp_path: Path) -> None:
    """If no login is set and the file of PRIMANOTA_CONFIG does not exist, the error names that file."""
    lost = str(tmp_path / "nope.toml")
    with pytest.raises(ConfigurationError, match=r"nope\.toml, which PRIMANOTA_CONFIG names, does not exist\."):
        _load(tmp_path, CONFIG=lost).login(None)
    assert _load(tmp_path, CONFIG=lost, LOGIN="acme").login(None) == "acme"


def test_ledger_and_rules_are_read(tmp_path: Path) -> None:
    """Ledger accounts and rules are read from the file, with exact amounts and the line of each rule."""
    chart, rules = _load(tmp_path, RULES).accounting("acme")
    assert chart == Chart(bank="512000", clearing="471000")
    fees = Rule(operation="qonto_fee", min=Decimal("0.30"), account="627000", tax={"20": "T20", "5.5": "T5"})
    assert rules == (fees, Rule(operation="card", account="606300"))
    assert f"{rules[0].min}" == "0.30"
    assert _load(tmp_path).rule_lines("acme") == [14, 20]


def test_without_ledger_accounts_accounting_is_refused(tmp_path: Path) -> None:
    """If the file has no ledger accounts, the error names the table for them."""
    with pytest.raises(ConfigurationError, match=r"does not say which ledger accounts acme has") as refused:
        _load(tmp_path, FILE).accounting("acme")
    assert "[organisation.acme.ledger]" in refused.value.hint
    with pytest.raises(ConfigurationError):
        _load(tmp_path, FILE).accounting("stranger")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused, and the error contains its name."""
    (tmp_path / "config.toml").write_bytes(b'default = "\xff"')
    with pytest.raises(InvalidConfiguration, match=r"config\.toml"):
        _load(tmp_path)


def test_saved_settings_are_read_again(tmp_path: Path) -> None:
    """Saved settings are read again, the file is private, and the first organisation is the default."""
    acme = OrganisationSettings(secret='command:pass show "acme"\\n', timezone="Europe/Vienna")
    made = _load(tmp_path).with_organisation("acme", acme).with_organisation("other", OrganisationSettings())
    made.save()
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (_load(tmp_path).organisations, _load(tmp_path).default) == (made.organisations, "acme")


@quick
@given(
    known=st.dictionaries(
        _NAMES, st.builds(OrganisationSettings, secret=_NAMES, api_url=_NAMES, timezone=_NAMES), max_size=4
    )
)
def test_any_settings_are_read_again(tmp_path: Path, known: dict[str, OrganisationSettings]) -> None:
    """Settings with any characters are the same after they are saved and read."""
    made = _load(tmp_path, "")
    for login, organisation in known.items():
        made = made.with_organisation(login, organisation)
    made.save()
    read = _load(tmp_path)
    assert (read.organisations, read.default) == (made.organisations, made.default)


def test_a_login_keeps_the_rest_of_the_file(tmp_path: Path) -> None:
    """A login adds its settings to the file; comments, order and rules stay unchanged."""
    found = (
        _load(tmp_path, RULES).with_login("acme", "file", "https://bank.example").with_login("b", "file", PRODUCTION)
    )
    found.save()
    written = 'timezone = "Europe/Paris" # not by the country\n'
    news = f'{written}secret = "file"\napi_url = "https://bank.example"\n'
    more = f'\n[organisation.b]\nsecret = "file"\napi_url = "{PRODUCTION}"\n'
    assert found.file.read_text(encoding="utf-8") == RULES.replace(written, news) + more
    assert _load(tmp_path).organisations == found.organisations
    assert _load(tmp_path).organisations["acme"].timezone == "Europe/Paris"


def test_unchanged_settings_are_not_rewritten(tmp_path: Path) -> None:
    """Saving unchanged settings does not change a byte of a file with CRLF."""
    text = FILE.replace("\n", "\r\n").encode()
    (tmp_path / "config.toml").write_bytes(text)
    _load(tmp_path).save()
    assert (tmp_path / "config.toml").read_bytes() == text


def test_a_form_that_cannot_be_edited(tmp_path: Path) -> None:
    """A file in a form that cannot be edited stays unchanged, and the hint is the line to write."""
    text = 'organisation = { acme = { timezone = "Europe/Paris" } }'
    with pytest.raises(
        InvalidConfiguration, match=r"config\.toml: “secret” of “organisation\.acme” is written in a form"
    ) as refused:
        _load(tmp_path, text).with_login("acme", "file", PRODUCTION).save()
    assert refused.value.hint == 'Write secret = "file" there yourself.'
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == text


def test_no_secret_is_saved(tmp_path: Path) -> None:
    """A secret or token of the environment is not saved in the file."""
    made = _load(tmp_path, FILE, SECRET_KEY=SECRET, STAGING_TOKEN=SECRET)
    made.with_organisation("third", OrganisationSettings(secret="file")).save()
    assert SECRET not in made.file.read_text(encoding="utf-8")
    assert "third" in made.file.read_text(encoding="utf-8")


def test_another_settings_file(tmp_path: Path) -> None:
    """PRIMANOTA_CONFIG is the path of the settings file, and does not move the exports."""
    (tmp_path / "mine.toml").write_text('default = "acme"', encoding="utf-8")
    variables = {"PRIMANOTA_HOME": str(tmp_path / "home"), "PRIMANOTA_CONFIG": str(tmp_path / "mine.toml")}
    found = config.load(variables)
    assert (found.default, found.exports) == ("acme", tmp_path / "home" / "exports")


def test_the_settings_of_a_scheduled_run(tmp_path: Path) -> None:
    """Profile, destinations, language and mail are settings, and variables take precedence over the file."""
    text = '[organisation.acme]\nprofile = "datev"\nto = ["files"]\nlanguage = "fr"\n[organisation.acme.mail]\n'
    (tmp_path / "config.toml").write_text(f'{text}from = "a@acme.example"\nserver = "ses"\n', encoding="utf-8")
    found = _load(tmp_path)
    assert (found.profile("acme"), found.destinations("acme"), found.language("acme")) == ("datev", ("files",), "fr")
    assert (found.mail("acme").sender, found.mail_password("acme")) == ("a@acme.example", None)
    names = {"PROFILE": "sage", "TO": "s3://b/f/, mailto:a@b.example,c@d.example,~/files", "LANGUAGE": "it"}
    overridden = _load(tmp_path, **names, MAIL_FROM="z@acme.example", MAIL_PASSWORD="geheim")
    assert (overridden.profile("acme"), overridden.language("acme"), overridden.mail("acme").sender) == (
        "sage",
        "it",
        "z@acme.example",
    )
    assert overridden.destinations("acme") == ("s3://b/f/", "mailto:a@b.example,c@d.example", "~/files")
    assert (password := overridden.mail_password("acme"))
    assert password.reveal() == "geheim"
    assert "geheim" not in repr(overridden.mail_password("acme"))


def test_the_environments_book_is_for_its_login(tmp_path: Path) -> None:
    """PRIMANOTA_BOOK is the book of PRIMANOTA_LOGIN; another organisation has its default book."""
    found = _load(tmp_path, "[organisation.other]", LOGIN="acme", BOOK="s3://books/acme.book")
    assert found.book("acme") == "s3://books/acme.book"
    assert found.book("other") == str(tmp_path / "books" / "other.book")


def test_no_secret_is_in_a_repr_of_the_settings(tmp_path: Path) -> None:
    """The ``repr`` of the settings contains no secret of the environment."""
    found = _load(tmp_path, LOGIN="acme", SECRET_KEY="geheim-1", STAGING_TOKEN="geheim-2", MAIL_PASSWORD="geheim-3")
    assert "geheim" not in repr(found)
    assert (found.credentials("acme").secret.reveal(), found.staging_token) == ("geheim-1", "geheim-2")


_TWO = """
default = "acme"

[organisation.acme]
timezone = "Europe/Paris"
{broken}

[organisation.acme.mail]
from = "books@example.com"
server = "smtp.example.com"

[organisation.other]
timezone = "Europe/Rome"
"""


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("profil = 'lexware'", "line 6"),
        ("to = 5", "line 6"),
        ("profile = ", "line 6"),
        ('profile = "lexware', "line 6"),
        ("[organisation.acme.ledger]\nbank = 5", "line 6"),
        ("[[organisation.acme.rule]]\naccount = 1", "line 6"),
        ("[organisation.acme.ledger\nbank = 5", "line 6"),
        ("[organisation.acme]\nprofile = 'lexware'", r"line \d+"),
        ('profile = """', r"line \d+"),
    ],
)
def test_a_mistake_concerns_its_own_organisation(tmp_path: Path, broken: str, line: str) -> None:
    """A mistake in the tables of an organisation refuses that one, with its line; the others are read as ever."""
    found = _load(tmp_path, _TWO.format(broken=broken))
    assert (found.login(None), list(found.organisations)) == ("acme", ["acme", "other"])
    found.require_readable("other")
    assert found.zone("other", "").key == "Europe/Rome"
    with pytest.raises(InvalidConfiguration, match=rf"config\.toml, {line}: "):
        found.require_readable("acme")


@pytest.mark.parametrize("broken", ["profil = 5", "[organisation.acme.ledger]\nbank = 5", "[[organisation.acme.rule"])
def test_what_is_right_is_read_for_the_mail(tmp_path: Path, broken: str) -> None:
    """Of an organisation with mistakes, the tables that are right are read, so that a mail can report them."""
    found = _load(tmp_path, _TWO.format(broken=broken))
    assert found.mail("acme").server == "smtp.example.com"


def test_a_file_with_a_mistake_is_not_changed(tmp_path: Path) -> None:
    """A login does not change a file with a mistake, whoever it concerns."""
    text = _TWO.format(broken="profil = 5")
    with pytest.raises(InvalidConfiguration, match="profil"):
        _load(tmp_path, text).with_login("third", "file", PRODUCTION).save()
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("words", "is_on"), [("true", True), ("false", False), ("", True)])
def test_receipts_are_a_switch(tmp_path: Path, words: str, is_on: bool) -> None:  # noqa: FBT001 - parametrized
    """Receipts are fetched where the settings say so, and the variable takes precedence."""
    file = tmp_path / "config.toml"
    file.write_text("[organisation.acme-1]\nreceipts = true\n")
    found = config.load({"PRIMANOTA_HOME": str(tmp_path), "PRIMANOTA_RECEIPTS": words})
    assert found.receipts("acme-1") == is_on
    assert not config.load({"PRIMANOTA_HOME": str(tmp_path / "other")}).receipts("acme-1")
    wrong = config.load({"PRIMANOTA_HOME": str(tmp_path), "PRIMANOTA_RECEIPTS": "yes"})
    with pytest.raises(InvalidConfiguration, match="PRIMANOTA_RECEIPTS"):
        wrong.receipts("acme-1")


def test_the_places_of_packs(tmp_path: Path) -> None:
    """The table ``close`` says where packs go, and the variable takes precedence; a mistake in it names its line."""
    file = tmp_path / "config.toml"
    file.write_text('[organisation.acme-1.close]\nto = ["~/Adviser"]\nfor = "datev"\nsince = "2026-07"\nday = 5\n')
    found = close_settings(config.load({"PRIMANOTA_HOME": str(tmp_path)}), "acme-1")
    assert (found.to, found.profile, found.since, found.day) == (("~/Adviser",), "datev", "2026-07", 5)
    words = {"PRIMANOTA_HOME": str(tmp_path), "PRIMANOTA_CLOSE_TO": "/srv/packs, mailto:a@example.com,b@example.com"}
    given = close_settings(config.load(words), "acme-1")
    assert (given.to, given.day) == (("/srv/packs", "mailto:a@example.com,b@example.com"), 5)
    assert close_settings(config.load({"PRIMANOTA_HOME": str(tmp_path / "other")}), "acme-1").to == ()
    for mistake in ('since = "July"', 'since = "2026-13"', "day = 29", "places = 1"):
        file.write_text(f"[organisation.acme-1.close]\n{mistake}\n")
        with pytest.raises(InvalidConfiguration, match="line 2"):
            config.load({"PRIMANOTA_HOME": str(tmp_path)}).require_readable("acme-1")
