"""The template for AWS: read by AWS's own checkers, and held to what a company's books need."""

import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
from cfnlint.decode.cfn_yaml import load

from tests.support import environment

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "aws" / "template.yaml"
TEXT = FILE.read_text(encoding="utf-8")
_SAM = shutil.which("sam", path=f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
_STATEMENT = re.compile(r"^( *)- Sid: (\w+)\n", re.MULTILINE)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The template, with its functions as one-keyed tables."""
    return dict(load(str(FILE)))


def _properties(template: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - a template is a tree of anything
    return template["Resources"][name]["Properties"]


def _statements(tree: object) -> Iterator[dict[str, Any]]:
    """Every statement of every policy, wherever it is."""
    if isinstance(tree, dict):
        if "Effect" in tree:
            yield tree
        for inner in tree.values():
            yield from _statements(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _statements(inner)


def test_cfn_lint_finds_nothing() -> None:
    """AWS's own checker has nothing to say, in every region in which we would begin."""
    regions = ["eu-central-1", "eu-west-1", "eu-west-3"]
    assert not cfnlint.api.lint_file(FILE, config=cfnlint.config.ManualArgs(regions=regions))


@pytest.mark.skipif(_SAM is None and not os.environ.get("CI"), reason="“make sam” installs it")
def test_sam_finds_nothing(tmp_path: Path) -> None:
    """“sam validate --lint” has nothing to say. It needs no account: what it is given is invented."""
    assert _SAM, "“make sam” installs it"
    variables = environment.plain(
        AWS_ACCESS_KEY_ID="invented",
        AWS_SECRET_ACCESS_KEY="invented",
        AWS_DEFAULT_REGION="eu-central-1",
        SAM_CLI_TELEMETRY="0",
        HOME=str(tmp_path),
    )
    words = [_SAM, "validate", "--lint", "--template-file", str(FILE)]
    done = environment.run(words, variables)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_right_says_why(template: dict[str, Any]) -> None:
    """Each statement has a name, and above it a comment that says what it is for."""
    named = _STATEMENT.findall(TEXT)
    assert len(named) == len([*_statements(template["Resources"])])
    for indent, sid in named:
        before = TEXT.split(f"{indent}- Sid: {sid}\n")[0].splitlines()[-1]
        assert before.startswith(f"{indent}# "), sid


def test_no_right_to_everything(template: dict[str, Any]) -> None:
    """Nothing is allowed to do all, or with all: only what is denied names everybody and everything."""
    for statement in _statements(template["Resources"]):
        if statement["Effect"] == "Allow":
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in str(action)]
            assert statement.get("Resource") != "*"
            assert statement.get("Principal") != "*"


def test_nothing_may_be_deleted(template: dict[str, Any]) -> None:
    """The function can take nothing away: no right has Delete in its name."""
    allowed = [one["Action"] for one in _statements(template["Resources"]) if one["Effect"] == "Allow"]
    assert "Delete" not in str(allowed)


def test_no_secret_in_it(template: dict[str, Any]) -> None:
    """No parameter takes a secret; the function's variables have a reference to it."""
    parameters = template["Parameters"]
    assert {name for name in parameters if "ecret" in name} == {"SecretKind", "SecretName"}
    assert not [name for name, said in parameters.items() if said.get("NoEcho")]
    variables = _properties(template, "Weekly")["Environment"]["Variables"]
    references = variables["PRIMANOTA_SECRET"]["Fn::If"][1:]
    assert [one["Fn::Sub"] for one in references] == ["secretsmanager:${SecretName}", "ssm:/${SecretName}"]
    assert "PRIMANOTA_SECRET_KEY" not in variables


