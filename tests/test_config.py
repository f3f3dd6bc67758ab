"""Settings come from one file and the environment; the environment wins, and no secret is ever in the file."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import config, credentials
from primanota.config import PRODUCTION, Config, Organisation
from primanota.errors import ConfigMistake, NotConfigured, WrongWords
from tests.builders import quick

SECRET = "s3cr3t-0f-acme"  # noqa: S105 - an invented one
FILE = """
default = "acme"

[organisation.acme]
secret = "file"
timezone = "Europe/Paris"

[organisation.other]
api_url = "https://bank.example"
"""
_NAMES = st.text(string.printable + "äß€🧾", min_size=1, max_size=12)


def _load(home: Path, text: str | None = None, **variables: str) -> Config:
    home.mkdir(exist_ok=True)
    if text is not None:
        (home / "config.toml").write_text(text, encoding="utf-8")
    return config.load({"PRIMANOTA_HOME": str(home)} | {f"PRIMANOTA_{key}": said for key, said in variables.items()})


def test_nothing_is_a_setting_too(tmp_path: Path) -> None:
    """Without a file and without variables, the bank is the real one and no organisation is known."""
    found = _load(tmp_path)
    assert found.organisations == {}
    assert found.api_url("acme") == PRODUCTION == "https://thirdparty.qonto.com"
    assert found.staging_token is None
    with pytest.raises(NotConfigured, match="primanota login"):
        found.login(None)


def test_one_folder_holds_everything(tmp_path: Path) -> None:
    """PRIMANOTA_HOME is where settings, books and files are."""
    found = _load(tmp_path)
    assert (found.file, found.folder, found.exports) == (tmp_path / "config.toml", tmp_path, tmp_path / "exports")
    assert found.book("acme") == tmp_path / "books" / "acme.book"


def test_without_a_home_the_system_says_where() -> None:
    """Without PRIMANOTA_HOME, settings and books lie where the system keeps such things, and files go here."""
    found = config.load({})
    assert "primanota" in str(found.file)
    assert found.file.name == "config.toml"
    assert found.exports == Path()


def test_the_file_is_read(tmp_path: Path) -> None:
    """What the file says of each organisation is in force, and what it does not say has its default."""
    found = _load(tmp_path, FILE)
    assert found.organisations["acme"] == Organisation(secret="file", timezone="Europe/Paris")
    assert found.api_url("other") == "https://bank.example"
    assert found.api_url("acme") == PRODUCTION


def test_the_organisation_that_is_meant(tmp_path: Path) -> None:
    """The named one, else the environment's, else the default, else the first of the file."""
    assert _load(tmp_path, FILE).login("other") == "other"
    assert _load(tmp_path, FILE, LOGIN="mine").login("other") == "other"
    assert _load(tmp_path, FILE, LOGIN="mine").login(None) == "mine"
    assert _load(tmp_path, FILE, LOGIN="mine").login("mine") == "mine"
    assert _load(tmp_path, FILE).login(None) == "acme"
    assert _load(tmp_path, FILE.replace('default = "acme"', "")).login(None) == "acme"


def test_an_unknown_organisation_is_answered_with_the_known(tmp_path: Path) -> None:
    """An organisation that nobody knows is refused, and the known ones are named."""
    with pytest.raises(WrongWords, match=r"no organisation “acne” here\. Known: acme, other"):
        _load(tmp_path, FILE).login("acne")
    with pytest.raises(WrongWords, match="Known: none"):
        _load(tmp_path, "").login("acne")


def test_the_environment_wins(tmp_path: Path) -> None:
    """A variable is stronger than the file."""
    text = FILE.replace('"Europe/Paris"', '"Europe/Paris"\napi_url = "https://file.example"')
    found = _load(tmp_path, text, API_URL="https://env.example", TIMEZONE="Europe/Rome", STAGING_TOKEN=SECRET)
    assert found.api_url("acme") == "https://env.example"
    assert found.zone("acme", "DE").key == "Europe/Rome"
    assert found.staging_token == SECRET


def test_a_blank_variable_is_none(tmp_path: Path) -> None:
    """A variable that is set to nothing says nothing."""
    found = _load(tmp_path, FILE, API_URL=" ", TIMEZONE="", STAGING_TOKEN="", LOGIN="")
    assert (found.api_url("other"), found.staging_token, found.login(None)) == ("https://bank.example", None, "acme")
    assert found.zone("acme", "DE").key == "Europe/Paris"


