"""Derives status_facts.csv.

    python3 datasets/status_facts/derive.py LEDGER_FOLDER

LEDGER_FOLDER holds status.csv of the fact ledger. coding.csv (units, theme and level by hand, rules in CODING.md)
and additions.csv (facts from the source documents) lie beside this file. Standard library only.
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ledger_events"))
import ledger  # noqa: E402

COLUMNS = (
    "fact_id unit_text unit_ids unit_kind indicator value level theme valid_from valid_from_precision valid_to "
    "partner note source_url source_date published published_basis reliability credibility document paragraph"
).split()


def main(folder):
    coding = ledger.read(HERE / "coding.csv", "fact_id")
    rows = []
    for number, source in enumerate(ledger.read(pathlib.Path(folder) / "status.csv"), start=1):
        row = dict(source, fact_id=f"F-{number:03}")
        hand = coding.pop(row["fact_id"])
        if not row["value"].startswith(hand["value_start"]):
            sys.exit(f"coding.csv: {row['fact_id']} is not the fact {hand['value_start']!r}")
        row["unit_text"] = row.pop("unit")
        for column in "unit_ids theme level document paragraph".split():
            row[column] = hand[column]
        if hand["note"]:
            row["note"] = hand["note"]
        if hand["valid_to"]:
            row["valid_to"] = "" if hand["valid_to"] == "open" else hand["valid_to"]
        row["partner"] = row["partner"].replace("; ", ";")
        row["published"], row["published_basis"] = ledger.vintage(row["source_date"], row["valid_from"])
        rows.append(row)
    if coding:
        sys.exit(f"coding.csv names facts that the ledger lacks: {sorted(coding)}")
    for row in ledger.read(HERE / "additions.csv"):
        row["published"], row["published_basis"] = ledger.DOCUMENTS[row["document"]], "estimated"
        rows.append(row)
    rows.sort(key=lambda row: row["fact_id"])
    ledger.write(HERE, "status_facts.csv", COLUMNS, rows)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
