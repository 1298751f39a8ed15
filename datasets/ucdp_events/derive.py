"""Builds ucdp_events.csv from a folder of UCDP Candidate extracts.

Run from the repository root:
    python3 datasets/ucdp_events/derive.py <folder>

<folder> holds
    events.csv.gz                                        monthly releases, one row per release and event
    candidate_26_01_26_03_events_2026_q1.csv.gz          the quarterly release 26.01.26.03, 49 columns
    source/candidate_25_01_25_12_events_2025_no_location.csv.gz
                                                         the yearly release 25.01.25.12 without places
Python 3 standard library only. The same input gives the same bytes.
"""
import collections
import csv
import datetime
import gzip
import hashlib
import io
import os
import sys

OUT = os.path.join("datasets", "ucdp_events", "ucdp_events.csv")

COLUMNS = [
    "release", "published", "event_id", "date", "country", "adm_1", "latitude", "longitude",
    "where_prec", "type_of_violence", "conflict_id", "conflict", "side_a", "side_b",
    "deaths_best", "deaths_civilians", "state", "odd",
]

YEARLY = "25.01.25.12"
QUARTERLY = "26.01.26.03"
# UCDP names no day for these two: the end of the month in which they appeared, so that no row is used too early.
PUBLISHED = {YEARLY: "2026-01-31", QUARTERLY: "2026-04-30"}

ISO3 = {
    "Burkina Faso": "BFA", "Guinea": "GIN", "Ivory Coast": "CIV", "Mali": "MLI",
    "Mauritania": "MRT", "Niger": "NER", "Senegal": "SEN",
}
# UCDP writes XXX and a country number for an actor that it has not identified.
UNIDENTIFIED = {
    "XXX432": "unidentified (MLI)", "XXX433": "unidentified (SEN)", "XXX435": "unidentified (MRT)",
    "XXX436": "unidentified (NER)", "XXX437": "unidentified (CIV)", "XXX438": "unidentified (GIN)",
    "XXX439": "unidentified (BFA)", "XXX475": "unidentified (NGA)",
}
# Two actors whose number and name disagree in some rows of the extract; the number decides.
SIDE_BY_ID = {"8947": "FPL", "9237": "Lakurawa"}
CONFLICT_NAME = {"unidentified (475)": "unidentified (NGA)"}

# Oddities by event; for None every release, else the releases named.
ODD = {
    "507640": ("outside_country", None),
    "633589": ("outside_country", None),
    # the yearly release gives 591092 a conflict of Mali, so the mark ends there
    "591092": ("foreign_conflict", {"25.0.8"}),
    "578480": ("foreign_conflict", None),
    "550451": ("double_point", None),
    "520374": ("possible_duplicate", None),
    "520376": ("possible_duplicate", None),
    # the yearly release drops 586392, so 589233 stands alone from then on
    "586392": ("possible_duplicate", {"25.0.6", "25.0.7"}),
    "589233": ("possible_duplicate", {"25.0.7"}),
    "607139": ("possible_duplicate", None),
    "607149": ("possible_duplicate", None),
    "609563": ("possible_duplicate", None),
    "609566": ("possible_duplicate", None),
    "627835": ("possible_duplicate", None),
    "627837": ("possible_duplicate", None),
    "636761": ("possible_duplicate", None),
    "636762": ("possible_duplicate", None),
    "627872": ("unplaced_toll", None),
}


def read(path):
    with gzip.open(path, "rb") as raw:
        return list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))


