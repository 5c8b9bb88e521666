#!/usr/bin/env bash
# Thirty nights against expected/; promises.sql reckons every cycle, every reminder and every gap from the orders alone.
. "$(dirname "$0")/../tools/play.sh"
play --members 5000 --first 2026-03-01 --nights 30 --more make.awk "$@"
