#include "runtime/data/feeds.h"

#include <string.h>

#include "lang/base/intern.h"
#include "runtime/data/dataset.h"

static const char *text_of(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? NULL : ir->texts[text]->text;
}

uint32_t wf_feed_slot(const struct wf_feed *feed, uint32_t field)
{
    for (uint32_t i = 0; i < feed->n_slots; i++)
        if (feed->slots[i].field == field)
            return i;
    return WF_NONE;
}

uint32_t wf_feeds_referred(const struct wf_feeds *plan, const struct wf_slot *slot)
{
    return slot->def->ref == 0 ? plan->member : plan->table_feed[slot->def->ref - 1];
}

static uint8_t layout_of(enum wf_type type, bool condition)
{
    switch (type) {
    case WF_T_BOOL: return WF_LAY_BITS;
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: return WF_LAY_I32;
    case WF_T_NUMBER: return WF_LAY_F64;
    case WF_T_TEXT:
    case WF_T_SET: return condition ? WF_LAY_CODE : WF_LAY_STR;
    default: return WF_LAY_I64;
    }
}

static uint8_t size_of(uint8_t layout)
{
    switch (layout) {
    case WF_LAY_BITS: return 1;
    case WF_LAY_I32:
    case WF_LAY_CODE: return 4;
    default: return 8; /* STR: place and length in the chunk's heap, 4 bytes each */
    }
}

/* ---- which views and feeds ---- */

/* An event that entered, or that was awaited, is told by its key in every view of it. */
static void want_keys(struct wf_feeds *plan, uint32_t view)
{
    const struct wf_ir_view *views = plan->ir->views;
    plan->view_used[view] = true;
    for (uint32_t v = 0; v < plan->ir->n_views && !views[view].sent; v++)
        plan->view_keys[v] |= views[v].event == views[view].event;
}

static void use_view(struct wf_feeds *plan, uint32_t view)
{
    if (view != WF_NONE)
        plan->view_used[view] = true;
}

static void find_journey_views(struct wf_feeds *plan)
{
    const struct wf_ir *ir = plan->ir;
    for (uint32_t i = 0; i < ir->n_steps; i++)
        if (ir->steps[i].view != WF_NONE)
            want_keys(plan, ir->steps[i].view);
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].op == WF_IR_ENTERED)
            want_keys(plan, ir->nodes[i].a);
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        use_view(plan, ir->journeys[i].goal_view);
    for (uint32_t i = 0; i < ir->n_breakers; i++) {
        use_view(plan, ir->breakers[i].left.view);
        use_view(plan, ir->breakers[i].right.view);
    }
}

static void find_views(struct wf_feeds *plan)
{
    const struct wf_ir *ir = plan->ir;
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        plan->view_used[ir->aggs[i].view] = true;
    for (uint32_t i = 0; i < ir->n_follows; i++)
        plan->view_used[ir->follows[i].view] = true;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[i];
        uint32_t view = WF_NONE;
        if (trigger->moment == WF_MOMENT_EVENT)
            view = trigger->view;
        else if (trigger->moment == WF_MOMENT_LAST && trigger->agg_last != WF_NONE)
            view = ir->aggs[trigger->agg_last].view;
        if (view != WF_NONE)
            plan->view_used[view] = plan->view_keys[view] = true;
    }
    find_journey_views(plan);
}

static bool event_used(const struct wf_feeds *plan, uint32_t event)
{
    const struct wf_ir *ir = plan->ir;
    for (uint32_t v = 0; v < ir->n_views; v++)
        if (plan->view_used[v] && !ir->views[v].sent && ir->views[v].event == event)
            return true;
    return false;
}

/* Whether anything reads this column: a rule, or the void_when of an event that rules use. */
static bool input_used(const struct wf_feeds *plan, const struct wf_ir_input *input)
{
    const struct wf_ir *ir = plan->ir;
    if (input->record == WF_NONE)
        return false;
    if (input->record == 0 || plan->view_used[input->domain - WF_DOM_EVENT])
        return true;
    uint32_t event = input->record - 1, when = ir->events[event].void_when;
    return when != WF_NONE && ir->nodes[when].domain == input->domain && event_used(plan, event);
}

