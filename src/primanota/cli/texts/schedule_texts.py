"""The sentences of ``schedule``."""

from primanota.core.language.catalogue import Texts

_Twelve = tuple[str, str, str, str, str, str, str, str, str, str, str, str]


class TimesTexts(Texts, frozen=True):
    """When a run starts; the forms with months are for the times of cron."""

    weekdays: str
    days: str
    daily: str
    weekdays_in_months: str
    days_in_months: str
    daily_in_months: str


class ScheduleTexts(Texts, frozen=True):
    """What is installed, and when it runs next."""

    months: _Twelve
    times: TimesTexts
    head: str
    head_of_machine: str
    into_file: str
    into_crontab: str
    then: str
    question: str
    installed: str
    nothing_written: str
    none: str
    removed: str
