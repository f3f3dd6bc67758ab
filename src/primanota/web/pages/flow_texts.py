"""The texts of the screen of flows, in the language of the reader."""

from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load


class GroupTexts(Texts, frozen=True):
    """The texts of a way to group: its heading, and the name of rows without one."""

    heading: str
    without: str


class FlowTexts(Texts, frozen=True):
    """The texts of this screen."""

    heading: str
    account: str
    word: str
    since: str
    until: str
    show: str
    months: str
    month: str
    month_names: tuple[str, ...]
    month_of: str
    rows: str
    sum_in: str
    sum_out: str
    net: str
    total: str
    legend: str
    title: str
    description: str
    none: str
    groups: str
    group_title: str
    group_legend: str
    of_all: str
    newest: str
    too_many: str
    see_rows: str
    rest: Plural
    category: GroupTexts
    label: GroupTexts
    counterparty: GroupTexts


@cache
def flow_texts(language: str) -> FlowTexts:
    """Return the texts in a language."""
    return load("page_flows", language, FlowTexts)
