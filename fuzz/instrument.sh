#!/bin/sh
# Stands before rustc: the library tells libFuzzer which of its branches and comparisons are reached.
case "$*" in
*"--crate-name tukhum "*)
    exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares ;;
*) exec "$@" ;;
esac
