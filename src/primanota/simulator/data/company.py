"""The invented company: its organisation, accounts, members and labels. All of it is constant for a seed."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from primanota.simulator.data.identifiers import make_iban, make_uuid, make_uuid7, seeded_random
from primanota.simulator.data.sample_texts import ENGLISH_CASHFLOW, FIRST_NAMES, LABELS, LAST_NAMES, MEMBERS, TEAMS

_OPENED = datetime(2026, 1, 1, tzinfo=UTC)
_YEARS = 10  # between two openings
_SLUG = "morgenrot-fahrradbau"
_FIRST_NUMBER = 4711  # of the company with seed 1
NAME = "Morgenrot Fahrradbau GmbH"
BIC = "QNTODEB2XXX"
MAIN, SAVINGS, CLOSED, EXTERNAL = range(4)
FORMER_MEMBER = 9_999  # the number of a member who has left: an initiator that is not in the list of members

Json = dict[str, Any]


class SimulatedAccount(NamedTuple):
    """The constant data of one bank account."""

    id: str
    slug: str
    name: str
    status: str
    iban: str
    bic: str
    external: bool


def opening_before(moment: datetime) -> datetime:
    """Return the end of the history of a company that lives on: a day that stays the same for ten years."""
    year = _OPENED.year + (moment.year - _OPENED.year) // _YEARS * _YEARS
    return _OPENED.replace(year=year)


def company_accounts(seed: int) -> tuple[SimulatedAccount, ...]:
    """Return the four accounts: main, savings, a closed one and one at another bank."""

    def own_account(number: int, name: str, status: str) -> SimulatedAccount:
        iban = make_iban("DE", f"10010123{4711000000 + seed * 10 + number:010d}")
        return SimulatedAccount(
            account_id(seed, number), account_slug(seed, number), name, status, iban, BIC, external=False
        )

    external = (account_id(seed, EXTERNAL), account_slug(seed, EXTERNAL), "Sparkonto Nordlicht Bank", "active")
    return (
        own_account(MAIN, "Hauptkonto", "active"),
        own_account(SAVINGS, "Steuerrücklage", "active"),
        own_account(CLOSED, "Altes Geschäftskonto", "closed"),
        SimulatedAccount(*external, iban="", bic="", external=True),
    )


def account_id(seed: int, number: int) -> str:
    """Return the UUID of account `number`."""
    return make_uuid(seed, "account", number)


def company_slug(seed: int) -> str:
    """Return the organisation's slug, which is the login of its API key."""
    return f"{_SLUG}-{_FIRST_NUMBER + seed - 1}"


def account_slug(seed: int, number: int) -> str:
    """Return the slug of account `number`, as /v2/organization shows it."""
    return f"{company_slug(seed)}-bank-account-{number + 1}"


def api_secret(seed: int) -> str:
    """Return the invented secret key: 32 hexadecimal digits."""
    return make_uuid(seed, "secret", 0).replace("-", "")


def staging_token(seed: int) -> str:
    """Return the invented token of the sandbox."""
    return make_uuid(seed, "staging", 0)


def organization_json(seed: int) -> Json:
    """Return the organisation without its accounts (Qonto docs: organization)."""
    return {
        "id": make_uuid(seed, "organization", 0),
        "name": NAME,
        "slug": company_slug(seed),
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


def label_json(seed: int, number: int) -> Json:
    """Return label `number`: the first eight have names, further ones are numbered and have no parent."""
    name, parent = LABELS[number] if number < len(LABELS) else (f"Etikett Nr. {number + 1}", None)
    parent_id = None if parent is None else make_uuid(seed, "label", parent)
    return {"id": make_uuid(seed, "label", number), "name": name, "parent_id": parent_id}


def company_teams(seed: int) -> list[Json]:
    """Return the teams (Qonto docs: teams)."""
    return [{"id": make_uuid(seed, "team", number), "name": name} for number, name in enumerate(TEAMS)]


@lru_cache(maxsize=1_000)
def cash_flow_id(seed: int, category: int, level: int) -> str:
    """Return the UUID of a cash flow category (level 0) or of its subcategory (level 1)."""
    return make_uuid7(seed, category * 2 + level, 1_700_000_000_000)


def company_cash_flow_categories(seed: int) -> list[Json]:
    """Return the cash flow categories with their subcategories, by their English names."""
    return [
        {
            "id": cash_flow_id(seed, number, 0),
            "name": name,
            "type": "CATEGORY_TYPE_INFLOW" if inflow else "CATEGORY_TYPE_OUTFLOW",
            "subcategories": [{"id": cash_flow_id(seed, number, 1), "name": subcategory}],
        }
        for number, (name, subcategory, inflow) in enumerate(ENGLISH_CASHFLOW)
    ]


def member_json(seed: int, number: int) -> Json:
    """Return member `number` (Qonto docs: memberships); the personal fields of accountants are null."""
    first, last, role = _member_name(seed, number)
    has_personal_data = role != "accountant"
    return {
        "id": make_uuid(seed, "member", number),
        "first_name": first,
        "last_name": last,
        "role": role,
        "residence_country": "DE" if has_personal_data else None,
        "birthdate": f"19{70 + number % 29}-0{1 + number % 9}-{10 + number % 18}" if has_personal_data else None,
        "nationality": "DE" if has_personal_data else None,
        "ubo": number == 0 if has_personal_data else None,
        "birth_country": "DE" if has_personal_data else None,
        "status": "active",
        "team_id": make_uuid(seed, "team", 0),
        "email": f"person{number}@morgenrot.example",
    }


def _member_name(seed: int, number: int) -> tuple[str, str, str]:
    if number < len(MEMBERS):
        return MEMBERS[number]
    rng = seeded_random(seed, 7_000_000 + number)
    return rng.choice(FIRST_NAMES), f"{rng.choice(LAST_NAMES)}-{number}", "employee"
