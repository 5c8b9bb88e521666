#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/language.h"
#include "runtime/cli/options.h"

static int unknown_command(const char *name)
{
    const char *near = wf_nearest(name, wf_command_names);
    if (near)
        fprintf(stderr, wf_word("wayfare: no command '%s'; did you mean '%s'?\n"), name, near);
    else
        fprintf(stderr, wf_word("wayfare: no command '%s'; `wayfare help` lists them\n"), name);
    return 64;
}

/* A stream that was closed before we began must not be the state's or an output's descriptor: what
 * is printed would go there. Standard output then refuses what is written. */
static int keep_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int mode = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", mode) != fd)
            return 74;
    }
    return 0;
}

/* Who reads a list that was cut short must not take it for the whole. */
static int close_output(int code)
{
    bool failed = ferror(stdout) != 0;
    if (fflush(stdout) != 0 || failed) {
        fprintf(stderr, wf_word("wayfare: cannot write standard output: %s\n"), strerror(errno));
        return code == 0 || code == 1 ? 74 : code;
    }
    return code;
}

static int command(int argc, char **argv)
{
    if (argc < 2)
        return cmd_help(1, argv);
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0)
        name = "version";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    const struct wf_command *c = wf_command_find(name);
    return c ? c->run(argc - 1, argv + 1) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error like any other */
    if (keep_streams() != 0)
        return 74;
    if (wf_language(&argc, argv) != 0)
        return 64;
    return close_output(command(argc, argv));
}
