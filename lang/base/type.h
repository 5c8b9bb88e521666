/*
 * type.h - the scalar types of the language and how each is held.
 *
 *   type      held as         meaning
 *   bool      0 / 1
 *   int       int64
 *   number    double          IEEE; never NaN: what would be NaN or infinite is unknown
 *   money     int64           hundredths
 *   text      bytes           UTF-8, NFC
 *   date      int64 (column: int32)   days since 1970-01-01, proleptic Gregorian
 *   time      int64           seconds since 1970-01-01T00:00:00Z, no leap seconds
 *   clock     int64           seconds since local midnight
 *   days      int64           a calendar duration of days (d, w)
 *   months    int64           a calendar duration of months (mo, y)
 *   seconds   int64           an exact duration (h, min, s)
 *   set       a set of texts  held as its canonical text: members sorted by bytes, joined by ';'
 *   enum      int64           "one of": the position in the declared list, from 0
 *   ref       int64           the row of a table or of another member
 *
 * The three duration types do not mix and do not compare with each other.
 */
#ifndef WF_BASE_TYPE_H
#define WF_BASE_TYPE_H

enum wf_type {
    WF_T_NONE, /* no value: an error was reported */
    WF_T_BOOL,
    WF_T_INT,
    WF_T_NUMBER,
    WF_T_MONEY,
    WF_T_TEXT,
    WF_T_DATE,
    WF_T_TIME,
    WF_T_CLOCK,
    WF_T_DAYS,
    WF_T_MONTHS,
    WF_T_SECONDS,
    WF_T_SET,
    WF_T_ENUM,
    WF_T_REF,
    WF_T_COUNT_
};

#endif
