"""Consents of a fleet's clients, in words and as JSON."""

from collections.abc import Iterable

from primanota.cli import texts
from primanota.cli.texts.language import here, on_stdout
from primanota.fleet.oauth.consent_states import ClientConsent


def consent_words(one: ClientConsent) -> str:
    """Return the state of a consent in words, with its day."""
    day = on_stdout().day(one.until) if one.until else ""
    return texts.fleet().consent.state.of(one.state).format(day=day)


def consent_notes(warnings: Iterable[ClientConsent]) -> list[str]:
    """Return a line for each consent for which a person has to do something, and what; empty if there is none."""
    lines = [f"{one.login}{here().colon} {consent_words(one)}" for one in warnings]
    return [*lines, texts.fleet().consent.asked] if lines else []


def consent_view(one: ClientConsent) -> dict[str, object]:
    """Return the JSON keys of a consent."""
    return {
        "state": one.state,
        "since": one.since,
        "until": one.until,
        "invited_until": one.invited_until,
        "why": one.why,
    }
