#include "runtime/run/timeline.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"

enum { NOON = 12 * 3600 };

/* ---- the test's items ---- */

static int64_t day_of(const struct wf_node *item)
{
    switch (item->kind) { /* a member is there from the start */
    case WF_N_TEST_EVENT: return item->kid[WF_K_TEST_EVENT_ON]->num;
    case WF_N_TEST_CHANGE: return item->kid[WF_K_TEST_CHANGE_ON]->num;
    case WF_N_EXPECT: return item->kid[WF_K_EXPECT_ON]->num;
    default: return INT64_MIN;
    }
}

static const struct wf_symbol *who(const struct wf_node *item)
{
    return item->kind == WF_N_TEST_EVENT ? item->kid[WF_K_TEST_EVENT_MEMBER]->sym
                                         : item->kid[WF_K_TEST_CHANGE_MEMBER]->sym;
}

static const struct wf_node *prop_of(const struct wf_node *props, const struct wf_field *field)
{
    for (; props; props = props->next)
        if (props->sym == field->sym)
            return props->kid[WF_K_PROP_VALUE];
    return NULL;
}

static bool is_event(const struct wf_node *item, const struct wf_record *record)
{
    return item->kind == WF_N_TEST_EVENT && item->sym->record == record;
}

static const struct wf_node *event_prop(const struct wf_node *item, const struct wf_field *field)
{
    return prop_of(item->kid[WF_K_TEST_EVENT_PROPS], field);
}

const struct wf_node *wf_timeline_value(const struct wf_timeline *timeline,
                                        const struct wf_node *member, const struct wf_field *field,
                                        int64_t day)
{
    const struct wf_node *value = prop_of(member->kid[WF_K_TEST_MEMBER_PROPS], field);
    for (const struct wf_node *item = timeline->items; item; item = item->next) {
        if (item->kind != WF_N_TEST_CHANGE || day_of(item) >= day || who(item) != member->sym)
            continue;
        const struct wf_node *later = prop_of(item->kid[WF_K_TEST_CHANGE_PROPS], field);
        value = later ? later : value;
    }
    return value;
}

const struct wf_str *wf_timeline_id(const struct wf_timeline *timeline,
                                    const struct wf_node *member)
{
    const struct wf_field *key = timeline->checked->member->key;
    const struct wf_node *given = key ? prop_of(member->kid[WF_K_TEST_MEMBER_PROPS], key) : NULL;
    return given && given->name ? given->name : member->name;
}

/* ---- cells ---- */

static void add_stamp_part(struct wf_buf *out, char letter, struct wf_civil date, int64_t clock,
                           int64_t offset)
{
    switch (letter) {
    case 'Y': wf_buf_addf(out, "%04" PRId32, date.year); break;
    case 'm': wf_buf_addf(out, "%02" PRId32, date.month); break;
    case 'd': wf_buf_addf(out, "%02" PRId32, date.day); break;
    case 'H': wf_buf_addf(out, "%02" PRId64, clock / 3600); break;
    case 'M': wf_buf_addf(out, "%02" PRId64, clock / 60 % 60); break;
    case 'S': wf_buf_addf(out, "%02" PRId64, clock % 60); break;
    case 'z':
        wf_buf_addf(out, "%c%02" PRId64 "%02" PRId64, offset < 0 ? '-' : '+',
                    (offset < 0 ? -offset : offset) / 3600,
                    (offset < 0 ? -offset : offset) / 60 % 60);
        break;
    default: wf_buf_addc(out, letter); break;
    }
}

/* A local date and clock as the field declares it. */
static void add_stamp(const struct wf_timeline *t, const struct wf_field *field, int64_t day,
                      int64_t clock, struct wf_buf *out)
{
    char text[WF_STAMP_TEXT];
    if (!field->format) {
        if (field->type->base == WF_T_DATE)
            wf_date_text(day, text);
        else
            wf_stamp_text(day, clock, text);
        wf_buf_adds(out, text);
        return;
    }
    int64_t local = day * WF_DAY_SECONDS + clock;
    int64_t offset = local - wf_zone_instant(t->zone, day, clock);
    struct wf_civil date = wf_day_to_civil(day);
    for (const char *f = field->format->text; *f; f++) {
        if (*f == '%' && f[1])
            add_stamp_part(out, *++f, date, clock, offset);
        else
            wf_buf_addc(out, *f);
    }
}

