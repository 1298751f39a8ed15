#!/bin/sh
# fuzz/run.sh TARGET SECONDS [libFuzzer options]: looks for input on which a reader panics.
# TUKHUM_FORMAT chooses a format: csv, json, parquet, sheet (of XLSX), content (of ODS) of `events`; geojson, gpkg, fgb, shapes of `areas`.
# Needs a stable toolchain and a C++ compiler. What it finds lies in fuzz/found/TARGET; make a test of it.
set -eu
target=$1 seconds=$2
shift 2
cd "$(dirname "$0")"
RUSTC_WORKSPACE_WRAPPER="$PWD/instrument.sh" cargo build --quiet -p tukhum-fuzz --bin "$target"
name=$target${TUKHUM_FORMAT:+-$TUKHUM_FORMAT}
mkdir -p "corpus/$name" "found/$name" seeds
[ -n "$(ls seeds)" ] || TUKHUM_SEEDS="$PWD/seeds" cargo test --quiet --test integration hostile::seeds
# Without a format every seed is tried.
exec nice -n 19 "../target/debug/$target" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="found/$name/" "$@" "corpus/$name" "seeds${TUKHUM_FORMAT:+/$TUKHUM_FORMAT}"
