#!/usr/bin/env bash
# Twenty-one nights of three houses against expected/; SQL counts persons, and listens to what each of them heard.
. "$(dirname "$0")/../tools/play.sh"
play --members 6000 --first 2026-03-01 --nights 21 --more houses.awk "$@"
