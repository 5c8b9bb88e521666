#include "runtime/cli/state.h"

#include <stdio.h>
#include <string.h>

#include "lang/base/calendar.h"
#include "lang/base/words.h"
#include "lang/base/zone.h"
#include "runtime/data/json_text.h"

int wf_cli_with_state(const char *command, const char *path, wf_cli_state_fn *fn, void *ctx)
{
    struct wf_store *store = NULL;
    struct wf_state state;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    wf_state_init(&state, NULL);
    enum wf_status st = wf_store_open(path, NULL, &store, &why);
    if (st == WF_OK)
        st = wf_store_load(store, &state);
    if (st == WF_OK)
        st = fn(ctx, store, &state, &why);
    if (st != WF_OK && store && why.len == 0)
        wf_buf_adds(&why, wf_buf_str(&store->why));
    if (st != WF_OK)
        fprintf(stderr, "wayfare %s: %s\n", command,
                why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_state_release(&state);
    wf_store_close(store);
    wf_buf_release(&why);
    return wf_status_exit(st);
}

void wf_cli_utc(int64_t time, char out[WF_UTC_TEXT])
{
    char text[WF_STAMP_TEXT];
    int64_t day, clock;
    wf_zone_local(NULL, time, &day, &clock);
    wf_stamp_text(day, clock, text);
    snprintf(out, WF_UTC_TEXT, "%sZ", text);
}

enum wf_status wf_cli_json(json_t *value)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    enum wf_status st = value ? wf_json_text(value, JSON_COMPACT, &text) : WF_ERR_NOMEM;
    if (st == WF_OK)
        puts(wf_buf_str(&text));
    json_decref(value);
    wf_buf_release(&text);
    return st;
}

int wf_cli_rule_width(const char *identity)
{
    const char *slash = strstr(identity, " / ");
    const char *word = strncmp(identity, "journey ", 8) == 0 ? identity + 8 : identity;
    bool named = slash && !memchr(word, ' ', (size_t)(slash - word)); /* else it divides */
    return (int)(named ? (size_t)(slash - identity) : strlen(identity));
}