def monthly_published(release):
    year, _, month = (int(part) for part in release.split("."))
    first = datetime.date(2000 + year + month // 12, month % 12 + 1, 1)
    return first.replace(day=20).isoformat()


def odd(release, event_id):
    code, releases = ODD.get(event_id, ("", None))
    return code if releases is None or release in releases else ""


def named(text):
    for placeholder, name in UNIDENTIFIED.items():
        text = text.replace(placeholder, name)
    return text


def two_decimals(text):
    value = f"{float(text):.2f}".rstrip("0").rstrip(".")
    return "0" if value in ("-0", "") else value


def monthly_row(r):
    return {
        "release": r["release"],
        "published": monthly_published(r["release"]),
        "event_id": r["event_id"],
        "date": r["date"],
        "country": r["iso3"],
        "adm_1": r["adm_1"],
        "latitude": r["latitude"],
        "longitude": r["longitude"],
        "where_prec": r["where_prec"],
        "type_of_violence": r["type_of_violence"],
        "conflict_id": r["conflict_id"],
        "conflict": CONFLICT_NAME.get(r["conflict"], r["conflict"]),
        "side_a": SIDE_BY_ID.get(r["side_a_id"], r["side_a"]),
        "side_b": SIDE_BY_ID.get(r["side_b_id"], r["side_b"]),
        "deaths_best": r["deaths_best"],
        "deaths_civilians": r["deaths_civilians"],
        "state": "reported",
        "odd": odd(r["release"], r["event_id"]),
    }


def withdrawn(base, release):
    row = dict(base, release=release, published=PUBLISHED[release], state="withdrawn")
    row.update(deaths_best="", deaths_civilians="", odd=odd(release, base["event_id"]))
    return row


def sides_of(conflict_id, conflict, kind, pairs):
    """The two sides that a conflict stands for, or two empty names where it does not tell."""
    if kind in ("2", "3"):
        parts = conflict.split(" - ")
        return tuple(parts) if len(parts) == 2 else ("", "")
    known = pairs[conflict_id]
    return next(iter(known)) if len(known) == 1 else ("", "")


def yearly_rows(latest, flags, yearly):
    """Release 25.01.25.12: every event it keeps, the ones it drops, the ones only it has."""
    release = YEARLY
    pairs = collections.defaultdict(set)
    for row in latest.values():
        if row["type_of_violence"] == "1" and row["date"].startswith("2025"):
            pairs[row["conflict_id"]].add((row["side_a"], row["side_b"]))
    rows = []
    for event_id, kept in flags.items():
        base = latest[event_id]
        if kept == "0":
            rows.append(withdrawn(base, release))
        elif event_id not in yearly:
            sys.exit(f"event {event_id} is marked as kept, but the yearly release has no such row")
    for event_id, y in yearly.items():
        facts = {
            "release": release,
            "published": PUBLISHED[release],
            "date": y["date"],
            "country": ISO3[y["country"]],
            "type_of_violence": y["type_of_violence"],
            "conflict_id": y["conflict_new_id"],
            "conflict": named(y["conflict_name"]),
            "deaths_best": y["best"],
            "state": "reported",
            "odd": odd(release, event_id),
        }
        base = latest.get(event_id)
        if base is None:
            row = dict.fromkeys(COLUMNS, "")
            row["event_id"] = event_id
        else:
            if flags.get(event_id) != "1" or base["country"] != facts["country"]:
                sys.exit(f"event {event_id}: the monthly row and the yearly row disagree")
            row = dict(base)
            if base["deaths_best"] != facts["deaths_best"]:
                row["deaths_civilians"] = ""
        same_conflict = base is not None and all(
            base[key] == facts[key] for key in ("conflict_id", "type_of_violence"))
        row.update(facts)
        if not same_conflict or not row["side_a"] or not row["side_b"]:
            row["side_a"], row["side_b"] = sides_of(
                row["conflict_id"], row["conflict"], row["type_of_violence"], pairs)
        rows.append(row)
    return rows


def quarterly_rows(latest, quarterly):
    """Release 26.01.26.03: only what differs from the monthly rows of January to March 2026."""
    release = QUARTERLY
    rows = []
    for q in quarterly:
        country = ISO3.get(q["country"])
        if country is None:
            continue
        base = latest.get(q["id"])
        row = {
            "release": release,
            "published": PUBLISHED[release],
            "event_id": q["id"],
            "date": q["date_start"][:10],
            "country": country,
            "adm_1": q["adm_1"],
            "latitude": two_decimals(q["latitude"]),
            "longitude": two_decimals(q["longitude"]),
            "where_prec": q["where_prec"],
            "type_of_violence": q["type_of_violence"],
            "conflict_id": q["conflict_new_id"],
            "conflict": named(q["conflict_name"]),
            "side_a": named(q["side_a"]),
            "side_b": named(q["side_b"]),
            "deaths_best": q["best"],
            "deaths_civilians": q["deaths_civilians"],
            "state": "reported",
            "odd": odd(release, q["id"]),
        }
        if base is not None:
            same = all(base[key] == row[key] for key in (
                "date", "country", "adm_1", "where_prec", "type_of_violence", "conflict_id",
                "deaths_best", "deaths_civilians"))
            # a point written with two decimals may be cut or rounded
            near = all(abs(float(base[key]) - float(q[key])) < 0.0101 for key in ("latitude", "longitude"))
            if same and near:
                continue
        rows.append(row)
    present = {q["id"] for q in quarterly}
    for event_id, base in latest.items():
        if "2026-01-01" <= base["date"] <= "2026-03-31" and event_id not in present:
            rows.append(withdrawn(base, release))
    return rows


def main(folder):
    events = read(os.path.join(folder, "events.csv.gz"))
    yearly = {r["id"]: r for r in read(os.path.join(
        folder, "source", "candidate_25_01_25_12_events_2025_no_location.csv.gz"))
        if r["country"] in ISO3}
    quarterly = read(os.path.join(folder, "candidate_26_01_26_03_events_2026_q1.csv.gz"))

    rows = [monthly_row(r) for r in events]
    latest = {}
    for row in sorted(rows, key=lambda r: r["published"]):
        latest[row["event_id"]] = row
    flags = {r["event_id"]: r["in_25_01_25_12"] for r in events if r["in_25_01_25_12"]}
    for r in events:
        revised = r["deaths_best_25_01_25_12"]
        if revised and revised != yearly[r["event_id"]]["best"]:
            sys.exit(f"event {r['event_id']}: two different revised death counts")

    before_quarter = {k: v for k, v in latest.items() if v["published"] <= PUBLISHED[QUARTERLY]}
    rows += yearly_rows(latest, flags, yearly)
    rows += quarterly_rows(before_quarter, quarterly)
    rows.sort(key=lambda r: (r["published"], r["release"], r["date"], int(r["event_id"])))

    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8")
    with open(OUT, "wb") as file:
        file.write(data)
    print(OUT, len(rows), "rows", len(data), "bytes sha256", hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
