"""The AWS Lambda function from its zip file: the time to load it, and the memory of a weekly run.

Lambda does not store compiled modules of a zip file, so this benchmark does not either: each start compiles what it
loads.
"""

import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from bank import served
from measure import HERE, Duel, Took, note, run, seconds, spread
from moto.server import ThreadedMotoServer
from result import Result, Row
from scale import Scale

_ROUNDS = 15
_BARE = (sys.executable, "-I", "-S", "-B", "-c")
_LOAD = "import sys; sys.path.insert(0, {!r}); from primanota.aws_lambda import handler"
_WEEK = _LOAD + "; import json; print(json.dumps(handler({{}}, None)))"
_AWS = {
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def measure(scale: Scale) -> Result:
    """Compare the start with an empty interpreter, and a weekly run with that of a small book."""
    with _unpacked() as task:
        return Result([_start(task), _memory(task, scale.sizes[0], scale.sizes[-1])])


def _start(task: Path) -> Row:
    note("function: start")
    load = _LOAD.format(str(task))
    duel = Duel(lambda _: run(*_BARE, load), lambda _: run(*_BARE, "pass"), _ROUNDS)
    return Row(
        "Cold start: `primanota.aws_lambda` loaded from its zip, nothing compiled",
        seconds(duel.ours),
        f"`python -I -S -B -c pass`: {seconds(duel.other)}",
        spread([1 / speedup for speedup in duel.speedups], "times as long"),
        duel.memory,
        "at most 2 s, a fifth of what Lambda allows",
    )


def _memory(task: Path, few: int, many: int) -> Row:
    small, large = (_week(task, size) for size in (few, many))
    return Row(
        f"The first week of {many:,} transactions, book and files to S3, no latency",
        seconds([large]),
        f"the same with {few:,}: {seconds([small])}",
        f"{large.megabytes / small.megabytes:.2f} times the memory",
        f"{large.megabytes:.0f} MB against {small.megabytes:.0f} MB",
        "at most half of the function's 1,769 MB",
    )


def _week(task: Path, size: int) -> Took:
    note(f"function: a week of {size:,} transactions")
    with tempfile.TemporaryDirectory() as folder, served(size) as bank, _cloud(f"acme-{size}") as (url, bucket):
        variables = {
            **bank.environment(Path(folder)),
            "PRIMANOTA_BOOK": f"s3://{bucket}/books/{bank.login}.book",
            "PRIMANOTA_TO": f"s3://{bucket}/files/",
            "PRIMANOTA_SINCE": "2000-01-01",
            "AWS_ENDPOINT_URL": url,
            **_AWS,
        }
        took = run(*_BARE, _WEEK.format(str(task)), env=variables)
        size_of_book = boto3.client("s3", endpoint_url=url).head_object(Bucket=bucket, Key=f"books/{bank.login}.book")
        note(f"  {took.megabytes:.0f} MB of memory, {size_of_book['ContentLength'] / 1_000_000:.0f} MB of book")
        return took


@contextmanager
def _cloud(bucket: str) -> Iterator[tuple[str, str]]:
    """Serve a simulated S3. Yields its URL and a bucket; all such servers of a process share their buckets."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ.update(_AWS)
    s3 = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    try:
        yield f"http://{host}:{port}", bucket
    finally:
        server.stop()


@contextmanager
def _unpacked() -> Iterator[Path]:
    """Build the zip file for this machine and this Python, and yield the folder with its contents."""
    with tempfile.TemporaryDirectory() as folder:
        arch = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        zipped = Path(folder, "function.zip")
        package = HERE.parent / "deploy" / "aws" / "package.py"
        words = [sys.executable, str(package), "--arch", arch, "--python", python, "--to", str(zipped)]
        subprocess.run(words, check=True, stdout=sys.stderr)  # noqa: S603 - our own script
        with zipfile.ZipFile(zipped) as archive:
            archive.extractall(Path(folder, "task"))
        yield Path(folder, "task")
