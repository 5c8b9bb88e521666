#include <stdio.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"

int cmd_version(int argc, char **argv)
{
    int n = 0;
    const struct wf_option table[] = {{NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    puts("wayfare " WF_VERSION);
    return 0;
}
