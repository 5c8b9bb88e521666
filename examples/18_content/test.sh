#!/usr/bin/env bash
# Twenty-four nights; before the twelfth the brand withdraws a coupon. promises.sql says what that stops, and what it does not.
. "$(dirname "$0")/../tools/play.sh"

# From then on no rule gives SPRING30, and the words that speak of it are gone.
withdraw() { # WORK
    mkdir -p "$1/rules"
    sed '/^message spring/d; /^message remind/d; /send remind/d; /^test/,$d
        s/send spring with coupon SPRING30/send coupon CARE20/; s/SPRING30/CARE20/' "$here/rules.way" >"$1/rules/rules.way"
}
rules_of() { # WORK NIGHT
    if [[ $2 < 2026-03-12 ]]; then echo "$here"; else withdraw "$1"; echo "$1/rules"; fi
}

# What the coupon system does not approve, or does not know, no rule may give.
refused() { # WORK RULES CODE
    if "$wayfare" check --data "$1/exports" "$2" >"$1/check.txt" || ! grep -q "E0209.*\`$3\`" "$1/check.txt"; then
        cat "$1/check.txt" >&2; echo "$3 was let through" >&2; return 1
    fi
}
accepted() { # WORK RULES
    "$wayfare" check --data "$1/exports" "$2" >"$1/check.txt" || { cat "$1/check.txt" >&2; return 1; }
}

judge() { # WORK
    local list=$1/exports/coupons.csv
    accepted "$1" "$here/rules.way"
    sed 's/BIRTHDAY50/FLASH99/' "$here/rules.way" >"$1/flash.way"; refused "$1" "$1/flash.way" FLASH99
    sed 's/BIRTHDAY50/BIRTHDAY5O/' "$here/rules.way" >"$1/slip.way"; refused "$1" "$1/slip.way" BIRTHDAY5O
    sed -i '/^SPRING30/s/yes/no/' "$list"; refused "$1" "$here/rules.way" SPRING30
    accepted "$1" "$1/rules/rules.way"
}

play --members 5000 --first 2026-03-01 --nights 24 "$@"
