#include "runtime/data/dataset.h"

#include "lang/base/value.h"
#include "runtime/data/feed_data.h"
#include "runtime/data/keep.h"
#include "runtime/data/recall.h"

static bool bit(const uint64_t *bits, uint64_t row)
{
    return bits[row / 64] >> (row % 64) & 1;
}

static struct wf_value text_of(const struct wf_column *column, uint32_t code)
{
    const struct wf_dict *dict = column->dict;
    return wf_text_value((enum wf_type)column->type, dict->bytes + dict->at[code],
                         dict->at[code + 1] - dict->at[code]);
}

void wf_column_fetch(const struct wf_column *column, uint64_t row)
{
    bool bits = column->layout == WF_LAY_BITS;
    size_t at = bits ? row / 8 : row * wf_column_cell(column);
    __builtin_prefetch((const char *)column->data + at);
    if (column->present)
        __builtin_prefetch(&column->present[row / 64]);
}

struct wf_value wf_dataset_value(const struct wf_dataset *data, uint32_t input, uint64_t row)
{
    return wf_column_value(&data->inputs[input], row);
}

struct wf_value wf_column_value(const struct wf_column *column, uint64_t row)
{
    enum wf_type type = column->type;
    if (column->present && !bit(column->present, row))
        return wf_missing(type);
    switch ((enum wf_layout)column->layout) {
    case WF_LAY_BITS: return wf_int_value(type, bit(column->bits, row));
    case WF_LAY_I32:
    case WF_LAY_I64: return wf_int_value(type, wf_column_int(column, row));
    case WF_LAY_F64: return wf_number_value(column->f64[row]);
    case WF_LAY_CODE: return text_of(column, (uint32_t)wf_column_int(column, row));
    case WF_LAY_STR: {
        struct wf_piece piece = column->str[row];
        return wf_text_value(type, column->heap + piece.at, piece.len);
    }
    }
    return wf_missing(type);
}

void wf_dataset_free(struct wf_dataset *data)
{
    for (uint32_t v = 0; data && data->views && v < data->n_views; v++)
        wf_recall_free(data->views[v].recall);
    if (data && data->owner)
        wf_keep_free(data->owner); /* the dataset is one of its blocks */
}
