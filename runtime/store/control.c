#include "runtime/store/control.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT = 5, BEFORE_CHAINS = 4, BEFORE_SNAPSHOTS = 3, BEFORE_RESUMED = 2, PLANNED_SIZE = 24 };

void wf_control_init(struct wf_control *control, const struct wf_alloc *alloc)
{
    *control = (struct wf_control){.alloc = alloc, .watermark = WF_NO_WATERMARK};
}

static void release_plan(struct wf_plan *plan, const struct wf_alloc *alloc)
{
    wf_free(alloc, plan->id);
    wf_free(alloc, plan->folder);
    wf_free(alloc, plan->rules);
    wf_free(alloc, plan->feeds);
    wf_free(alloc, plan->text);
    wf_free(alloc, plan->planned);
    *plan = (struct wf_plan){0};
}

static void release_pause(struct wf_pause *pause, const struct wf_alloc *alloc)
{
    wf_free(alloc, pause->what);
    wf_free(alloc, pause->why);
}

void wf_control_release(struct wf_control *control)
{
    for (size_t i = 0; i < control->n_pauses; i++)
        release_pause(&control->pauses[i], control->alloc);
    for (size_t i = 0; i < control->n_resumed; i++)
        wf_free(control->alloc, control->resumed[i].what);
    wf_free(control->alloc, control->pauses);
    wf_free(control->alloc, control->resumed);
    release_plan(&control->plan, control->alloc);
    wf_control_init(control, control->alloc);
}

/* ---- pauses ---- */

/* The place of a pause, or where it would stand. */
static size_t place_of(const struct wf_control *control, const char *what)
{
    size_t at = 0;
    while (at < control->n_pauses && strcmp(control->pauses[at].what, what) < 0)
        at++;
    return at;
}

const struct wf_pause *wf_control_paused(const struct wf_control *control, const char *what)
{
    size_t at = place_of(control, what);
    bool there = at < control->n_pauses && strcmp(control->pauses[at].what, what) == 0;
    return there ? &control->pauses[at] : NULL;
}

enum wf_status wf_control_pause(struct wf_control *control, const char *what, const char *why,
                                int64_t since, bool by_hand)
{
    const struct wf_alloc *alloc = control->alloc;
    if (wf_control_paused(control, what))
        return WF_OK;
    if (wf_grow(alloc, &control->pauses, &control->room_pauses, control->n_pauses + 1,
                sizeof(*control->pauses)) != 0)
        return WF_ERR_NOMEM;
    struct wf_pause pause = {wf_strdup(alloc, what), wf_strdup(alloc, why), since, by_hand};
    if (!pause.what || !pause.why) {
        release_pause(&pause, alloc);
        return WF_ERR_NOMEM;
    }
    size_t at = place_of(control, what);
    memmove(control->pauses + at + 1, control->pauses + at,
            (control->n_pauses - at) * sizeof(pause));
    control->pauses[at] = pause;
    control->n_pauses++;
    control->dirty = true;
    return WF_OK;
}

static struct wf_resumed *resumed_of(const struct wf_control *control, const char *what)
{
    for (size_t i = 0; i < control->n_resumed; i++)
        if (strcmp(control->resumed[i].what, what) == 0)
            return &control->resumed[i];
    return NULL;
}

int64_t wf_control_resumed(const struct wf_control *control, const char *what)
{
    const struct wf_resumed *resumed = resumed_of(control, what);
    return resumed ? resumed->since : INT64_MIN;
}

static enum wf_status remember(struct wf_control *control, const char *what, int64_t since)
{
    struct wf_resumed *resumed = resumed_of(control, what);
    if (!resumed) {
        if (wf_grow(control->alloc, &control->resumed, &control->room_resumed,
                    control->n_resumed + 1, sizeof(*resumed)) != 0)
            return WF_ERR_NOMEM;
        resumed = &control->resumed[control->n_resumed];
        resumed->what = wf_strdup(control->alloc, what);
        if (!resumed->what)
            return WF_ERR_NOMEM;
        control->n_resumed++;
    }
    resumed->since = since;
    return WF_OK;
}

