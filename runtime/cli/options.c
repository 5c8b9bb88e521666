#include "runtime/cli/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/distance.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"

enum { MAX_WORD = 64, MAX_OPTIONS = 64 };

int wf_usage(const char *command, const char *format, ...)
{
    va_list args;
    fprintf(stderr, "wayfare %s: ", command);
    va_start(args, format);
    vfprintf(stderr, wf_word(format), args);
    va_end(args);
    fputc('\n', stderr);
    return 64;
}

const char *wf_nearest(const char *word, const char *const *names)
{
    size_t third = strlen(word) / 3, best = (third > 1 ? third : 1) + 1;
    const char *found = NULL;
    for (; *names; names++) {
        size_t d = wf_edit_distance(word, strlen(word), *names, strlen(*names), best);
        if (d < best) {
            best = d;
            found = *names;
        }
    }
    return found;
}

/* A name of one letter takes one dash. */
static const char *dashes(const struct wf_option *o)
{
    return o->name[1] ? "--" : "-";
}

/* What every command takes besides; main takes --lang out before a command sees it. */
static const struct wf_option common[] = {
    {"lang", WF_OPT_CHOICE, NULL, "en|zh", N_("the language of messages"), 0, 0},
    {"help", WF_OPT_FLAG, NULL, NULL, N_("print this help"), 0, 0},
    {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
};

static void list_options(const struct wf_option *table)
{
    enum { COLUMN = 27 };
    for (const struct wf_option *o = table; o->name; o++) {
        int used =
            printf("  %s%s%s%s", dashes(o), o->name, o->value ? " " : "", o->value ? o->value : "");
        if (used >= COLUMN)
            used = printf("\n") - 1;
        printf("%*s%s\n", COLUMN - used, "", wf_word(o->help));
    }
}

static void print_help(const char *command, const struct wf_option *table)
{
    const struct wf_command *c = wf_command_find(command);
    if (c)
        printf(wf_word("usage: wayfare %s\n\n%s\n"), c->usage, wf_word(c->summary));
    putchar('\n');
    list_options(table);
    list_options(common);
}

/* The same for the scripts that make the manual pages and the completions: one option a line. */
static void print_table(const struct wf_option *table)
{
    static const char *const kinds[] = {
        [WF_OPT_FLAG] = "flag",     [WF_OPT_TEXT] = "text", [WF_OPT_TEXTS] = "text",
        [WF_OPT_NUMBER] = "number", [WF_OPT_SIZE] = "text", [WF_OPT_CHOICE] = "choice"};
    for (const struct wf_option *o = table; o->name; o++)
        printf("%s%s\t%s\t%s\t%s\n", dashes(o), o->name, kinds[o->kind], o->value ? o->value : "",
               wf_word(o->help));
}

static int unknown_option(const char *command, const struct wf_option *table, const char *name)
{
    const char *names[MAX_OPTIONS];
    size_t n = 0;
    for (const struct wf_option *o = table; o->name && n + 1 < MAX_OPTIONS; o++)
        names[n++] = o->name;
    names[n] = NULL;
    const char *near = wf_nearest(name, names);
    if (near)
        return wf_usage(command, "no option --%s; did you mean --%s?", name, near);
    return wf_usage(command, "no option --%s; `wayfare %s --help` lists them", name, command);
}

static int take_number(const char *command, const struct wf_option *o, const char *value)
{
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    if (errno || end == value || *end || n < o->min || n > o->max)
        return wf_usage(command, "--%s takes a whole number from %lld to %lld, not '%s'", o->name,
                        (long long)o->min, (long long)o->max, value);
    *(int64_t *)o->to = n;
    return WF_OPTIONS_GO;
}

/* A whole number, and K, M, G or T for 1024 of what stands before it. */
static int take_size(const char *command, const struct wf_option *o, const char *value)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    long long n = strtoll(value, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    bool bad = errno || end == value || n < 0 || (*end && (!unit || end[1]));
    if (bad || n > o->max >> shift || n << shift < o->min)
        return wf_usage(command, "--%s takes a number of bytes like 500M or 4G, not '%s'", o->name,
                        value);
    *(int64_t *)o->to = n << shift;
    return WF_OPTIONS_GO;
}

static int take_choice(const char *command, const struct wf_option *o, const char *value)
{
    const char *at = o->value;
    size_t len = strlen(value);
    for (int64_t i = 0; at; i++) {
        const char *bar = strchr(at, '|');
        size_t n = bar ? (size_t)(bar - at) : strlen(at);
        if (n == len && memcmp(at, value, n) == 0) {
            *(int64_t *)o->to = i;
            return WF_OPTIONS_GO;
        }
        at = bar ? bar + 1 : NULL;
    }
    return wf_usage(command, "--%s takes %s, not '%s'", o->name, o->value, value);
}

static int take_one_more(const struct wf_option *o, const char *value)
{
    struct wf_option_texts *to = o->to;
    to->items[to->n++] = value;
    return WF_OPTIONS_GO;
}

static int take(const char *command, const struct wf_option *o, const char *value)
{
    switch (o->kind) {
    case WF_OPT_TEXTS: return take_one_more(o, value);
    case WF_OPT_TEXT: *(const char **)o->to = value; return WF_OPTIONS_GO;
    case WF_OPT_NUMBER: return take_number(command, o, value);
    case WF_OPT_SIZE: return take_size(command, o, value);
    case WF_OPT_CHOICE: return take_choice(command, o, value);
    default: *(bool *)o->to = true; return WF_OPTIONS_GO;
    }
}

static const struct wf_option *find(const struct wf_option *table, const char *name, size_t len)
{
    for (const struct wf_option *o = table; o->name; o++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    return NULL;
}

int wf_options(int argc, char **argv, const struct wf_option *table, int *n_operands_out)
{
    const char *command = argv[0];
    bool only_operands = false;
    int n = 0;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i];
        if (only_operands || arg[0] != '-' || strcmp(arg, "-") == 0) {
            argv[1 + n++] = arg;
            continue;
        }
        if (strcmp(arg, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            print_help(command, table);
            return 0;
        }
        if (strcmp(arg, "--help=table") == 0) {
            print_table(table);
            print_table(common);
            return 0;
        }
        const char *name = arg[1] == '-' ? arg + 2 : arg + 1;
        const char *equal = strchr(name, '=');
        size_t len = equal ? (size_t)(equal - name) : strlen(name);
        bool is_long = arg[1] == '-';
        const struct wf_option *o = is_long == (len > 1) ? find(table, name, len) : NULL;
        if (!o)
            return unknown_option(command, table, name);
        if (o->kind == WF_OPT_FLAG && equal)
            return wf_usage(command, "%s%s takes no value", dashes(o), o->name);
        const char *value = equal ? equal + 1 : NULL;
        if (o->kind != WF_OPT_FLAG && !value) {
            if (i + 1 >= argc)
                return wf_usage(command, "%s%s needs a value: %s%s %s", dashes(o), o->name,
                                dashes(o), o->name, o->value);
            value = argv[++i];
        }
        int code = take(command, o, value);
        if (code != WF_OPTIONS_GO)
            return code;
    }
    *n_operands_out = n;
    return WF_OPTIONS_GO;
}