static struct wf_feed *add_feed(struct wf_feeds *plan, enum wf_feed_kind kind,
                                const struct wf_ir_record *record, uint32_t index)
{
    struct wf_feed *feed = &plan->feeds[plan->n_feeds++];
    *feed = (struct wf_feed){
        .kind = kind, .record = record, .index = index, .at = WF_NONE, .deleted = WF_NONE};
    if (!record)
        return feed;
    feed->noun = text_of(plan->ir, record->name);
    feed->pattern = text_of(plan->ir, record->pattern);
    feed->encoding = text_of(plan->ir, record->encoding);
    feed->delta = record->delta;
    feed->may_be_empty = record->may_be_empty;
    return feed;
}

static void name_id(struct wf_feeds *plan, struct wf_feed *feed)
{
    const struct wf_ir_record *record = feed->record;
    uint32_t id = WF_NONE;
    for (uint32_t i = 0; i < record->fields_count && feed->kind != WF_FEED_EVENT; i++)
        if (plan->ir->fields[record->fields_first + i].key)
            id = i;
    if (feed->kind == WF_FEED_EVENT)
        id = record->member_field;
    else if (id == WF_NONE && record->fields_count)
        id = 0; /* a table without a declared key: its first column */
    feed->id_column = "member_id";
    if (id != WF_NONE) {
        const struct wf_ir_field *field = &plan->ir->fields[record->fields_first + id];
        feed->id_column = text_of(plan->ir, field->column);
        feed->id_private = field->private_;
    }
}

static bool calendar_used(const struct wf_ir *ir, uint32_t index)
{
    for (uint32_t i = 0; i < ir->n_steps; i++)
        if (ir->steps[i].holidays == index)
            return true;
    return false;
}

static void add_calendar(struct wf_feeds *plan, uint32_t index)
{
    struct wf_feed *feed = add_feed(plan, WF_FEED_HOLIDAYS, NULL, index);
    feed->noun = text_of(plan->ir, plan->ir->holidays[index].name);
    feed->pattern = text_of(plan->ir, plan->ir->holidays[index].pattern);
    feed->id_column = "date";
}

/* A list of coupons of which no rule names one need not be there. */
static bool catalogue_used(const struct wf_ir *ir, uint32_t index)
{
    for (uint32_t i = 0; i < ir->n_listed; i++)
        if (ir->listed[i].coupon == ir->catalogues[index].coupon)
            return true;
    return false;
}

static void add_catalogue(struct wf_feeds *plan, uint32_t index)
{
    struct wf_feed *feed = add_feed(plan, WF_FEED_CATALOGUE, NULL, index);
    feed->noun = text_of(plan->ir, plan->ir->catalogues[index].name);
    feed->pattern = text_of(plan->ir, plan->ir->catalogues[index].pattern);
    feed->id_column = "code";
}

/* Tables come first, for members and events refer to them; merges before all. */
static void find_feeds(struct wf_feeds *plan, const bool *table_used)
{
    const struct wf_ir *ir = plan->ir;
    if (ir->merges != WF_NONE) {
        struct wf_feed *feed = add_feed(plan, WF_FEED_MERGES, NULL, 0);
        feed->noun = "merges";
        feed->pattern = text_of(ir, ir->merges);
        feed->id_column = "old";
        feed->may_be_empty = true;
    }
    for (uint32_t i = 0; i < ir->n_holidays; i++)
        if (calendar_used(ir, i))
            add_calendar(plan, i);
    for (uint32_t i = 0; i < ir->n_catalogues; i++)
        if (catalogue_used(ir, i))
            add_catalogue(plan, i);
    for (uint32_t i = 0; i < ir->n_tables; i++) {
        plan->table_feed[i] = table_used[i] ? plan->n_feeds : WF_NONE;
        if (table_used[i])
            name_id(plan, add_feed(plan, WF_FEED_TABLE, &ir->tables[i], i));
    }
    plan->member = plan->n_feeds;
    name_id(plan, add_feed(plan, WF_FEED_MEMBER, &ir->member, 0));
    for (uint32_t event = 0; event < ir->n_events; event++) {
        plan->event_feed[event] = WF_NONE;
        bool keys = false;
        for (uint32_t v = 0; v < ir->n_views; v++) {
            if (ir->views[v].sent || ir->views[v].event != event || !plan->view_used[v])
                continue;
            plan->event_feed[event] = plan->n_feeds;
            keys |= plan->view_keys[v];
        }
        if (plan->event_feed[event] == WF_NONE)
            continue;
        struct wf_feed *feed = add_feed(plan, WF_FEED_EVENT, &ir->events[event], event);
        feed->keys = keys;
        name_id(plan, feed);
    }
}