enum wf_status wf_control_resume(struct wf_control *control, const char *what, int64_t since)
{
    size_t at = place_of(control, what);
    if (!wf_control_paused(control, what))
        return WF_ERR_INTERNAL;
    if (!control->pauses[at].by_hand && remember(control, what, since) != WF_OK)
        return WF_ERR_NOMEM;
    release_pause(&control->pauses[at], control->alloc);
    control->n_pauses--;
    memmove(control->pauses + at, control->pauses + at + 1,
            (control->n_pauses - at) * sizeof(*control->pauses));
    control->dirty = true;
    return WF_OK;
}

/* ---- the plan ---- */

void wf_control_drop_plan(struct wf_control *control)
{
    control->plan_dirty = control->plan_dirty || control->plan.n_planned != 0;
    control->dirty = control->dirty || control->plan.status != WF_PLAN_NONE;
    release_plan(&control->plan, control->alloc);
}

void wf_control_approve_plan(struct wf_control *control)
{
    struct wf_plan *plan = &control->plan;
    wf_free(control->alloc, plan->planned);
    plan->planned = NULL;
    plan->n_planned = plan->room_planned = 0;
    plan->status = WF_PLAN_APPROVED;
    control->dirty = control->plan_dirty = true;
}

int wf_planned_compare(const void *a, const void *b)
{
    const struct wf_planned *x = a, *y = b;
    return memcmp(x->id, y->id, sizeof(x->id));
}

const struct wf_planned *wf_plan_find(const struct wf_plan *plan, const unsigned char id[16])
{
    struct wf_planned key;
    memcpy(key.id, id, sizeof(key.id));
    return plan->n_planned
               ? bsearch(&key, plan->planned, plan->n_planned, sizeof(key), wf_planned_compare)
               : NULL;
}

/* ---- as bytes ---- */

static void put_number(struct wf_buf *out, int64_t n)
{
    wf_buf_add(out, &n, sizeof(n));
}

static void put_text(struct wf_buf *out, const char *text)
{
    wf_buf_add(out, text ? text : "", text ? strlen(text) + 1 : 1);
}

/*
 *   format | watermark | claimed | n pauses | pauses: since, by hand, what, why
 *          | plan: status, t, id, folder, rules, feeds, text
 *          | n resumed | resumed: since, what
 *          | n snapshots | snapshots: seq, digest (two numbers)       numbers: 8 bytes; texts: NUL
 */
void wf_control_write(const struct wf_control *control, struct wf_buf *out)
{
    const struct wf_plan *plan = &control->plan;
    put_number(out, FORMAT);
    put_number(out, control->watermark);
    put_number(out, control->claimed);
    put_number(out, (int64_t)control->n_pauses);
    for (size_t i = 0; i < control->n_pauses; i++) {
        put_number(out, control->pauses[i].since);
        put_number(out, control->pauses[i].by_hand);
        put_text(out, control->pauses[i].what);
        put_text(out, control->pauses[i].why);
    }
    put_number(out, plan->status);
    put_number(out, plan->t);
    put_text(out, plan->id);
    put_text(out, plan->folder);
    put_text(out, plan->rules);
    put_text(out, plan->feeds);
    put_text(out, plan->text);
    put_number(out, (int64_t)control->n_resumed);
    for (size_t i = 0; i < control->n_resumed; i++) {
        put_number(out, control->resumed[i].since);
        put_text(out, control->resumed[i].what);
    }
    put_number(out, control->n_snapshots);
    for (uint32_t i = 0; i < control->n_snapshots; i++) {
        put_number(out, control->snapshots[i].seq);
        wf_buf_add(out, control->snapshots[i].digest, sizeof(control->snapshots[i].digest));
    }
}

/* What is left of the bytes; the first failure stays. */
struct bytes {
    const struct wf_alloc *alloc;
    const char *at;
    size_t left;
    enum wf_status status;
};

static int64_t get_number(struct bytes *b)
{
    int64_t n = 0;
    if (b->status != WF_OK || b->left < sizeof(n)) {
        b->status = b->status != WF_OK ? b->status : WF_ERR_STATE;
        return 0;
    }
    memcpy(&n, b->at, sizeof(n));
    b->at += sizeof(n);
    b->left -= sizeof(n);
    return n;
}

