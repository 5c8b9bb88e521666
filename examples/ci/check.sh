#!/bin/sh
# Anywhere else: stops at the first thing that is wrong. The exit code is the command's (1: findings).
set -e
wayfare check --strict --data data rules.way
wayfare fmt --check --diff rules.way
wayfare test --quiet --min-coverage 100 rules.way
