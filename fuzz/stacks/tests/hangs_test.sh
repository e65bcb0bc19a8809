#!/bin/bash
# Plays tests/hangs/STACK-ROLE.script: STACK must hang, and every other stack must not. A hang that
# is gone is told, so that partner_spare() can go as well.
#   hangs_test.sh FUZZ-SCRIPT FOLDER STACK…
set -euo pipefail
program=$1 folder=$2
shift 2
input=$(mktemp)
trap 'rm -f "$input"' EXIT
failed=0
for script in "$folder"/*.script; do
    "$program" make "$script" "$input"
    for stack in "$@"; do
        status=0
        timeout 10 "$program" play "$stack" "$input" || status=$?
        [[ $(basename "$script") == "$stack"-* ]] && wanted=124 || wanted=0
        if [[ $status -ne $wanted ]]; then
            echo "$(basename "$script"): $stack: exit $status, not $wanted" >&2
            failed=1
        fi
    done
done
exit $failed