/* A text in the bytes; "" after a failure. */
static const char *get_text(struct bytes *b)
{
    const char *text = b->at, *end = b->left ? memchr(b->at, 0, b->left) : NULL;
    if (b->status != WF_OK || !end) {
        b->status = b->status != WF_OK ? b->status : WF_ERR_STATE;
        return "";
    }
    b->left -= (size_t)(end + 1 - b->at);
    b->at = end + 1;
    return text;
}

static void get_copy(struct bytes *b, char **out)
{
    *out = wf_strdup(b->alloc, get_text(b));
    if (!*out)
        b->status = WF_ERR_NOMEM;
}

static void get_snapshots(struct bytes *b, int64_t n, struct wf_control *control)
{
    if (n < 0 || n > WF_MAX_SNAPSHOTS)
        b->status = b->status ? b->status : WF_ERR_STATE;
    for (int64_t i = 0; b->status == WF_OK && i < n; i++) {
        struct wf_snapshot_mark *mark = &control->snapshots[control->n_snapshots++];
        mark->seq = get_number(b);
        for (size_t half = 0; half < 2; half++) {
            int64_t bytes = get_number(b);
            memcpy(mark->digest + 8 * half, &bytes, 8);
        }
    }
}

enum wf_status wf_control_read(struct wf_control *control, const void *bytes, size_t len)
{
    struct bytes b = {control->alloc, bytes, len, WF_OK};
    struct wf_plan *plan = &control->plan;
    int64_t format = get_number(&b);
    if (format < BEFORE_RESUMED || format > FORMAT)
        return WF_ERR_STATE;
    control->watermark = get_number(&b);
    control->claimed = get_number(&b);
    int64_t n = get_number(&b);
    for (int64_t i = 0; b.status == WF_OK && i < n; i++) {
        int64_t since = get_number(&b), by_hand = get_number(&b);
        const char *what = get_text(&b), *why = get_text(&b);
        if (b.status == WF_OK)
            b.status = wf_control_pause(control, what, why, since, by_hand != 0);
    }
    int64_t status = get_number(&b);
    plan->t = get_number(&b);
    get_copy(&b, &plan->id);
    get_copy(&b, &plan->folder);
    get_copy(&b, &plan->rules);
    get_copy(&b, &plan->feeds);
    get_copy(&b, &plan->text);
    n = format >= BEFORE_SNAPSHOTS ? get_number(&b) : 0;
    for (int64_t i = 0; b.status == WF_OK && i < n; i++) {
        int64_t since = get_number(&b);
        const char *what = get_text(&b);
        if (b.status == WF_OK)
            b.status = remember(control, what, since);
    }
    if (format >= BEFORE_CHAINS)
        get_snapshots(&b, format == FORMAT ? get_number(&b) : 1, control);
    if (b.status == WF_OK && (b.left || status < WF_PLAN_NONE || status > WF_PLAN_APPROVED))
        return WF_ERR_STATE;
    plan->status = (enum wf_plan_status)status;
    control->dirty = false;
    return b.status;
}

void wf_planned_write(const struct wf_plan *plan, struct wf_buf *out)
{
    for (size_t i = 0; i < plan->n_planned; i++) {
        wf_buf_add(out, plan->planned[i].id, sizeof(plan->planned[i].id));
        wf_buf_add(out, &plan->planned[i].optouts, sizeof(plan->planned[i].optouts));
    }
}

enum wf_status wf_planned_read(struct wf_control *control, const void *bytes, size_t len)
{
    struct wf_plan *plan = &control->plan;
    size_t n = len / PLANNED_SIZE;
    if (len % PLANNED_SIZE != 0)
        return WF_ERR_STATE;
    if (wf_grow(control->alloc, &plan->planned, &plan->room_planned, n, sizeof(*plan->planned)) !=
        0)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct wf_planned *to = &plan->planned[i];
        const unsigned char *from = (const unsigned char *)bytes + i * PLANNED_SIZE;
        memcpy(to->id, from, sizeof(to->id));
        memcpy(&to->optouts, from + sizeof(to->id), sizeof(to->optouts));
        if (i && wf_planned_compare(to - 1, to) >= 0)
            return WF_ERR_STATE;
    }
    plan->n_planned = n;
    return WF_OK;
}
