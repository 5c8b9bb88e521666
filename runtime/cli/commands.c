#include <stddef.h>
#include <string.h>

#include "runtime/cli/cli.h"

const struct wf_command wf_commands[] = {
#define COMMAND(name, summary, usage) {#name, summary, usage, cmd_##name},
#include "runtime/cli/commands.def"
#undef COMMAND
    {NULL, NULL, NULL, NULL},
};

const char *const wf_command_names[] = {
#define COMMAND(name, summary, usage) #name,
#include "runtime/cli/commands.def"
#undef COMMAND
    NULL,
};

const struct wf_command *wf_command_find(const char *name)
{
    for (const struct wf_command *c = wf_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
