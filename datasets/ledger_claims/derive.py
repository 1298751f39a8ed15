"""Derives ledger_claims.csv.

    python3 datasets/ledger_claims/derive.py LEDGER_FOLDER

LEDGER_FOLDER holds claims.csv of the fact ledger. coding.csv (exceptions from adoption, wave claims, document paragraphs; rules in
CODING.md) and additions.csv (claims from the source documents and statements taken out of event notes) lie beside
this file; ledger_events must be derived first. Standard library only.
"""
import pathlib
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ledger_events"))
import ledger  # noqa: E402

COLUMNS = (
    "claim_id event_id wave_id claimant metric low high text_value adoptable source_url source_date published "
    "published_basis reliability credibility document paragraph"
).split()

COUNTED = {"deaths", "attackers_killed", "soldiers_killed", "civilians_killed", "abducted", "vehicles_burned"}
PARTIES = {"army", "group", "Africa Corps"}


def adoptable(row):
    """Steps 1, 2 and 4 of the adoption in CODING.md; step 3 is taken on what is known on a day."""
    figure = row["metric"] in COUNTED and row["low"] != ""
    sound = row["claimant"] not in PARTIES and row["credibility"] in {"1", "2", "3"}
    return figure and sound and row["not_adoptable"] != "true"


def main(folder):
    events = ledger.read(HERE.parent / "ledger_events" / "ledger_events.csv", "event_id")
    waves = {row["wave_id"] for row in events.values()} - {""}
    coding = ledger.read(HERE / "coding.csv", "claim_id")
    rows = []
    for number, source in enumerate(ledger.read(pathlib.Path(folder) / "claims.csv"), start=1):
        row = dict(source, claim_id=f"C-{number:03}", wave_id="")
        hand = coding.pop(row["claim_id"], {})
        if hand and hand["event_id"] != row["event_id"]:
            sys.exit(f"coding.csv: {row['claim_id']} is about {row['event_id']}, not {hand['event_id']}")
        if hand.get("text_value"):
            row["text_value"] = hand["text_value"]
        if hand.get("whole_wave") == "true":
            row["wave_id"], row["event_id"] = events[row["event_id"]]["wave_id"], ""
        row["not_adoptable"] = hand.get("not_adoptable", "")
        row["document"], row["paragraph"] = hand.get("document", ""), hand.get("paragraph", "")
        rows.append(row)
    if coding:
        sys.exit(f"coding.csv names claims that the ledger lacks: {sorted(coding)}")
    rows += [dict(row, not_adoptable="") for row in ledger.read(HERE / "additions.csv")]
    for row in rows:
        row["adoptable"] = str(adoptable(row)).lower()
        del row["not_adoptable"]
        if row["event_id"]:
            row["wave_id"] = events[row["event_id"]]["wave_id"]
        elif row["wave_id"] not in waves:
            sys.exit(f"{row['claim_id']}: neither an event nor a wave")
        if row["document"] and not row["source_url"]:
            row["published"], row["published_basis"] = ledger.DOCUMENTS[row["document"]], "estimated"
        else:
            row["published"], row["published_basis"] = ledger.vintage(row["source_date"])
    rows.sort(key=lambda row: row["claim_id"])
    ledger.write(HERE, "ledger_claims.csv", COLUMNS, rows)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
