"""Clients: a grid of clients and weeks, who needs somebody, who is late, why; and a client with its runs."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import Response

from primanota.core.errors import InvalidInput
from primanota.core.language.fleet_states import fleet_states
from primanota.core.language.notices import notice_text
from primanota.fleet.client_grid import client_grid
from primanota.fleet.fleet_clients import ClientTable
from primanota.fleet.occasions import OccasionTable
from primanota.fleet.overview import CLIENT_STATES, ClientState, ClientWeeks, Mark, counted_states, weeks_until
from primanota.web.fleet_site import FleetVisit
from primanota.web.pages.client_texts import client_texts
from primanota.web.screens import Form, Screen

_AT_ONCE = 100
_WEEKS, _USUAL_WEEKS = ("4", "8", "13", "26"), "8"
_WEEKS_OF_CLIENT, _RUNS = 26, 60
_FIELDS = ("text", "state", "weeks", "after")
_CHANGES = ("retry", "pause", "resume")


class MarkSign(NamedTuple):
    """How a state is shown: a sign, which the colour only repeats, and the class of the colour."""

    sign: str
    colour: str


_SIGNS: dict[Mark, MarkSign] = {
    "done": MarkSign("✓", "good"),
    "failed": MarkSign("✗", "act"),
    "person": MarkSign("!", "act"),
    "late": MarkSign("◷", "wait"),
    "waiting": MarkSign("…", "soft"),
    "running": MarkSign("▸", "soft"),
    "none": MarkSign("·", "soft"),
}


def show_all(visit: FleetVisit) -> Response:
    """Show the clients that the address asks for, a hundred at a time."""
    asked = _asked(visit)
    weeks = weeks_until(visit.clock(), int(asked["weeks"]))
    every = client_grid(visit.database, weeks, visit.clock())
    states: tuple[ClientState, ...] = tuple(one for one in CLIENT_STATES if one == asked["state"])
    found = [one for one in every if one.matches(asked["text"].split(), states)]
    rest = [one for one in found if one.login > asked["after"]]
    shown = rest[:_AT_ONCE]
    return _page(
        visit,
        "clients.html",
        asked=asked,
        weeks=weeks,
        choices=_WEEKS,
        every=len(every),
        found=len(found),
        before=len(found) - len(rest),
        lines=shown,
        counts=counted_states(every),
        known_states=CLIENT_STATES,
        here=urlencode(_given(asked)),
        first=urlencode(_given({**asked, "after": ""})),
        next=urlencode({**_given(asked), "after": shown[-1].login}) if len(rest) > _AT_ONCE else "",
        did=_did(visit, {one.login for one in every}),
    )


def show_one(visit: FleetVisit) -> Response:
    """Show a client: its settings, its weeks and its last runs."""
    login = _login(visit)
    client = ClientTable(visit.database).get(login)
    weeks = weeks_until(visit.clock(), _WEEKS_OF_CLIENT)
    (line,) = client_grid(visit.database, weeks, visit.clock(), login)
    return _page(
        visit,
        "client.html",
        client=client,
        line=line,
        runs=OccasionTable(visit.database).of_client(login, _RUNS),
        zone=client.timetable.zone,
        did=_did(visit, {login}),
    )


def change(visit: FleetVisit) -> Response:
    """Retry the latest run of a client, or pause or resume it; then show what was shown before."""
    login, wanted = _login(visit), str(visit.request.path_params["change"])
    if wanted not in _CHANGES:
        raise InvalidInput("There is no such change.", f"It is one of {', '.join(_CHANGES)}.")
    clients = ClientTable(visit.database)
    if wanted == "retry":
        clients.get(login)
        OccasionTable(visit.database).retry(login)
    else:
        clients.pause(login, paused=wanted == "pause")
    if visit.form.get("back") == "client":
        return visit.see(f"/clients/{quote(login, safe='')}?{urlencode({'did': wanted})}")
    back = dict(parse_qsl(str(visit.form.get("back", ""))))
    known = {name: back[name] for name in _FIELDS if name in back}
    return visit.see(f"/?{urlencode({**known, 'did': wanted, 'client': login})}")


def _page(visit: FleetVisit, template: str, **values: Any) -> Response:  # noqa: ANN401 - what a template takes
    return visit.page(
        template,
        c=client_texts(visit.language),
        states=fleet_states(visit.language),
        signs=_SIGNS,
        warning=lambda one: _warning(visit, one),
        **values,
    )


def _warning(visit: FleetVisit, client: ClientWeeks) -> str:
    return notice_text(client.warning, visit.language) if client.warning else ""


def _login(visit: FleetVisit) -> str:
    return str(visit.request.path_params["login"])


def _asked(visit: FleetVisit) -> dict[str, str]:
    """Return what the address asks for, with each field.

    Raises:
        InvalidInput: there is no such state or number of weeks.
    """
    given = {name: visit.request.query_params.get(name, "").strip() for name in _FIELDS}
    asked = {**given, "weeks": given["weeks"] or _USUAL_WEEKS}
    if asked["weeks"] not in _WEEKS or asked["state"] not in {"", *CLIENT_STATES}:
        raise InvalidInput("The filter in the address of this page is not valid.", "Choose again in the form.")
    return asked


def _given(asked: dict[str, str]) -> dict[str, str]:
    """Return the fields that an address has to name."""
    return {name: value for name, value in asked.items() if value and (name, value) != ("weeks", _USUAL_WEEKS)}


def _did(visit: FleetVisit, known: set[str]) -> str:
    """Return the sentence of the change that led here; empty if none did."""
    did = visit.request.query_params.get("did", "")
    login = visit.request.query_params.get("client", "") or visit.request.path_params.get("login", "")
    return client_texts(visit.language).did.of(did).format(client=login) if did in _CHANGES and login in known else ""


SCREENS = (
    Screen("/", show_all),
    Screen("/clients/{login}", show_one),
    Form("/clients/{login}/{change}", change),
)
