#!/bin/sh
# $PROGRAM, speaking Chinese.
exec env LC_ALL=zh_CN.UTF-8 "$PROGRAM" "$@"
