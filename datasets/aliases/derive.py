#!/usr/bin/env python3
"""Derives aliases.csv from by_hand.csv and the names in units, crossings and places.

    python3 datasets/aliases/derive.py

Run from the repository root. Python standard library only; no argument, since all inputs lie in the
repository. by_hand.csv comes first (it holds the exceptions), then provinces, crossings and places:
an alias that an earlier source has given for the same country is not given again.
"""
import csv
import os
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ["alias", "unit_id", "kind", "country", "script", "source", "note"]


def rows(*path):
    with open(os.path.join(HERE, *path), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def script(text):
    return "arabic" if any("\u0600" <= c <= "\u06ff" for c in text) else "latin"


def unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def main():
    if len(sys.argv) != 1:
        raise SystemExit(__doc__)
    table = {}

    def add(alias, unit, kind, country, source, note=""):
        alias = alias.strip()
        key = (alias, country)
        if not country and any(a == alias and r["unit_id"] == unit for (a, _), r in table.items()):
            return  # a town already stands for this crossing
        if alias and key not in table:
            table[key] = {"alias": alias, "unit_id": unit, "kind": kind, "country": country,
                          "script": script(alias), "source": source, "note": note}

    def add_names(row, unit, kind, country, note=""):
        for column in ("name_en", "name_fr", "name_ar"):
            add(row[column], unit, kind, country, "common usage", note)
        for column in ("name_en", "name_fr"):
            add(unaccented(row[column]), unit, kind, country, "common usage", "without accents")

    for r in rows("by_hand.csv"):
        add(r["alias"], r["unit_id"], r["kind"], r["country"], r["source"], r["note"])
    units = rows("..", "units", "units.csv")
    for u in units:
        add(u["unit_id"], u["unit_id"], "province", u["country"], "ISO", "" if u["iso_3166_2"] else "own id, no ISO code")
        for code in filter(None, u["iso_3166_2"].split(";")):
            add(code, u["unit_id"], "province", u["country"], "ISO", "" if code == u["unit_id"] else "part of the bundled unit")
        for code in filter(None, u["cod_pcode"].split(";")):
            add(code, u["unit_id"], "province", u["country"], "COD-AB")
        add_names(u, u["unit_id"], "province", u["country"])
    for c in rows("..", "crossings", "crossings.csv"):
        add(c["id"], c["id"], "crossing", "", "common usage", "own id")
        for column in ("name_en", "name_fr", "name_ar"):
            name = c[column]
            for form in (name, name.replace("–", "-"), name.replace(" – ", "–"), name.replace(" – ", "-")):
                add(form, c["id"], "crossing", "", "common usage")
                add(unaccented(form) if script(form) == "latin" else form, c["id"], "crossing", "", "common usage", "without accents")
    for p in rows("..", "places", "places.csv"):
        add_names(p, p["unit_id"], "place", p["country"], "town in the unit")
    with open(os.path.join(HERE, "aliases.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table[key] for key in sorted(table))


if __name__ == "__main__":
    main()
