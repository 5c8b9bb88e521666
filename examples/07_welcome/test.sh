#!/usr/bin/env bash
# Thirty nights against expected/; promises.sql says from the exports who had to be greeted, answered, left alone.
. "$(dirname "$0")/../tools/play.sh"
play --members 5000 --first 2026-03-01 --nights 30 --more talk.awk "$@"
