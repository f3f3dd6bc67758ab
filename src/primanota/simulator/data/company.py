"""Who the invented company is: its organisation, accounts, members and labels. Nothing here ever moves."""

from typing import Any, NamedTuple

from primanota.simulator.data.identifiers import dice, iban_of, uuid_of
from primanota.simulator.data.sample_texts import FIRST_NAMES, LABELS, LAST_NAMES, MEMBERS

SLUG = "morgenrot-fahrradbau-4711"
NAME = "Morgenrot Fahrradbau GmbH"
BIC = "QNTODEB2XXX"
MAIN, SAVINGS, OLD, EXTERNAL = range(4)
GONE = 9_999  # the number of the member who left: an initiator that no list names

Json = dict[str, Any]


class Account(NamedTuple):
    """What is fixed of one bank account."""

    id: str
    slug: str
    name: str
    status: str
    iban: str
    bic: str
    external: bool


def accounts_of(seed: int) -> tuple[Account, ...]:
    """The four accounts: main, savings, a closed one and one at another bank."""

    def own(number: int, name: str, status: str) -> Account:
        iban = iban_of("DE", f"10010123{4711000000 + seed * 10 + number:010d}")
        return Account(account_id(seed, number), account_slug(number), name, status, iban, BIC, external=False)

    elsewhere = (account_id(seed, EXTERNAL), account_slug(EXTERNAL), "Sparkonto Nordlicht Bank", "active")
    return (
        own(MAIN, "Hauptkonto", "active"),
        own(SAVINGS, "Steuerrücklage", "active"),
        own(OLD, "Altes Geschäftskonto", "closed"),
        Account(*elsewhere, iban="", bic="", external=True),
    )


def account_id(seed: int, number: int) -> str:
    """The uuid of account `number`."""
    return uuid_of(seed, "account", number)


def account_slug(number: int) -> str:
    """The slug of account `number`, as /v2/organization shows it."""
    return f"{SLUG}-bank-account-{number + 1}"


def secret_of(seed: int) -> str:
    """The invented secret key: 32 hexadecimal digits."""
    return uuid_of(seed, "secret", 0).replace("-", "")


def staging_token_of(seed: int) -> str:
    """The invented token that the sandbox asks for."""
    return uuid_of(seed, "staging", 0)


def organization_of(seed: int) -> Json:
    """The organisation without its accounts (Qonto docs: organization)."""
    return {
        "id": uuid_of(seed, "organization", 0),
        "name": NAME,
        "slug": SLUG,
        "legal_name": NAME,
        "locale": "de",
        "legal_share_capital": 25000.0,
        "legal_country": "DE",
        "legal_registration_date": "2019-04-01",
        "legal_form": "GmbH",
        "legal_address": "Straße der Pedale 8, Berlin 10999",
        "address": {
            "first_line": "Straße der Pedale 8",
            "second_line": None,
            "third_line": None,
            "zipcode": "10999",
            "city": "Berlin",
            "country": "DE",
            "state": None,
        },
        "legal_sector": None,
        "contract_signed_at": "2019-05-06T08:30:11.094Z",
        "legal_number": "HRB 4711 B",
    }


def label_of(seed: int, number: int) -> Json:
    """Label `number`: the first eight are named, further ones are top-level and counted."""
    name, parent = LABELS[number] if number < len(LABELS) else (f"Etikett Nr. {number + 1}", None)
    parent_id = None if parent is None else uuid_of(seed, "label", parent)
    return {"id": uuid_of(seed, "label", number), "name": name, "parent_id": parent_id}


def member_of(seed: int, number: int) -> Json:
    """Member `number` (Qonto docs: memberships); personal fields are null for some."""
    first, last, role = _member_name(seed, number)
    known = role != "accountant"
    return {
        "id": uuid_of(seed, "member", number),
        "first_name": first,
        "last_name": last,
        "role": role,
        "residence_country": "DE" if known else None,
        "birthdate": f"19{70 + number % 29}-0{1 + number % 9}-{10 + number % 18}" if known else None,
        "nationality": "DE" if known else None,
        "ubo": number == 0 if known else None,
        "birth_country": "DE" if known else None,
        "status": "active",
        "team_id": uuid_of(seed, "team", 0),
        "email": f"person{number}@morgenrot.example",
    }


def _member_name(seed: int, number: int) -> tuple[str, str, str]:
    if number < len(MEMBERS):
        return MEMBERS[number]
    rng = dice(seed, 7_000_000 + number)
    return rng.choice(FIRST_NAMES), f"{rng.choice(LAST_NAMES)}-{number}", "employee"
