#!/usr/bin/env python3
"""Derives places.csv.

    python3 datasets/places/derive.py FOCUS_PLACES

FOCUS_PLACES  focus_places.csv: 45 chosen towns with GeoNames coordinates and COD-AB codes

Run from the repository root. Python standard library only. French and Arabic names are in
names_by_hand.csv; the bundled unit follows from the first-level COD-AB code in ../units/units.csv.
"""
import csv
import os
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["id", "name_en", "name_fr", "name_ar", "country", "unit_id", "latitude", "longitude",
           "adm2_name", "adm2_pcode", "population", "geonameid", "coordinate_source", "note"]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def slug(text):
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in letters if c.isascii() and (c.isalnum() or c == " ")).replace(" ", "-")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    unit_of = {
        (u["country"], code): u["unit_id"]
        for u in rows(os.path.join(HERE, "..", "units", "units.csv"))
        for code in u["cod_pcode"].split(";")
    }
    names = {r["name"]: r for r in rows(os.path.join(HERE, "names_by_hand.csv"))}
    table = []
    for r in rows(sys.argv[1]):
        unit = unit_of[(r["iso3"], r["adm1_pcode"])]
        notes = [r["note"]] if r["note"] else []
        if r["adm2_pcode"].startswith("~"):
            notes.append("lies just outside the COD-AB polygon of its own country; nearest unit taken")
        table.append({
            "id": f"{unit[:2].lower()}-{slug(r['name'])}", "name_en": r["name"],
            "name_fr": names[r["name"]]["name_fr"], "name_ar": names[r["name"]]["name_ar"],
            "country": r["iso3"], "unit_id": unit, "latitude": r["latitude"], "longitude": r["longitude"],
            "adm2_name": r["adm2_name"], "adm2_pcode": r["adm2_pcode"].lstrip("~"),
            "population": "" if r["geonames_population"] in ("", "0") else r["geonames_population"],
            "geonameid": r["geonameid"], "coordinate_source": r["coordinate_source"],
            "note": "; ".join(notes),
        })
    with open(os.path.join(HERE, "places.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(table, key=lambda row: row["id"]))


if __name__ == "__main__":
    main()