/* ---- slots ---- */

/* Marks a field as decoded: bit 0 wanted, bit 1 a rule reads it, bit 2 a condition reads it. */
enum { WANTED = 1, READ = 2, CONDITION = 4 };

static unsigned char *wants_of(unsigned char **wants, uint32_t feed, uint32_t field)
{
    return feed == WF_NONE ? NULL : &wants[feed][field];
}

static void want_inputs(const struct wf_feeds *plan, unsigned char **wants)
{
    const struct wf_ir *ir = plan->ir;
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (!input_used(plan, input))
            continue;
        uint32_t feed = input->record ? plan->event_feed[input->record - 1] : plan->member;
        unsigned char *want = wants_of(wants, feed, input->field);
        if (!want)
            continue;
        bool direct = input->via_field == WF_NONE;
        unsigned read = WANTED | (input->implied ? 0u : READ);
        *want |= (unsigned char)(read | (direct && input->needed ? CONDITION : 0u));
        if (direct)
            continue;
        const struct wf_ir_record *record = plan->feeds[feed].record;
        uint32_t ref = ir->fields[record->fields_first + input->field].ref;
        want = wants_of(wants, ref ? plan->table_feed[ref - 1] : plan->member, input->via_field);
        if (want)
            *want |= (unsigned char)(read | (input->needed ? CONDITION : 0u));
    }
    for (uint32_t v = 0; v < ir->n_views; v++)
        if (plan->view_used[v] && ir->views[v].by != WF_NONE)
            wants[plan->member][ir->views[v].by] |= WANTED | READ;
}

static void want_totals(const struct wf_feeds *plan, unsigned char **wants)
{
    for (uint32_t i = 0; i < plan->ir->n_overs; i++) {
        const struct wf_ir_over *over = &plan->ir->overs[i];
        if (over->table != WF_NONE)
            wants[plan->table_feed[over->table]][over->field] |= WANTED | READ;
    }
}

/* The field by which a feed of changes says that a member is gone. */
static uint32_t deleted_of(const struct wf_feeds *plan, const struct wf_ir_record *record)
{
    for (uint32_t i = 0; record->delta && i < record->fields_count; i++) {
        const struct wf_ir_field *field = &plan->ir->fields[record->fields_first + i];
        if (field->type == WF_T_BOOL && strcmp(text_of(plan->ir, field->name), "deleted") == 0)
            return i;
    }
    return WF_NONE;
}

static void want_deleted(const struct wf_feeds *plan, unsigned char **wants)
{
    uint32_t field = deleted_of(plan, &plan->ir->member);
    if (field != WF_NONE)
        wants[plan->member][field] |= WANTED | READ;
}

static void want_event_fields(const struct wf_feeds *plan, unsigned char **wants)
{
    for (uint32_t f = 0; f < plan->n_feeds; f++) {
        const struct wf_feed *feed = &plan->feeds[f];
        if (feed->kind != WF_FEED_EVENT)
            continue;
        wants[f][feed->record->at_field] |= WANTED | READ;
        for (uint32_t u = 0; u < feed->record->unique_count; u++)
            wants[f][plan->ir->uniques[feed->record->unique_first + u]] |= WANTED;
    }
}

/* What a reference leads to has another row every night: its text is kept beside it. */
static void add_texts_of_refs(struct wf_feed *feed)
{
    uint32_t n = feed->n_slots;
    for (uint32_t s = 0; s < n; s++) {
        if (feed->slots[s].type != WF_T_REF || feed->slots[s].as_text)
            continue;
        struct wf_slot *slot = &feed->slots[feed->n_slots++];
        *slot = feed->slots[s];
        slot->read = false;
        slot->as_text = true;
        slot->layout = WF_LAY_CODE;
        slot->size = size_of(slot->layout);
    }
}

