#include "runtime/cli/files.h"

#include <string.h>

const char *wf_cli_text(const char *name)
{
    const struct wf_cli_file *file = wf_cli_files;
    while (strcmp(file->name, name) != 0)
        file++;
    return file->bytes;
}