static void add_number(struct wf_buf *out, const struct wf_node *value)
{
    if (value->kind == WF_N_INT)
        wf_buf_addf(out, "%" PRId64, value->num);
    else if (value->flags & WF_F_CENTS)
        wf_buf_addf(out, "%" PRId64 ".%02" PRId64, value->num / 100, value->num % 100);
    else
        wf_buf_addf(out, "%.17g", value->real);
}

static void add_name(const struct wf_timeline *t, const struct wf_field *field,
                     const struct wf_node *value, struct wf_buf *out)
{
    const struct wf_symbol *sym = value->sym;
    const struct wf_str *name = value->name;
    if (sym && sym->kind == WF_SYM_TEST_MEMBER)
        name = wf_timeline_id(t, sym->node);
    else if (field->type->enums && value->num >= 0 && value->num < field->type->enums->n)
        name = field->type->enums->names[value->num];
    wf_buf_add(out, name->text, name->len);
}

void wf_timeline_cell(const struct wf_timeline *timeline, const struct wf_field *field,
                      const struct wf_node *value, struct wf_buf *out)
{
    char clock[WF_CLOCK_TEXT];
    if (!value)
        return;
    switch (value->kind) {
    case WF_N_INT:
    case WF_N_NUMBER:
    case WF_N_PERCENT: add_number(out, value); break;
    case WF_N_NEG:
        wf_buf_addc(out, '-');
        add_number(out, value->kid[WF_K_NEG_VALUE]);
        break;
    case WF_N_STRING: wf_buf_add(out, value->name->text, value->name->len); break;
    case WF_N_BOOL: wf_buf_adds(out, value->num ? "true" : "false"); break;
    case WF_N_DATE: add_stamp(timeline, field, value->num, 0, out); break;
    case WF_N_TIME: {
        int64_t day = wf_floor_day(value->num);
        add_stamp(timeline, field, day, value->num - day * WF_DAY_SECONDS, out);
        break;
    }
    case WF_N_CLOCK:
        wf_clock_text(value->num, clock);
        wf_buf_adds(out, clock);
        break;
    case WF_N_DURATION: wf_buf_add(out, value->text->text, value->text->len); break;
    case WF_N_NAME: add_name(timeline, field, value, out); break;
    case WF_N_LIST:
        for (const struct wf_node *v = value->kid[WF_K_LIST_ITEMS]; v; v = v->next) {
            wf_timeline_cell(timeline, field, v, out);
            wf_buf_adds(out, v->next ? ";" : "");
        }
        break;
    default: break; /* missing */
    }
}

/* Puts what was added to a row since `from` in quotes where it needs them. */
static void quote(struct wf_buf *out, size_t from, struct wf_buf *scratch)
{
    const char *cell = out->failed ? "" : out->data + from;
    size_t len = out->failed ? 0 : out->len - from;
    if (len == 0 ||
        (!memchr(cell, '"', len) && !memchr(cell, ',', len) && !memchr(cell, '\n', len)))
        return;
    wf_buf_reset(scratch);
    wf_buf_addc(scratch, '"');
    for (size_t i = 0; i < len; i++) {
        wf_buf_addc(scratch, cell[i]);
        if (cell[i] == '"')
            wf_buf_addc(scratch, '"');
    }
    wf_buf_addc(scratch, '"');
    out->len = from;
    wf_buf_add(out, wf_buf_str(scratch), scratch->len);
    out->failed |= scratch->failed;
}

/* ---- what the schema reads ---- */

/* Read from the column that says whose event it is, which every row has. */
static bool says_whose(const struct wf_record *record, const struct wf_field *field)
{
    return field->column == record->member_column;
}

/* Two fields may be read from one column; it stands once, for the first of them. */
static bool is_column(const struct wf_record *record, const struct wf_field *field)
{
    if (says_whose(record, field))
        return false;
    for (uint32_t i = 0; i < field->index; i++)
        if (record->fields[i]->column == field->column)
            return false;
    return true;
}

enum reads { NOT_READ, IMPLIED, READ };

