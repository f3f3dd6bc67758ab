"""A campaign: a kind of trouble, and how to run one of its cases."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Campaign(NamedTuple):
    """A kind of trouble.

    Args:
        name: its name in the table, such as ``answers: dates``.
        cases: how many cases a whole run has, or as many as there are if each is tried once.
        run: runs a case of a number in an empty folder, with a source of chance that depends on the seed and the
            number alone, and returns the rules that it broke, each with what is needed to repeat it.
    """

    name: str
    cases: int
    run: Callable[[Path, int, random.Random], list[str]]


def run_case(campaign: Campaign, folder: Path, seed: int, number: int) -> list[str]:
    """Run one case in an own folder, which is removed afterwards; an error that escapes breaks a rule."""
    chance = random.Random(f"{campaign.name}-{seed}-{number}")  # noqa: S311 - which case, not which secret
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return campaign.run(folder, number, chance)
    except Exception as error:  # noqa: BLE001 - an error that escapes is what is looked for
        return [f"{type(error).__name__}: {error}"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
