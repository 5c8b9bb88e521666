#include <stdio.h>

#include "runtime/cli/cli.h"

int cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("wayfare " WF_VERSION);
    return 0;
}
