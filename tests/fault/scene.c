#include "tests/fault/scene.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/cli/cli.h"
#include "tests/fault/tree.h"
#include "tests/tools/older.h"

struct chain *play_night(struct play *play)
{
    return &play->nights[play->scene->n_nights - 2];
}

struct chain *play_after(struct play *play)
{
    return &play->nights[play->scene->n_nights - 1];
}

void play_restore(struct play *play, const char *from)
{
    tree_clear(play->root);
    tree_copy(from, play->root);
}

void play_keep(struct play *play, const char *to)
{
    tree_remove(to);
    tree_copy(play->root, to);
}

/* A status that ends in this exit code. */
static enum wf_status status_of(int code)
{
    for (int st = WF_OK; st >= WF_ERR_HELD; st--)
        if (wf_status_exit((enum wf_status)st) == code)
            return (enum wf_status)st;
    abort();
}

/* A command of the command line, in this process, its words kept. Done before, there may be nothing
 * left for it to do: that is as good, where the state is what it should be. */
static enum wf_status command(struct play *play, struct chain *night, const char *text)
{
    enum { WORDS = 12 };
    char words[128], state[128], out[128], *argv[WORDS] = {NULL};
    int argc = 0;
    snprintf(words, sizeof(words), "%s", text);
    snprintf(state, sizeof(state), "%s/" SCENE_STATE, play->root);
    snprintf(out, sizeof(out), "%s/out", play->root);
    for (char *rest = words, *word; (word = strtok_r(rest, " ", &rest));)
        argv[argc++] = strcmp(word, "STATE") == 0 ? state : strcmp(word, "OUT") == 0 ? out : word;
    FILE *usual_out = stdout, *usual_err = stderr;
    rewind(play->printed);
    stdout = stderr = play->printed;
    int code = wf_command_find(argv[0])->run(argc, argv);
    stdout = usual_out;
    stderr = usual_err;
    fputc(0, play->printed);
    fflush(play->printed);
    wf_buf_reset(&night->why);
    wf_buf_adds(&night->why, play->words);
    return code == 64 ? WF_OK : status_of(code);
}

enum wf_status play_run(struct play *play, struct chain *night)
{
    struct wf_run_result result;
    const struct scene_night *scene = &play->scene->nights[night - play->nights];
    if (scene->command)
        return command(play, night, scene->command);
    if (scene->approve) {
        play->approval = (struct wf_approval){.plan = play->plan, .at = INT64_MIN};
        night->approval = &play->approval;
    }
    enum wf_status st = chain_run_quietly(night, scene->as_of, &result);
    if (result.held)
        snprintf(play->plan, sizeof(play->plan), "%s", result.plan_id);
    wf_run_result_release(&result);
    return st;
}

bool play_good(const struct play *play, const struct chain *night, enum wf_status status)
{
    const struct scene *scene = play->scene;
    bool last = night == &play->nights[scene->n_nights - 1];
    return status == scene->nights[night - play->nights].ends ||
           (last && scene->alone && status == scene->alone) ||
           (scene->bare && wf_status_exit(status) == 78); /* made before; or made by half */
}

bool play_apart(struct play *play, const struct calls_hook *hook, enum wf_status *status_out)
{
    int how = 0;
    pid_t pid = fork();
    if (pid == 0) {
        calls_watch(play->root, hook);
        _exit((int)play_run(play, play_night(play)));
    }
    if (pid < 0 || waitpid(pid, &how, 0) != pid || (WIFSIGNALED(how) && WTERMSIG(how) != SIGKILL)) {
        fprintf(stderr, "%s: a run ended by signal %d\n", play->scene->name, WTERMSIG(how));
        abort();
    }
    *status_out = WIFEXITED(how) ? (enum wf_status)WEXITSTATUS(how) : WF_OK;
    play->answered = WIFEXITED(how) && *status_out == WF_OK;
    return WIFSIGNALED(how);
}

bool play_ended(struct play *play, enum ending ending)
{
    struct wf_buf got;
    wf_buf_init(&got, NULL, 0);
    wf_buf_reset(&play->said);
    tree_digest(play->root, &got);
    const char *expect = wf_buf_str(&play->endings[ending]);
    bool same = strcmp(wf_buf_str(&got), expect) == 0;
    if (!same)
        tree_difference(expect, wf_buf_str(&got), &play->said);
    wf_buf_release(&got);
    return same;
}

bool play_marked(const struct play *play)
{
    char path[128];
    const struct scene_night *night = &play->scene->nights[play->scene->n_nights - 2];
    snprintf(path, sizeof(path), "%s/out/%s/PUBLISHED", play->root, night->as_of);
    return night->command ? play->answered : access(path, F_OK) == 0;
}

