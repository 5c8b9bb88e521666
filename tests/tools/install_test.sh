#!/usr/bin/env bash
# Installs into a scratch folder and builds a small program against it, as a user of the library
# would: by pkg-config, against the shared library and against the archive; every installed header
# compiles alone.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
MAKEFLAGS= make -s BUILD="${BUILD:-build}" --no-print-directory install DESTDIR="$scratch" PREFIX=/usr >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
root=$scratch/usr
export LC_ALL=C.UTF-8 PKG_CONFIG_PATH=$root/lib/pkgconfig
config() { pkg-config --define-variable=prefix="$root" "$@" wayfare; }

cat >"$scratch/use.c" <<'C'
#include <stdio.h>
#include <string.h>

#include "lang/lang.h"

static const char rules[] = "import std.retail\n"
                            "when joined + 7d and not purchased then send coupon\n";

static enum wf_status read_rules(void *ctx, const char *path, const char **bytes, size_t *len)
{
    (void)ctx;
    *bytes = rules;
    *len = sizeof(rules) - 1;
    return strcmp(path, "rules.way") == 0 ? WF_OK : WF_ERR_MISSING;
}

static void done(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
}

int main(void)
{
    struct wf_loader loader = {.read = read_rules, .done = done};
    struct wf_compiled compiled;
    enum wf_status status = wf_compile(NULL, &loader, "rules.way", &compiled);
    if (status == WF_OK)
        printf("%zu trigger\n", (size_t)compiled.program->ir.n_triggers);
    wf_compiled_release(&compiled);
    return status;
}
C

cc=${CC:-gcc}
for h in $(cd "$root/include/wayfare" && find . -name '*.h'); do
    echo "#include \"$h\"" >"$scratch/alone.c"
    $cc -std=c17 -Wall -Wextra -Werror $(config --cflags) -fsyntax-only "$scratch/alone.c"
done
$cc -std=c17 -Wall -Wextra -Werror $(config --cflags) -o "$scratch/shared" "$scratch/use.c" $(config --libs)
$cc -std=c17 $(config --cflags) -o "$scratch/static" "$scratch/use.c" -Wl,-Bstatic -lwayfare \
    -Wl,-Bdynamic $(config --libs --static)
for program in shared static; do
    got=$(LD_LIBRARY_PATH=$root/lib "$scratch/$program")
    [ "$got" = "1 trigger" ] || { echo "install: the $program program says '$got'"; exit 1; }
done
"$root/bin/wayfare" version >/dev/null
"$root/bin/wayfare" --lang zh help | grep -q '^用法' || { echo "install: no Chinese is installed"; exit 1; }
for page in man1/wayfare.1 man1/wayfare-run.1 man5/wayfare-rules.5; do
    [ -s "$root/share/man/$page" ] && [ -s "$root/share/man/zh_CN/$page" ] || { echo "install: no $page"; exit 1; }
done
"$root/bin/wayfare" check --schema | cmp - "$root/share/wayfare/diagnostics.schema.json"
echo "install: ok"