static enum wf_status make_slots(struct wf_feeds *plan, struct wf_feed *feed,
                                 const unsigned char *wants)
{
    const struct wf_ir_record *record = feed->record;
    size_t most = 2 * (size_t)record->fields_count; /* a reference may have its text beside it */
    feed->slots = wf_calloc(plan->alloc, most, sizeof(*feed->slots));
    feed->uniques = wf_calloc(plan->alloc, record->unique_count, sizeof(*feed->uniques));
    if (!feed->slots || !feed->uniques)
        return WF_ERR_NOMEM;
    for (uint32_t field = 0; field < record->fields_count; field++) {
        if (!wants[field])
            continue;
        const struct wf_ir_field *def = &plan->ir->fields[record->fields_first + field];
        struct wf_slot *slot = &feed->slots[feed->n_slots++];
        *slot = (struct wf_slot){.def = def, .field = field, .type = def->type};
        slot->column = text_of(plan->ir, def->column);
        slot->read = (wants[field] & READ) != 0;
        slot->layout = layout_of(def->type, (wants[field] & CONDITION) != 0);
        slot->as_text = def->type == WF_T_REF && (def->ref == 0) && feed->kind != WF_FEED_EVENT;
        if (slot->as_text)
            slot->layout = WF_LAY_STR;
        slot->size = size_of(slot->layout);
    }
    if (feed->kind == WF_FEED_EVENT) {
        feed->at = wf_feed_slot(feed, record->at_field);
        for (uint32_t u = 0; u < record->unique_count; u++)
            feed->uniques[feed->n_uniques++] =
                wf_feed_slot(feed, plan->ir->uniques[record->unique_first + u]);
    }
    if (feed->kind == WF_FEED_MEMBER)
        feed->deleted = wf_feed_slot(feed, deleted_of(plan, record));
    feed->kept = plan->kept &&
                 (feed->kind == WF_FEED_EVENT || (feed->kind == WF_FEED_MEMBER && feed->delta));
    if (feed->kept) {
        add_texts_of_refs(feed);
        feed->keys |= feed->kind == WF_FEED_EVENT && !feed->n_uniques; /* of bytes that go */
    }
    return WF_OK;
}

/* Feeds that no rule declares the columns of. */
static const struct wf_ir_field plain_text = {.name = WF_NONE,
                                              .column = WF_NONE,
                                              .type = WF_T_TEXT,
                                              .default_const = WF_NONE,
                                              .missing_as = WF_NONE,
                                              .format = WF_NONE};
static const struct wf_ir_field plain_date = {.name = WF_NONE,
                                              .column = WF_NONE,
                                              .type = WF_T_DATE,
                                              .default_const = WF_NONE,
                                              .missing_as = WF_NONE,
                                              .format = WF_NONE};
static const struct wf_ir_field plain_bool = {.name = WF_NONE,
                                              .column = WF_NONE,
                                              .type = WF_T_BOOL,
                                              .default_const = WF_NONE,
                                              .missing_as = WF_NONE,
                                              .format = WF_NONE};

static struct wf_slot plain_slot(const struct wf_ir_field *def, const char *column, bool read)
{
    struct wf_slot slot = {.def = def, .column = column, .type = def->type, .read = read};
    slot.layout = layout_of(def->type, false);
    slot.size = size_of(slot.layout);
    return slot;
}

/* Merges: old (the id), new. Calendars: date (the id too), kind. Catalogues: code (the id), and
 * what they may say of it. */
static enum wf_status make_plain_slots(struct wf_feeds *plan, struct wf_feed *feed)
{
    feed->slots = wf_calloc(plan->alloc, 2, sizeof(*feed->slots));
    if (!feed->slots)
        return WF_ERR_NOMEM;
    if (feed->kind == WF_FEED_MERGES) {
        feed->slots[feed->n_slots++] = plain_slot(&plain_text, "new", true);
    } else if (feed->kind == WF_FEED_CATALOGUE) {
        feed->slots[feed->n_slots++] = plain_slot(&plain_bool, "approved", false);
        feed->slots[feed->n_slots++] = plain_slot(&plain_date, "until", false);
    } else {
        feed->slots[feed->n_slots++] = plain_slot(&plain_date, "date", true);
        feed->slots[feed->n_slots++] = plain_slot(&plain_text, "kind", true);
    }
    return WF_OK;
}