/* Whether the program reads a field; record 0 are the members, else 1 + the event. */
static enum reads reads(const struct wf_ir *ir, uint32_t record, const struct wf_field *field)
{
    enum reads most = NOT_READ;
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        bool via = input->record == 0 && record == 0 && input->via_field == field->index &&
                   ir->fields[ir->member.fields_first + input->field].ref == 0;
        if (input->record != record || (input->field != field->index && !via))
            continue;
        enum reads now = input->implied ? IMPLIED : READ;
        most = now > most ? now : most;
    }
    return most;
}

static bool somebody_gives(const struct wf_timeline *t, const struct wf_field *field)
{
    for (const struct wf_node *item = t->items; item; item = item->next)
        if (item->kind == WF_N_TEST_MEMBER && wf_timeline_value(t, item, field, INT64_MAX))
            return true;
    return false;
}

/* A column that nobody gives and no rule names stays away, as it may from an export. */
static bool is_left_out(const struct wf_timeline *t, const struct wf_field *field)
{
    return reads(t->ir, 0, field) != READ && !field->key && !somebody_gives(t, field);
}

static bool must_be_given(const struct wf_ir *ir, uint32_t record, const struct wf_field *field)
{
    return !field->type->optional && !field->default_value && !field->key &&
           field->type->base != WF_T_SET && reads(ir, record, field) != NOT_READ;
}

static enum wf_status lacks(struct wf_buf *why, const struct wf_node *item, const char *what,
                            const struct wf_field *field)
{
    wf_say(why,
           "%s `%s` has no `%s`, which the rules read: give it, or say `%s missing` if the "
           "export may lack it",
           wf_word(what), item->name->text, field->name->text, field->name->text);
    return WF_ERR_RULES;
}

static enum wf_status check_member(const struct wf_timeline *t, const struct wf_node *member,
                                   struct wf_buf *why)
{
    const struct wf_record *record = t->checked->member;
    for (uint32_t f = 0; f < record->n_fields; f++) {
        const struct wf_field *field = record->fields[f];
        if (must_be_given(t->ir, 0, field) && !is_left_out(t, field) &&
            !prop_of(member->kid[WF_K_TEST_MEMBER_PROPS], field))
            return lacks(why, member, N_("the member"), field);
    }
    return WF_OK;
}

static enum wf_status check_event(const struct wf_timeline *t, const struct wf_node *item,
                                  struct wf_buf *why)
{
    const struct wf_record *record = item->sym->record;
    for (uint32_t f = 0; f < record->n_fields; f++) {
        const struct wf_field *field = record->fields[f];
        if (field != record->at && !says_whose(record, field) &&
            must_be_given(t->ir, 1 + record->index, field) && !event_prop(item, field))
            return lacks(why, item, N_("the event"), field);
    }
    return WF_OK;
}

/* ---- a night's exports ---- */

static bool same_value(const struct wf_node *a, const struct wf_node *b)
{
    return a && b ? wf_ast_equal(a, b) : a == b;
}

/* Two statements about one event: the same member, the same unique fields. */
static bool is_same_event(const struct wf_record *record, const struct wf_node *a,
                          const struct wf_node *b)
{
    if (who(a) != who(b) || record->n_unique == 0 || !event_prop(a, record->unique[0]))
        return false;
    for (uint32_t i = 0; i < record->n_unique; i++)
        if (!same_value(event_prop(a, record->unique[i]), event_prop(b, record->unique[i])))
            return false;
    return true;
}

static bool is_replaced(const struct wf_record *record, const struct wf_node *item, int64_t day)
{
    for (const struct wf_node *later = item->next; later; later = later->next)
        if (is_event(later, record) && day_of(later) < day && is_same_event(record, item, later))
            return true;
    return false;
}

/* When it happened: what it says, what the statement it replaces says, or noon. */
static void add_at(const struct wf_timeline *t, const struct wf_record *record,
                   const struct wf_node *item, struct wf_buf *out)
{
    const struct wf_node *first = item, *at = event_prop(item, record->at);
    int64_t second = 0;
    for (const struct wf_node *n = t->items; !at && n != item; n = n->next) {
        if (!is_event(n, record) || !is_same_event(record, n, item))
            continue;
        first = n;
        at = event_prop(n, record->at);
        break;
    }
    for (const struct wf_node *n = t->items; n != first; n = n->next)
        second += is_event(n, record) && day_of(n) == day_of(first) && who(n) == who(first);
    if (at)
        wf_timeline_cell(t, record->at, at, out);
    else
        add_stamp(t, record->at, day_of(first), NOON + second, out);
}

