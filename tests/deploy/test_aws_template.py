"""The template for AWS: valid by AWS's own checkers, without a secret, and with few permissions."""

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
    """The template; each intrinsic function is a table with one key."""
    return dict(load(str(FILE)))


def _properties(template: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any YAML value
    return template["Resources"][name]["Properties"]


def _statements(tree: object) -> Iterator[dict[str, Any]]:
    """Yield every statement of every policy, at any depth."""
    if isinstance(tree, dict):
        if "Effect" in tree:
            yield tree
        for inner in tree.values():
            yield from _statements(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from _statements(inner)


def test_cfn_lint_finds_nothing() -> None:
    """cfn-lint, AWS's own checker, reports nothing for three European regions."""
    regions = ["eu-central-1", "eu-west-1", "eu-west-3"]
    assert not cfnlint.api.lint_file(FILE, config=cfnlint.config.ManualArgs(regions=regions))


@pytest.mark.skipif(_SAM is None and not os.environ.get("CI"), reason="“make sam” installs it")
def test_sam_finds_nothing(tmp_path: Path) -> None:
    """“sam validate --lint” succeeds, without an AWS account."""
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


def test_every_permission_has_a_name_and_a_comment(template: dict[str, Any]) -> None:
    """Each policy statement has a name, and a comment above it."""
    named = _STATEMENT.findall(TEXT)
    assert len(named) == len([*_statements(template["Resources"])])
    for indent, sid in named:
        before = TEXT.split(f"{indent}- Sid: {sid}\n")[0].splitlines()[-1]
        assert before.startswith(f"{indent}# "), sid


def test_no_permission_for_everything(template: dict[str, Any]) -> None:
    """No policy allows an action with a wildcard, all resources, or all principals."""
    for statement in _statements(template["Resources"]):
        if statement["Effect"] == "Allow":
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in str(action)]
            assert statement.get("Resource") != "*"
            assert statement.get("Principal") != "*"


def test_no_permission_to_delete(template: dict[str, Any]) -> None:
    """No policy allows an action that has Delete in its name."""
    allowed = [one["Action"] for one in _statements(template["Resources"]) if one["Effect"] == "Allow"]
    assert "Delete" not in str(allowed)


def test_the_template_has_no_secret(template: dict[str, Any]) -> None:
    """No parameter contains a secret; the function's variables contain a reference to it."""
    parameters = template["Parameters"]
    assert {name for name in parameters if "ecret" in name} == {"SecretKind", "SecretName"}
    assert not [name for name, resource in parameters.items() if resource.get("NoEcho")]
    variables = _properties(template, "Weekly")["Environment"]["Variables"]
    references = variables["PRIMANOTA_SECRET"]["Fn::If"][1:]
    assert [one["Fn::Sub"] for one in references] == ["secretsmanager:${SecretName}", "ssm:/${SecretName}"]
    assert "PRIMANOTA_SECRET_KEY" not in variables


def test_the_schedule_has_a_time_zone(template: dict[str, Any]) -> None:
    """The default schedule is Monday 07:00 in Berlin's local time, and the run key is the scheduled time."""
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
    """The bucket is private, encrypted and versioned, has no access lists, and is kept when the stack is deleted."""
    bucket, resource = _properties(template, "Bucket"), template["Resources"]["Bucket"]
    assert [*bucket["PublicAccessBlockConfiguration"].values()] == [True] * 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_the_book_never_expires(template: dict[str, Any]) -> None:
    """Old versions of an object expire after 90 days; no rule expires a current object."""
    rules = _properties(template, "Bucket")["LifecycleConfiguration"]["Rules"]
    assert {key for rule in rules for key in rule} == {
        *("Id", "Status"),
        *("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
    }
    assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_tls_is_required(template: dict[str, Any]) -> None:
    """Every request to the bucket without TLS is refused."""
    (statement,) = _statements(_properties(template, "BucketPolicy"))
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_failure_is_reported(template: dict[str, Any]) -> None:
    """Each alarm sends a mail, or is part of one that does; failed events go to the dead-letter queue."""
    alarms = {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}
    }
    silent = {name for name, alarm in alarms.items() if alarm.get("AlarmActions") != [{"Ref": "Alarms"}]}
    assert silent == {"NothingForAWeek"}
    assert "${NothingForAWeek}" in alarms["Silent"]["AlarmRule"]["Fn::Sub"]
    assert alarms["NothingForAWeek"]["TreatMissingData"] == "breaching"
    letters = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert _properties(template, "EveryWeek")["Target"]["DeadLetterConfig"]["Arn"] == letters
    invoked = _properties(template, "Weekly")["EventInvokeConfig"]
    assert invoked["DestinationConfig"]["OnFailure"]["Destination"] == letters


def test_no_alarm_covers_more_than_a_week(template: dict[str, Any]) -> None:
    """No alarm covers more than seven days, CloudWatch's limit (PutMetricAlarm), which cfn-lint does not check."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            assert resource["Properties"]["Period"] * resource["Properties"]["EvaluationPeriods"] <= 7 * 24 * 3600


def test_the_log_expires(template: dict[str, Any]) -> None:
    """The function's log is kept for 90 days."""
    assert _properties(template, "Log")["RetentionInDays"] == 90
    assert _properties(template, "Weekly")["LoggingConfig"]["LogGroup"] == {"Ref": "Log"}


def test_the_python_version_is_supported(template: dict[str, Any]) -> None:
    """The function's Python version is one that the package supports, and the default of the zip's build."""
    python = _properties(template, "Weekly")["Runtime"].removeprefix("python")
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"Programming Language :: Python :: {python}" in package["classifiers"]
    assert f'"--python", default="{python}"' in (ROOT / "deploy" / "aws" / "package.py").read_text(encoding="utf-8")


def test_the_costs_add_up() -> None:
    """The costs of a month in docs/aws.md add up to the total below them."""
    page = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    costs = [
        Decimal(cost) for cost in re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \| (0\.\d{4}) \|$", page, re.MULTILINE)
    ]
    (together,) = re.findall(r"\*\*Together\*\* \| \| \| \*\*([\d.]+)\*\*", page)
    assert len(costs) == 11
    assert round(sum(costs), 2) == Decimal(together)
