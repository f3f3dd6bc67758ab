"""What the bank tells of a row, in the files of programs of one's own: JSON Lines, and own templates."""

import json
from pathlib import Path

from tests.support.clock import NOON
from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import Terminal

TODAY = f"{NOON.date()}"
_OWN = """
title = "Names"
format = "csv"
source = "invented"
[options]
columns = [
  ["Id", "{id}"], ["Clean", "{clean_counterparty}"], ["Below", "{subcategory}"], ["Labels", "{label_ids}"],
  ["Created", "{created:%Y-%m-%d}"], ["Kind", "{subject_type}"], ["By", "{member_id}"], ["Files", "{attachment_ids}"],
]
"""


def test_json_lines_and_templates_have_what_the_bank_tells(desk: Terminal) -> None:
    """The cleaned-up name, the subcategory, the kind, the moments and the ids are those of the bank."""
    (key,) = desk.arrive()
    member, labels = desk.simulator.bank.members()[0]["id"], [one["id"] for one in desk.simulator.bank.labels()[:2]]
    desk.simulator.bank.attach(key)
    desk.edit(
        key,
        clean_counterparty_name="Müller",
        cashflow_subcategory={"id": "c1", "name": "Trains"},
        label_ids=labels,
        initiator_id=member,
    )
    bank = desk.simulator.bank
    (raw,) = (row for row in bank.truth(bank.account_ids()[0]) if row["id"] == key)
    found = json.loads(_exported(desk, "jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert (found["clean_counterparty"], found["subcategory"], found["member_id"]) == ("Müller", "Trains", member)
    assert (found["label_ids"], found["attachment_ids"]) == (labels, raw["attachment_ids"])
    assert (found["subject_type"], found["receipts"]) == (raw["subject_type"], 1)
    assert found["created"][:10] == found["updated"][:10] == TODAY
    own = desk.home / "names.toml"
    own.write_text(_OWN, encoding="utf-8")
    assert rows_of(_exported(desk, str(own))) == [
        {
            "Id": key,
            "Clean": "Müller",
            "Below": "Trains",
            "Labels": ", ".join(labels),
            "Created": TODAY,
            "Kind": raw["subject_type"],
            "By": member,
            "Files": ", ".join(raw["attachment_ids"]),
        }
    ]


def test_the_purpose_of_a_row_without_a_reference(desk: Terminal) -> None:
    """A German list says it in German, lexware as the bank's operation type; NOTPROVIDED is no reference."""
    (key,) = desk.arrive()
    member = desk.simulator.bank.members()[0]
    name = f"{member['first_name']} {member['last_name']}"
    desk.edit(key, reference="NOTPROVIDED", initiator_id=member["id"])
    expected = {"lexware": f",income {name},", "lexware-template": f";Zahlungseingang {name};"}
    for profile, purpose in expected.items():
        text = _exported(desk, profile).read_text(encoding="utf-8")
        assert purpose in text
        assert "NOTPROVIDED" not in text
    assert "NOTPROVIDED" not in desk.run("list", "--text", key).out + desk.run("list", "--text", key, "--json").out
    assert desk.run("check").code == 0


def test_the_language_of_purposes_is_shown(desk: Terminal) -> None:
    """The page of a profile says in which language its purposes are."""
    assert "In German, where a row has no reference." in desk.run("profiles", "show", "lexware-template").out
    assert "where a row has no reference" not in desk.run("profiles", "show", "lexware").out
    assert desk.run("profiles", "show", "holded", "--json").data["purpose_language"] == "es"


def _exported(desk: Terminal, profile: str) -> Path:
    data = desk.run("export", profile, "--new", "--since", TODAY, "--json").data
    (file,) = (file for file in data["files"] if file["path"])
    return Path(file["path"])
