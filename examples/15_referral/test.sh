#!/usr/bin/env bash
# Twenty-four nights against expected/; the funnel of the last one against SQL, and promises.sql on who was thanked for whom.
. "$(dirname "$0")/../tools/play.sh"
play --members 5000 --first 2026-03-01 --nights 24 --more friends.awk "$@"
