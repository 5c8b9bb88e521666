#!/usr/bin/env bash
# Proves the dependency directions from the includes: an arrow may only point down this list.
set -u
allowed() { # LAYER: the layers it may include
    case $1 in
    lang/base) echo lang/base ;;
    lang/syntax) echo lang/syntax lang/base ;;
    lang/sema) echo lang/sema lang/syntax lang/base ;;
    lang/ir) echo lang/ir lang/sema lang/syntax lang/base ;;
    lang/code) echo lang/code lang/ir lang/sema lang/syntax lang/base ;;
    lang) echo lang lang/code lang/ir lang/sema lang/syntax lang/base ;;
    runtime/data) echo runtime/data lang lang/code lang/base ;;
    runtime/vm) echo runtime/vm runtime/data lang lang/code lang/base ;;
    runtime/store) echo runtime/store lang lang/code lang/base ;;
    runtime/engine) echo runtime/engine runtime/vm runtime/store runtime/data lang lang/code lang/base ;;
    runtime/run) echo runtime/run runtime/engine runtime/vm runtime/store runtime/data lang lang/code lang/base ;;
    runtime) echo runtime runtime/run runtime/engine runtime/vm runtime/store runtime/data lang lang/code lang/base ;;
    runtime/lsp) echo runtime/lsp lang lang/sema lang/syntax lang/base ;;
    runtime/cli) echo runtime/cli runtime runtime/lsp runtime/run runtime/engine runtime/vm runtime/store runtime/data \
                      lang lang/code lang/syntax lang/base ;;
    esac
}
bad=0
while IFS=: read -r file _ line; do
    header=${line#*\"}; header=${header%%\"*}
    case $header in lang/* | runtime/*) ;; *) continue ;; esac
    from=$(dirname "$file") to=$(dirname "$header")
    case " $(allowed "$from") " in
    *" $to "*) ;;
    *) echo "$file: includes $header: $from may not depend on $to"; bad=1 ;;
    esac
done < <(grep -rn --include='*.c' --include='*.h' --include='*.l' --include='*.y' '^# *include "' lang runtime)
for header in sqlite3.h:runtime/store/sqlite_impl.h pthread.h:runtime; do
    while IFS=: read -r file _; do
        case $file in ${header#*:}*) ;; *) echo "$file: may not include ${header%%:*}"; bad=1 ;; esac
    done < <(grep -rn --include='*.c' --include='*.h' "include <${header%%:*}>" lang runtime)
done
[ $bad -eq 0 ] && echo "layers: ok"
exit $bad
