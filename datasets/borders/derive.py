#!/usr/bin/env python3
"""Derives borders.geojson: the land border line of each pair of covered countries.

    python3 datasets/borders/derive.py WORLD_MAP_GPKG MAPSHAPER

Arguments as in datasets/boundaries/derive.py, whose reader this script uses. Units are dissolved to
countries without any simplification; a segment is kept where two countries share it, and the
segments are joined to lines. Run from the repository root.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "boundaries"))
sys.dont_write_bytecode = True
from derive import run_mapshaper, source_features, write_features  # noqa: E402

DECIMALS = 4


def rings(feature):
    geometry = feature["geometry"]
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        parts = [parts]
    return [[tuple(point) for point in ring] for part in parts for ring in part]


def shared_lines(countries):
    """{(a, b): [line, …]}: runs of consecutive segments that country a shares with country b."""
    owner = {}
    for feature in countries:
        for ring in rings(feature):
            for start, end in zip(ring, ring[1:]):
                owner.setdefault(frozenset((start, end)), set()).add(feature["properties"]["country"])
    lines = {}
    for feature in countries:
        a = feature["properties"]["country"]
        for ring in rings(feature):
            neighbour = []
            for start, end in zip(ring, ring[1:]):
                others = owner[frozenset((start, end))] - {a}
                neighbour.append(min(others) if others else None)
            # begin at a change of neighbour, so that no line is cut at the ring's first point
            shift = next((i for i in range(len(neighbour)) if neighbour[i] != neighbour[i - 1]), 0)
            points = ring[:-1]
            points = points[shift:] + points[:shift]
            neighbour = neighbour[shift:] + neighbour[:shift]
            points.append(points[0])
            run = []
            for i, b in enumerate(neighbour):
                if b is None or b < a:
                    continue  # no neighbour, or written from the other side
                if i == 0 or neighbour[i - 1] != b:
                    run = [points[i]]
                    lines.setdefault((a, b), []).append(run)
                run.append(points[i + 1])
    return lines


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    gpkg, mapshaper = sys.argv[1:]
    countries = run_mapshaper(mapshaper, source_features(gpkg), [
        "snap-interval=0.00001", "-dissolve", "country", "-o", "OUT", "format=geojson",
    ])
    features = []
    for (a, b), lines in sorted(shared_lines(countries).items()):
        rounded = []
        for line in lines:
            points = []
            for x, y in line:
                point = [round(x, DECIMALS), round(y, DECIMALS)]
                if not points or point != points[-1]:
                    points.append(point)
            if len(points) > 1:
                rounded.append(points)
        if rounded:
            features.append({
                "properties": {"country_a": a, "country_b": b},
                "geometry": {"type": "MultiLineString", "coordinates": sorted(rounded)},
            })
    write_features(
        os.path.join(HERE, "borders.geojson"), features,
        lambda f: (f["properties"]["country_a"], f["properties"]["country_b"]),
    )


if __name__ == "__main__":
    main()
