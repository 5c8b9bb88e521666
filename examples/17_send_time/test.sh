#!/usr/bin/env bash
# Fifteen nights against expected/; promises.sql finds everybody's hour in the exports and compares.
. "$(dirname "$0")/../tools/play.sh"
play --members 5000 --first 2026-03-01 --nights 15 --more habits.awk "$@"
