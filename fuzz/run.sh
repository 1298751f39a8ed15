#!/bin/sh
# fuzz/run.sh TARGET SECONDS [libFuzzer options]: looks for input on which a reader panics.
# Needs a stable toolchain and a C++ compiler. What it finds lies in fuzz/found/TARGET; make a test of it.
set -eu
target=$1 seconds=$2
shift 2
cd "$(dirname "$0")"
RUSTC_WORKSPACE_WRAPPER="$PWD/instrument.sh" cargo build --quiet -p tukhum-fuzz --bin "$target"
mkdir -p "corpus/$target" "found/$target" seeds
[ -n "$(ls seeds)" ] || TUKHUM_SEEDS="$PWD/seeds" cargo test --quiet --test integration hostile::seeds
exec nice -n 19 "../target/debug/$target" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="found/$target/" "$@" "corpus/$target" seeds
