"""The baseline of receipts: a loop that asks for one row's after another, as a competent programmer writes it.

Usage: python baseline_receipts.py FOLDER URL KEY < ROWS

ROWS are the ids of the rows that have receipts, one a line. It writes each file under its SHA-256, and prints how
many files it wrote.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import httpx2


def main(folder: Path, url: str, key: str) -> None:
    """Write the files of every row: the receipt, and the bank's sealed copy where there is one."""
    folder.mkdir()
    written = 0
    with httpx2.Client(base_url=url, headers={"Authorization": key}, timeout=60) as bank, httpx2.Client() as host:
        for row in sys.stdin.read().split():
            response = bank.get(f"/v2/transactions/{row}/attachments")
            response.raise_for_status()
            for attachment in response.json()["attachments"]:
                for link in _links(attachment):
                    content = host.get(link).raise_for_status().content
                    (folder / hashlib.sha256(content).hexdigest()).write_bytes(content)
                    written += 1
    print(written)


def _links(attachment: dict[str, Any]) -> list[str]:
    sealed = attachment["probative_attachment"]
    return [attachment["url"], *([sealed["url"]] if sealed["status"] == "available" else [])]


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
