/*
 * One undisturbed night, for proof.sh to look at from outside: what the campaigns see of it goes to
 * the file that is named, a line a call, in the words of strace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/scene.h"

struct seen {
    unsigned n[CALL_LOCK + 8];
};

static int see(void *ctx, struct call *call)
{
    struct seen *seen = ctx;
    seen->n[call->kind]++;
    return 0;
}

int main(int argc, char **argv)
{
    static const enum call_kind KINDS[] = {CALL_WRITE,       CALL_TRUNCATE, CALL_SYNC,
                                           CALL_MAKE_FOLDER, CALL_RENAME,   CALL_REMOVE};
    struct seen seen = {0};
    struct play *play = calloc(1, sizeof(*play));
    FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!play || !out)
        return 64;
    play_open(play, &SCENES[0]);
    calls_watch(play->root, &(struct calls_hook){&seen, see, NULL});
    access("/the night begins", F_OK);
    enum wf_status st = play_run(play, play_night(play));
    access("/the night ends", F_OK);
    calls_unwatch();
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++)
        fprintf(out, "%s %u\n", call_name(&(struct call){.kind = KINDS[i]}), seen.n[KINDS[i]]);
    play_close(play);
    free(play);
    fclose(out);
    return st != WF_OK;
}
