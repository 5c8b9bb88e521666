#!/usr/bin/env bash
# Thirty-two nights of the chain against expected/, and the figures of the last one against SQL.
. "$(dirname "$0")/../tools/play.sh"
play --members 6000 --first 2026-03-01 --nights 32 "$@"