static void find_tables(const struct wf_feeds *plan, bool *table_used)
{
    const struct wf_ir *ir = plan->ir;
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (!input_used(plan, input))
            continue;
        const struct wf_ir_record *record =
            input->record ? &ir->events[input->record - 1] : &ir->member;
        const struct wf_ir_field *field = &ir->fields[record->fields_first + input->field];
        if (field->type == WF_T_REF && field->ref)
            table_used[field->ref - 1] = true;
    }
    for (uint32_t i = 0; i < ir->n_overs; i++)
        if (ir->overs[i].table != WF_NONE)
            table_used[ir->overs[i].table] = true;
}

static enum wf_status fill(struct wf_feeds *plan, bool *table_used, unsigned char **wants)
{
    find_views(plan);
    find_tables(plan, table_used);
    find_feeds(plan, table_used);
    for (uint32_t f = 0; f < plan->n_feeds; f++) {
        size_t n = plan->feeds[f].record ? plan->feeds[f].record->fields_count : 1;
        wants[f] = wf_calloc(plan->alloc, n, 1);
        if (!wants[f])
            return WF_ERR_NOMEM;
    }
    want_inputs(plan, wants);
    want_totals(plan, wants);
    want_deleted(plan, wants);
    want_event_fields(plan, wants);
    for (uint32_t f = 0; f < plan->n_feeds; f++) {
        struct wf_feed *feed = &plan->feeds[f];
        enum wf_status status =
            feed->record ? make_slots(plan, feed, wants[f]) : make_plain_slots(plan, feed);
        if (status)
            return status;
    }
    return WF_OK;
}

enum wf_status wf_feeds_make(const struct wf_alloc *alloc, const struct wf_ir *ir, bool kept,
                             struct wf_feeds *plan_out)
{
    size_t most =
        2 + (size_t)ir->n_events + ir->n_tables + ir->n_holidays + (size_t)ir->n_catalogues;
    struct wf_feeds plan = {.alloc = alloc, .ir = ir, .kept = kept};
    plan.feeds = wf_calloc(alloc, most, sizeof(*plan.feeds));
    plan.event_feed = wf_calloc(alloc, ir->n_events, sizeof(uint32_t));
    plan.table_feed = wf_calloc(alloc, ir->n_tables, sizeof(uint32_t));
    plan.view_used = wf_calloc(alloc, ir->n_views, sizeof(bool));
    plan.view_keys = wf_calloc(alloc, ir->n_views, sizeof(bool));
    bool *table_used = wf_calloc(alloc, ir->n_tables, sizeof(bool));
    unsigned char **wants = wf_calloc(alloc, most, sizeof(*wants));
    enum wf_status status = WF_ERR_NOMEM;
    if (plan.feeds && plan.event_feed && plan.table_feed && plan.view_used && plan.view_keys &&
        table_used && wants)
        status = fill(&plan, table_used, wants);
    for (uint32_t f = 0; wants && f < most; f++)
        wf_free(alloc, wants[f]);
    wf_free(alloc, wants);
    wf_free(alloc, table_used);
    if (status)
        wf_feeds_release(&plan);
    else
        *plan_out = plan;
    return status;
}

void wf_feeds_release(struct wf_feeds *plan)
{
    for (uint32_t f = 0; plan->feeds && f < plan->n_feeds; f++) {
        wf_free(plan->alloc, plan->feeds[f].slots);
        wf_free(plan->alloc, plan->feeds[f].uniques);
    }
    wf_free(plan->alloc, plan->feeds);
    wf_free(plan->alloc, plan->event_feed);
    wf_free(plan->alloc, plan->table_feed);
    wf_free(plan->alloc, plan->view_used);
    wf_free(plan->alloc, plan->view_keys);
    *plan = (struct wf_feeds){.alloc = plan->alloc};
}