def test_the_schedule_has_a_time_zone(template: dict[str, Any]) -> None:
    """Monday at seven is Monday at seven in Berlin, in summer and in winter; a repeated try keeps its run key."""
    schedule, parameters = _properties(template, "EveryWeek"), template["Parameters"]
    assert schedule["ScheduleExpression"] == {"Ref": "Schedule"}
    assert schedule["ScheduleExpressionTimezone"] == {"Ref": "TimeZone"}
    assert (parameters["Schedule"]["Default"], parameters["TimeZone"]["Default"]) == (
        "cron(0 7 ? * MON *)",
        "Europe/Berlin",
    )
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["Input"] == '{"run_key": "<aws.scheduler.scheduled-time>"}'


def test_the_bucket_is_private(template: dict[str, Any]) -> None:
    """The bucket is private, encrypted and versioned, has no access lists, and outlives the stack."""
    bucket, said = _properties(template, "Bucket"), template["Resources"]["Bucket"]
    assert [*bucket["PublicAccessBlockConfiguration"].values()] == [True] * 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert said["DeletionPolicy"] == said["UpdateReplacePolicy"] == "Retain"


def test_the_book_never_expires(template: dict[str, Any]) -> None:
    """Old versions go after three months; no rule lets a current object go."""
    rules = _properties(template, "Bucket")["LifecycleConfiguration"]["Rules"]
    assert {key for rule in rules for key in rule} == {
        *("Id", "Status"),
        *("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
    }
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_only_with_tls(template: dict[str, Any]) -> None:
    """Every request to the bucket without TLS is refused."""
    (statement,) = _statements(_properties(template, "BucketPolicy"))
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_somebody_hears_of_every_failure(template: dict[str, Any]) -> None:
    """Every alarm mails, but the one of a quiet week, which speaks through another; dead letters are watched."""
    alarms = {
        name: said["Properties"]
        for name, said in template["Resources"].items()
        if said["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    }
    mute = {name for name, alarm in alarms.items() if alarm.get("AlarmActions") != [{"Ref": "Alarms"}]}
    assert mute == {"NothingForAWeek"}
    assert "${NothingForAWeek}" in alarms["Silent"]["AlarmRule"]["Fn::Sub"]
    assert alarms["NothingForAWeek"]["TreatMissingData"] == "breaching"
    letters = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert _properties(template, "EveryWeek")["Target"]["DeadLetterConfig"]["Arn"] == letters
    invoked = _properties(template, "Weekly")["EventInvokeConfig"]
    assert invoked["DestinationConfig"]["OnFailure"]["Destination"] == letters


def test_no_alarm_looks_back_too_far(template: dict[str, Any]) -> None:
    """CloudWatch refuses an alarm over more than seven days (PutMetricAlarm), and cfn-lint does not say so."""
    for said in template["Resources"].values():
        if said["Type"] == "AWS::CloudWatch::Alarm":
            assert said["Properties"]["Period"] * said["Properties"]["EvaluationPeriods"] <= 7 * 24 * 3600


def test_the_log_has_an_end(template: dict[str, Any]) -> None:
    """What the runs said is not kept for ever."""
    assert _properties(template, "Log")["RetentionInDays"] == 90
    assert _properties(template, "Weekly")["LoggingConfig"]["LogGroup"] == {"Ref": "Log"}


def test_the_python_is_one_of_ours(template: dict[str, Any]) -> None:
    """Lambda runs a Python that the package says it runs on, and that the zip is built for."""
    python = _properties(template, "Weekly")["Runtime"].removeprefix("python")
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Programming Language :: Python :: {python}" in package["classifiers"]
    assert f'"--python", default="{python}"' in (ROOT / "deploy" / "aws" / "package.py").read_text(encoding="utf-8")


def test_the_month_adds_up() -> None:
    """What a month costs, line by line, is what stands under it."""
    page = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    costs = [
        Decimal(cost) for cost in re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \| (0\.\d{4}) \|$", page, re.MULTILINE)
    ]
    (together,) = re.findall(r"\*\*Together\*\* \| \| \| \*\*([\d.]+)\*\*", page)
    assert len(costs) == 11
    assert round(sum(costs), 2) == Decimal(together)