static void add_header(const struct wf_timeline *t, const struct wf_record *record, bool members,
                       const char *first, struct wf_buf *out, struct wf_buf *scratch)
{
    size_t from = out->len;
    wf_buf_adds(out, first);
    quote(out, from, scratch);
    for (uint32_t f = 0; f < record->n_fields; f++) {
        const struct wf_field *field = record->fields[f];
        if (!is_column(record, field) || field == record->key || (members && is_left_out(t, field)))
            continue;
        wf_buf_addc(out, ',');
        from = out->len;
        wf_buf_adds(out, field->column->text);
        quote(out, from, scratch);
    }
    wf_buf_addc(out, '\n');
}

/* In the exports of the night of `day`: joined on an earlier day. */
static bool is_there(const struct wf_timeline *t, const struct wf_node *member, int64_t day)
{
    const struct wf_record *record = t->checked->member;
    for (uint32_t f = 0; f < record->n_fields; f++) {
        if (strcmp(record->fields[f]->name->text, "joined") != 0)
            continue;
        const struct wf_node *joined = wf_timeline_value(t, member, record->fields[f], day);
        if (joined && joined->kind == WF_N_DATE)
            return joined->num < day;
        if (joined && joined->kind == WF_N_TIME)
            return wf_floor_day(joined->num) < day;
    }
    return true;
}

static void write_members(const struct wf_timeline *t, int64_t day, struct wf_buf *out,
                          struct wf_buf *scratch)
{
    const struct wf_record *record = t->checked->member;
    const char *key = record->key ? record->key->column->text : "member_id";
    add_header(t, record, true, key, out, scratch);
    for (const struct wf_node *item = t->items; item; item = item->next) {
        if (item->kind != WF_N_TEST_MEMBER || !is_there(t, item, day))
            continue;
        size_t from = out->len;
        wf_buf_adds(out, wf_timeline_id(t, item)->text);
        quote(out, from, scratch);
        for (uint32_t f = 0; f < record->n_fields; f++) {
            const struct wf_field *field = record->fields[f];
            if (!is_column(record, field) || field == record->key || is_left_out(t, field))
                continue;
            wf_buf_addc(out, ',');
            from = out->len;
            wf_timeline_cell(t, field, wf_timeline_value(t, item, field, day), out);
            quote(out, from, scratch);
        }
        wf_buf_addc(out, '\n');
    }
}

static void write_events(const struct wf_timeline *t, const struct wf_record *record, int64_t day,
                         struct wf_buf *out, struct wf_buf *scratch)
{
    add_header(t, record, false, record->member_column->text, out, scratch);
    for (const struct wf_node *item = t->items; item; item = item->next) {
        if (!is_event(item, record) || day_of(item) >= day || is_replaced(record, item, day))
            continue;
        size_t from = out->len;
        wf_buf_adds(out, wf_timeline_id(t, who(item)->node)->text);
        quote(out, from, scratch);
        for (uint32_t f = 0; f < record->n_fields; f++) {
            const struct wf_field *field = record->fields[f];
            if (!is_column(record, field))
                continue;
            wf_buf_addc(out, ',');
            from = out->len;
            if (field == record->at)
                add_at(t, record, item, out);
            else
                wf_timeline_cell(t, field, event_prop(item, field), out);
            quote(out, from, scratch);
        }
        wf_buf_addc(out, '\n');
    }
}

/* In a test every code that the rules name is in its catalogue. */
static void write_catalogue(const struct wf_timeline *t, bool coupons, struct wf_buf *out,
                            struct wf_buf *scratch)
{
    wf_buf_adds(out, "code\n");
    for (uint32_t i = 0; i < t->ir->n_listed; i++) {
        size_t from = out->len;
        if (t->ir->listed[i].coupon != coupons)
            continue;
        wf_buf_adds(out, t->ir->texts[t->ir->listed[i].name]->text);
        quote(out, from, scratch);
        wf_buf_addc(out, '\n');
    }
}

