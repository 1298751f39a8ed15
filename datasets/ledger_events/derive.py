"""Derives ledger_events.csv.

    python3 datasets/ledger_events/derive.py LEDGER_FOLDER

LEDGER_FOLDER holds events.csv of the fact ledger (see PROVENANCE.md). coding.csv (hand coding, rules in
CODING.md), places_ar.csv (Arabic names) and additions.csv (rows from the source documents) lie beside this file.
Standard library only.
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
import ledger  # noqa: E402

COLUMNS = (
    "event_id date date_end date_precision place place_ar unit_id country latitude longitude where_precision "
    "actor actor_kind event_type tactics target targets_customs_or_convoy deaths_low deaths_best deaths_high "
    "outcome first_time wave_id crossing_id note source_title source_url source_date published published_basis "
    "details_published source_kind reliability credibility document paragraph"
).split()
UNITS = {
    "Kayes": "ML-1", "Koulikoro": "ML-2", "Sikasso": "ML-3", "Ségou": "ML-4", "Mopti": "ML-5",
    "Tombouctou": "ML-6", "Gao": "ML-7", "Menaka": "ML-7", "Kidal": "ML-8", "Bamako": "ML-BKO",
    "Hodh El Chargi": "MR-01", "": "",
}
ACTORS = {"JNIM": "armed_group", "JNIM + FLA": "armed_group", "FLA": "armed_group", "FAMa": "state",
          "unknown": "unknown"}


def main(folder):
    coding = ledger.read(HERE / "coding.csv", "event_id")
    arabic = {row["place"]: row["place_ar"] for row in ledger.read(HERE / "places_ar.csv")}
    used, rows = set(), []
    for source in ledger.read(pathlib.Path(folder) / "events.csv"):
        row = dict(source)
        hand = coding.get(row["event_id"], {})
        used.add(row["event_id"])
        for column in "first_time note source_title source_url source_date reliability credibility".split():
            if hand.get(column):
                row[column] = hand[column]
        row["date"] = row.pop("date_start")
        row["place_ar"] = arabic.get(row["place"], "")
        row["unit_id"] = UNITS[row.pop("admin1")]
        row["country"] = row.pop("iso3")
        row["actor_kind"] = ACTORS[row["actor"]]
        row["published"], row["published_basis"] = ledger.vintage(row["source_date"], row["date"])
        row["details_published"] = max(row["published"], hand.get("details_published") or "")
        for column in "tactics crossing_id document paragraph".split():
            row[column] = hand.get(column, "")
        row["targets_customs_or_convoy"] = hand.get("targets_customs_or_convoy") or "false"
        rows.append(row)
    unknown = set(coding) - used
    if unknown:
        sys.exit(f"coding.csv names events that the ledger lacks: {sorted(unknown)}")
    for row in ledger.read(HERE / "additions.csv"):
        row["published"], row["published_basis"] = ledger.DOCUMENTS[row["document"]], "estimated"
        row["details_published"] = row["published"]
        rows.append(row)
    rows.sort(key=lambda row: (row["date"], row["event_id"]))
    ledger.write(HERE, "ledger_events.csv", COLUMNS, rows)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