/* ---- opening ---- */

static void write_feed(struct chain *chain, const struct scene_feed *feed)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_buf_adds(&text, feed->head);
    for (int i = feed->from; i < feed->to; i++)
        for (const char *at = feed->row, *end; *at; at = *end ? end + 2 : end) {
            end = strstr(at, "%d");
            end = end ? end : at + strlen(at);
            wf_buf_add(&text, at, (size_t)(end - at));
            if (*end)
                wf_buf_addf(&text, "%d", i);
        }
    chain_feed(chain, feed->name, wf_buf_str(&text));
    wf_buf_release(&text);
}

static void set_night(struct play *play, unsigned i)
{
    char data[32];
    const struct scene *scene = play->scene;
    const struct scene_night *night = &scene->nights[i];
    unsigned fed = i, ruled = i;
    while (fed && !scene->nights[fed].feeds[0].name)
        fed--;
    while (ruled && !scene->nights[ruled].rules)
        ruled--;
    snprintf(data, sizeof(data), "data%u", fed);
    chain_join(&play->nights[i], play->root, data);
    if (scene->nights[ruled].rules)
        chain_rules(&play->nights[i], scene->nights[ruled].rules);
    snprintf(play->nights[i].state, sizeof(play->nights[i].state), SCENE_STATE);
    play->nights[i].threads = night->threads ? night->threads : 1;
    play->nights[i].event_memory = night->event_memory;
    play->nights[i].jsonl = night->jsonl;
    play->nights[i].max_actions = night->max_actions;
    for (size_t f = 0; f < SCENE_FEEDS && night->feeds[f].name; f++)
        write_feed(&play->nights[i], &night->feeds[f]);
}

static void calmly(struct play *play, struct chain *night)
{
    enum wf_status st = play_run(play, night);
    if (play_good(play, night, st))
        return;
    fprintf(stderr, "%s: an undisturbed night failed (%d): %s\n", play->scene->name,
            wf_status_exit(st), wf_buf_str(&night->why));
    abort();
}

static int cut_here(void *ctx, struct call *call)
{
    const struct scene *scene = ctx;
    if (call->kind == scene->cut && strstr(call->path, scene->cut_path))
        kill(getpid(), SIGKILL);
    return 0;
}

void play_open(struct play *play, const struct scene *scene)
{
    char state[128];
    *play = (struct play){.scene = scene};
    tree_scratch(play->root);
    snprintf(play->base, sizeof(play->base), "%s.base", play->root);
    snprintf(play->cut, sizeof(play->cut), "%s.cut", play->root);
    snprintf(state, sizeof(state), "%s/state", play->root);
    if (wf_fs_os.make_folder(NULL, state) != WF_OK)
        abort();
    snprintf(state, sizeof(state), "%s/" SCENE_STATE, play->root);
    if (!scene->bare && wf_store_create(state, NULL) != WF_OK)
        abort();
    play->printed = fmemopen(play->words, sizeof(play->words), "w");
    if (!play->printed)
        abort();
    for (unsigned i = 0; i < scene->n_nights; i++)
        set_night(play, i);
    for (int i = 0; i < ENDINGS; i++)
        wf_buf_init(&play->endings[i], NULL, 0);
    wf_buf_init(&play->said, NULL, 0);
    for (unsigned i = 0; i + 2 < scene->n_nights; i++)
        calmly(play, &play->nights[i]);
    if (scene->format && !make_older(state, scene->format))
        abort();
    play_keep(play, play->base);
    calmly(play, play_after(play));
    tree_digest(play->root, &play->endings[END_ALONE]);
    play_restore(play, play->base);
    calmly(play, play_night(play));
    tree_digest(play->root, &play->endings[END_NIGHT]);
    calmly(play, play_after(play));
    tree_digest(play->root, &play->endings[END_AFTER]);
    play_restore(play, play->base);
    if (!scene->cut_path)
        return;
    enum wf_status st;
    if (!play_apart(play, &(struct calls_hook){(void *)(uintptr_t)scene, cut_here, NULL}, &st)) {
        fprintf(stderr, "%s: nothing to cut at\n", scene->name);
        abort();
    }
    play_keep(play, play->base);
}

void play_close(struct play *play)
{
    for (unsigned i = 0; i < play->scene->n_nights; i++)
        chain_leave(&play->nights[i]);
    for (int i = 0; i < ENDINGS; i++)
        wf_buf_release(&play->endings[i]);
    wf_buf_release(&play->said);
    fclose(play->printed);
    tree_remove(play->root);
    tree_remove(play->base);
    tree_remove(play->cut);
}
