#include <stdio.h>
#include <string.h>

#include "runtime/cli/cli.h"

static void list_commands(void)
{
    puts("usage: wayfare COMMAND [OPTIONS] [FILES]\n");
    for (const struct wf_command *c = wf_commands; c->name; c++)
        printf("  %-10s %s\n", c->name, c->summary);
}

int cmd_help(int argc, char **argv)
{
    if (argc < 2) {
        list_commands();
        return 0;
    }
    for (const struct wf_command *c = wf_commands; c->name; c++) {
        if (strcmp(c->name, argv[1]) == 0) {
            printf("usage: wayfare %s\n\n%s\n", c->usage, c->summary);
            return 0;
        }
    }
    fprintf(stderr, "wayfare: no command or code '%s'\n", argv[1]);
    return 64;
}
