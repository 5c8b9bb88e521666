#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/language.h"
#include "runtime/cli/options.h"

const struct wf_command wf_commands[] = {
#define COMMAND(name, summary, usage) {#name, summary, usage, cmd_##name},
#include "runtime/cli/commands.def"
#undef COMMAND
    {NULL, NULL, NULL, NULL},
};

static int unknown_command(const char *name)
{
    const char *names[sizeof(wf_commands) / sizeof(*wf_commands)] = {NULL};
    for (size_t i = 0; wf_commands[i].name; i++)
        names[i] = wf_commands[i].name;
    const char *near = wf_nearest(name, names);
    if (near)
        fprintf(stderr, wf_word("wayfare: no command '%s'; did you mean '%s'?\n"), name, near);
    else
        fprintf(stderr, wf_word("wayfare: no command '%s'; `wayfare help` lists them\n"), name);
    return 64;
}

/* A night asks for the same large arrays again and again, and a page that comes fresh from the
 * kernel costs more than what is written to it: what was freed stays with the process. */
static void keep_pages(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1); /* the others cannot grow beyond 64 MiB, and share nothing */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_TOP_PAD, 16 << 20);
#endif
}

int main(int argc, char **argv)
{
    keep_pages();
    if (wf_language(&argc, argv) != 0)
        return 64;
    if (argc < 2)
        return cmd_help(1, argv);
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0)
        name = "version";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    for (const struct wf_command *c = wf_commands; c->name; c++) {
        if (strcmp(c->name, name) == 0)
            return c->run(argc - 1, argv + 1);
    }
    return unknown_command(argv[1]);
}
