"""Commands that messages name as the next step. Each is written here once, so that all of them say the same."""

PROGRAM = "primanota"
DEFAULT_PROFILE = "lexware"
CONSENT = f"{PROGRAM} login --oauth"
CONSENT_AGAIN = f"Run “{CONSENT}” again."
BEGIN = (
    f"Run “{PROGRAM} login” for an account at Qonto, “{PROGRAM} import FILE” for statements of any bank, "
    "or set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."
)
LOGIN_FIRST = f"Run “{PROGRAM} login” first, or set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."


def weekly_run(profile: str = DEFAULT_PROFILE, program: str = PROGRAM) -> str:
    """Return the command that is the next step after ``login``, and that a company runs every week.

    Args:
        profile: the profile of the accounting tool.
        program: how the program is called.
    """
    return f"{program} run {profile} --new"


def invitation(login: str) -> str:
    """Return the command that asks a client of a fleet for a consent.

    Args:
        login: the client.
    """
    return f"{PROGRAM} fleet invite {login}"