enum wf_status wf_timeline_night(struct wf_timeline *timeline, int64_t day)
{
    struct wf_buf scratch;
    bool failed = false;
    wf_buf_init(&scratch, timeline->alloc, 0);
    for (size_t i = 0; i < timeline->n_feeds; i++) {
        struct wf_feed_memory *feed = &timeline->feeds[i];
        struct wf_buf *out = &timeline->texts[i];
        wf_buf_reset(out);
        if (feed->kind == WF_FEED_MEMBER)
            write_members(timeline, day, out, &scratch);
        else if (feed->kind == WF_FEED_EVENT)
            write_events(timeline, timeline->checked->events[feed->index], day, out, &scratch);
        else if (feed->kind == WF_FEED_CATALOGUE)
            write_catalogue(timeline, timeline->ir->catalogues[feed->index].coupon, out, &scratch);
        else
            wf_buf_adds(out, "old,new\n");
        feed->bytes = wf_buf_str(out);
        feed->len = out->len;
        failed |= out->failed || scratch.failed;
    }
    wf_buf_release(&scratch);
    return failed ? WF_ERR_NOMEM : WF_OK;
}

/* ---- beginning and end ---- */

static enum wf_status find_nights(struct wf_timeline *t, struct wf_buf *why)
{
    bool expects = false;
    t->first = INT64_MAX;
    t->last = INT64_MIN;
    for (const struct wf_node *item = t->items; item; item = item->next) {
        int64_t day = day_of(item);
        expects |= item->kind == WF_N_EXPECT;
        if (day == INT64_MIN)
            continue;
        t->first = day < t->first ? day : t->first;
        t->last = day > t->last ? day : t->last;
    }
    t->first--; /* the night before the first day */
    if (expects)
        return WF_OK;
    wf_say(why, "the test expects nothing at all: write `on DATE expect ...`");
    return WF_ERR_RULES;
}

static enum wf_status make_feeds(struct wf_timeline *t)
{
    size_t most = t->checked->n_events + (size_t)t->ir->n_catalogues + 2;
    t->feeds = wf_calloc(t->alloc, most, sizeof(*t->feeds));
    t->texts = wf_calloc(t->alloc, most, sizeof(*t->texts));
    if (!t->feeds || !t->texts)
        return WF_ERR_NOMEM;
    t->feeds[t->n_feeds++] = (struct wf_feed_memory){.kind = WF_FEED_MEMBER, .name = "member"};
    if (t->ir->merges != WF_NONE)
        t->feeds[t->n_feeds++] = (struct wf_feed_memory){.kind = WF_FEED_MERGES, .name = "merges"};
    for (uint32_t i = 0; i < t->checked->n_events; i++)
        t->feeds[t->n_feeds++] = (struct wf_feed_memory){
            .kind = WF_FEED_EVENT, .index = i, .name = t->checked->events[i]->name->text};
    for (uint32_t i = 0; i < t->ir->n_catalogues; i++)
        t->feeds[t->n_feeds++] =
            (struct wf_feed_memory){.kind = WF_FEED_CATALOGUE,
                                    .index = i,
                                    .name = t->ir->texts[t->ir->catalogues[i].name]->text};
    for (size_t i = 0; i < t->n_feeds; i++)
        wf_buf_init(&t->texts[i], t->alloc, 0);
    return WF_OK;
}

enum wf_status wf_timeline_init(struct wf_timeline *timeline, const struct wf_compiled *compiled,
                                const struct wf_node *test, const struct wf_zone *zone,
                                const struct wf_alloc *alloc, struct wf_buf *why)
{
    *timeline = (struct wf_timeline){.alloc = alloc,
                                     .checked = &compiled->front.checked,
                                     .sources = &compiled->front.sources,
                                     .ir = &compiled->program->ir,
                                     .zone = zone,
                                     .items = test->kid[WF_K_TEST_ITEMS]};
    enum wf_status st = find_nights(timeline, why);
    for (const struct wf_node *item = timeline->items; item && st == WF_OK; item = item->next) {
        if (item->kind == WF_N_TEST_MEMBER)
            st = check_member(timeline, item, why);
        else if (item->kind == WF_N_TEST_EVENT)
            st = check_event(timeline, item, why);
    }
    return st == WF_OK ? make_feeds(timeline) : st;
}

void wf_timeline_release(struct wf_timeline *timeline)
{
    for (size_t i = 0; i < timeline->n_feeds; i++)
        wf_buf_release(&timeline->texts[i]);
    wf_free(timeline->alloc, timeline->texts);
    wf_free(timeline->alloc, timeline->feeds);
    *timeline = (struct wf_timeline){0};
}
