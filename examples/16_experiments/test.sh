#!/usr/bin/env bash
# Thirty-six nights against expected/, in which some members do what they were asked to; judge.py
# computes lift.csv of the last one anew.
. "$(dirname "$0")/../tools/play.sh"

after_night() { # WORK NIGHT
    awk -v seed="$(date -u -d "$2" +%Y%m%d)" -v night="$2" -f "$tools/dice.awk" -f "$here/effect.awk" \
        "$1/out/$2/actions.csv" "$1/year/orders.csv" >"$1/orders.csv"
    mv "$1/orders.csv" "$1/year/orders.csv"
}

look() { # WORK
    echo "lift.csv of $last:"
    cat "$1/out/$last/lift.csv"
}

judge() { python3 "$here/judge.py" "$1" "$last"; }

play --members 5000 --first 2026-03-01 --nights 36 "$@"