def test_the_environments_secret_wins(tmp_path: Path) -> None:
    """A secret in the environment is used before any place that the file names."""
    credentials.remember("acme", credentials.Secret("from-the-file"), tmp_path)
    assert _load(tmp_path, FILE).credentials("acme").header == "acme:from-the-file"
    for login in ("acme", ""):
        found = _load(tmp_path, FILE, LOGIN=login, SECRET_KEY=SECRET)
        assert found.credentials("acme").header == f"acme:{SECRET}"


def test_a_secret_is_for_its_own_login_alone(tmp_path: Path) -> None:
    """The environment's secret of one organisation is never sent for another."""
    credentials.remember("acme", credentials.Secret("from-the-file"), tmp_path)
    found = _load(tmp_path, FILE, LOGIN="mine", SECRET_KEY=SECRET)
    assert found.credentials("acme").header == "acme:from-the-file"
    with pytest.raises(NotConfigured, match="There is no secret for stranger"):
        found.credentials("stranger")


def test_a_missing_secret_is_said(tmp_path: Path) -> None:
    """An organisation of the file whose secret is nowhere is answered with the way to log in."""
    with pytest.raises(NotConfigured, match="primanota login"):
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
def test_days_are_the_countrys(tmp_path: Path, country: str, zone: str) -> None:
    """Where nobody says a zone, days are those of the country in which the company is registered."""
    found = _load(tmp_path, FILE)
    assert found.zone("other", country).key == zone
    assert found.zone("acme", country).key == "Europe/Paris"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "Europe", "/etc/localtime", "x\0y"])
def test_a_zone_that_does_not_exist_is_named(tmp_path: Path, zone: str) -> None:
    """A zone that is none is refused by its name."""
    with pytest.raises(ConfigMistake, match="There is no time zone") as refused:
        _load(tmp_path, FILE, TIMEZONE=zone).zone("acme", "DE")
    assert f"“{zone}”" in refused.value.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('default = "acme\n', "line 1"),
        ("\n\n[organisation.acme\n", "line 3"),
        ("default = 5", "$.default"),
        ('defualt = "acme"', "defualt"),
        ('[organisation.acme]\nsecrets = "file"', "secrets"),
        ("[organisation.acme]\nsecret = 1", "$.organisation[...].secret"),
        ('organisation = "acme"', "$.organisation"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    """A file with a mistake is refused; the sentence names the file and the line or the field."""
    with pytest.raises(ConfigMistake) as refused:
        _load(tmp_path, text)
    assert said in refused.value.what
    assert str(tmp_path / "config.toml") in refused.value.what


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A file in another encoding is refused by its name."""
    (tmp_path / "config.toml").write_bytes(b'default = "\xff"')
    with pytest.raises(ConfigMistake, match=r"config\.toml"):
        _load(tmp_path)


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    """A login's settings are in the file, readable by its owner alone, and the first one is the default."""
    acme = Organisation(secret='command:pass show "acme"\\n', timezone="Europe/Vienna")
    made = _load(tmp_path).with_organisation("acme", acme).with_organisation("other", Organisation())
    made.save()
    assert made.file.stat().st_mode & 0o777 == 0o600
    assert (_load(tmp_path).organisations, _load(tmp_path).default) == (made.organisations, "acme")


@quick
@given(known=st.dictionaries(_NAMES, st.builds(Organisation, secret=_NAMES, api_url=_NAMES, timezone=_NAMES)))
def test_any_settings_are_read_again(tmp_path: Path, known: dict[str, Organisation]) -> None:
    """Whatever signs are in names and commands: the file that is written says the same when it is read."""
    made = _load(tmp_path, "")
    for login, organisation in known.items():
        made = made.with_organisation(login, organisation)
    made.save()
    read = _load(tmp_path)
    assert (read.organisations, read.default) == (made.organisations, made.default)


def test_no_secret_is_saved(tmp_path: Path) -> None:
    """The file keeps where a secret is, never the secret, nor the token, even when the environment holds them."""
    made = _load(tmp_path, FILE, SECRET_KEY=SECRET, STAGING_TOKEN=SECRET)
    made.with_organisation("third", Organisation(secret="file")).save()
    assert SECRET not in made.file.read_text(encoding="utf-8")
    assert "third" in made.file.read_text(encoding="utf-8")
