/*
 * keyword_help.c - what each keyword means, as an editor shows it beside the word.
 */
#include "lang/base/words.h"
#include "lang/sema/query.h"

static const char *const keyword_texts[WF_KW_COUNT_] = {
    [WF_KW_IMPORT] =
        N_("Makes the names of another file or of a module of the library visible here: `import "
           "std.retail`, `import \"./shop.way\"`."),
    [WF_KW_EXPORT] =
        N_("Before `import`: hands the imported names on to whoever imports this file."),
    [WF_KW_TIMEZONE] =
        N_("The zone in which dates, clocks and quiet hours are read. The main file's zone rules "
           "the whole program."),
    [WF_KW_MEMBER] =
        N_("Declares the member's fields and the export they come from. A second declaration "
           "adds to the first, field by field. In a condition, `member` is the one being looked "
           "at."),
    [WF_KW_EVENT] =
        N_("Declares something that happens to members, such as a purchase, its fields and its "
           "export. Its noun (`purchase`) is a set of events or a moment; its `as` word "
           "(`purchased`) is a condition."),
    [WF_KW_TABLE] =
        N_("Declares a table of other things, such as stores; a field whose type is its name "
           "refers to a row of it."),
    [WF_KW_MERGES] = N_("Names the export that says which old member ids mean which new ones."),
    [WF_KW_COUPON] =
        N_("Declares a coupon: its value, its stock, how long it is valid. After `send`: sends "
           "one."),
    [WF_KW_COUPONS] = N_("Names the catalogue from which coupons come."),
    [WF_KW_MESSAGE] =
        N_("Declares a message: its texts by language, with `{field|fallback}` for what differs "
           "by member."),
    [WF_KW_MESSAGES] = N_("Names the catalogue from which messages come."),
    [WF_KW_GROUP] = N_("Declares a chat group that members can be invited to."),
    [WF_KW_COST] = N_("What one send by this channel costs; budgets of the channel count it."),
    [WF_KW_CALENDAR] =
        N_("Names a file of holidays and of weekends that are worked, for `business day`."),
    [WF_KW_LET] = N_("Gives a name to a value or a condition, to be used by that name."),
    [WF_KW_SEGMENT] =
        N_("Gives a name to the members for whom a condition holds. Its size is in every night's "
           "report."),
    [WF_KW_CLASSIFY] =
        N_("Puts every member into exactly one class: the first whose condition holds, else "
           "`otherwise`."),
    [WF_KW_TRIGGER] =
        N_("A named rule: when its moment comes and its guard holds, its actions are done, once."),
    [WF_KW_WHEN] = N_("Begins the moment and the guard of a rule, or a condition."),
    [WF_KW_JOURNEY] =
        N_("Steps that a member walks through over days: actions, waits, branches, splits."),
    [WF_KW_POLICY] =
        N_("What must never happen: who may be reached, quiet hours, caps, budgets. The "
           "strictest of all policies holds."),
    [WF_KW_METRIC] = N_("A figure over all members, written to every night's report."),
    [WF_KW_TEST] = N_("A timeline with what must come of it, played by `wayfare test`."),
    [WF_KW_ALIAS] = N_("Gives a second name to something that has one."),
    [WF_KW_FROM] =
        N_("The export or column something is read from; `from A to B`: at or after A and before "
           "B."),
    [WF_KW_AS] =
        N_("The word by which an event is a condition (`as purchased`), or members who refer to "
           "one are called."),
    [WF_KW_DELTA] = N_("The export holds only what changed since the last one."),
    [WF_KW_KEY] = N_("The field that tells one member, or one row, from another."),
    [WF_KW_PRIVATE] = N_("The field never appears in logs, errors or reports."),
    [WF_KW_FORMAT] = N_("How the export writes this date or time, as in \"%d/%m/%Y\"."),
    [WF_KW_MISSING_AS] = N_("A value that stands for an empty cell, such as 1900-01-01."),
    [WF_KW_UNIQUE] =
        N_("The fields by which two rows are the same event; the newer export's row replaces the "
           "older."),
    [WF_KW_VOID_WHEN] =
        N_("Rows for which this is known true do not count, such as cancelled orders."),
    [WF_KW_MAY_BE_EMPTY] = N_("An export of this event without rows is no cause for alarm."),
    [WF_KW_COMPLETE_SINCE] =
        N_("From this date on the export holds everything; before it, what did not happen is "
           "unknown."),
    [WF_KW_ENCODING] = N_("How the export is written, if not in UTF-8: \"gb18030\"."),
    [WF_KW_ONE_OF] =
        N_("The values a field can have: `one of (a, b)`, or in order `one of (a < b)`."),
    [WF_KW_T_BOOL] = N_("A type: yes or no."),
    [WF_KW_T_INT] = N_("A type: a whole number."),
    [WF_KW_T_NUMBER] = N_("A type: a number with a fraction."),
    [WF_KW_T_MONEY] = N_("A type: an amount of money, to the hundredth."),
    [WF_KW_T_TEXT] = N_("A type: a text."),
    [WF_KW_T_DATE] = N_("A type: a day."),
    [WF_KW_T_TIME] = N_("A type: a point in time."),
    [WF_KW_T_CLOCK] = N_("A type: a time of day."),
    [WF_KW_T_DURATION] = N_("A type: a number of days."),
    [WF_KW_T_SET] = N_("A type: a set of texts, such as tags."),
    [WF_KW_OR] = N_("True if one side is; unknown if no side is true and one is unknown."),
    [WF_KW_AND] =
        N_("True if both sides are; an unknown side makes it unknown, unless the other is false."),
    [WF_KW_NOT] =
        N_("True if what follows is false. What is unknown stays unknown: it does not act."),
    [WF_KW_TRUE] = N_("Yes."),
    [WF_KW_FALSE] = N_("No."),
    [WF_KW_MISSING] = N_("No value. Ask for it with `is missing`: nothing equals it."),
    [WF_KW_NOW] = N_("The instant of this run."),
    [WF_KW_TODAY] = N_("The date of this run, in the file's timezone."),
    [WF_KW_IN] = N_("One of a list, `city in (a, b)`; of a set; or a member of a segment."),
    [WF_KW_NOT_IN] = N_("None of a list. Unknown for members who lack the value."),
    [WF_KW_BETWEEN] = N_("At least the first and at most the second, both included."),
    [WF_KW_NOT_BETWEEN] = N_("Below the first or above the second."),
    [WF_KW_IS] = N_("After a segment's or metric's name: what it is."),
    [WF_KW_IS_MISSING] = N_("True for members who lack the value; always known."),
    [WF_KW_IS_NOT_MISSING] = N_("True for members who have the value; always known."),
    [WF_KW_IS_PRESENT] = N_("True for members who have the value; always known."),
    [WF_KW_IS_NOT_PRESENT] = N_("True for members who lack the value; always known."),
    [WF_KW_CONTAINS] = N_("The text holds the other one."),
    [WF_KW_STARTS_WITH] = N_("The text begins with the other one."),
    [WF_KW_ENDS_WITH] = N_("The text ends with the other one."),
    [WF_KW_MATCHES] =
        N_("The text is like a pattern, in which `*` stands for anything and `?` for one "
           "character."),
    [WF_KW_TAGGED] = N_("The member's `tags` hold this text."),
    [WF_KW_OF] = N_("Says of what: `10% of X`, `share of members`."),
    [WF_KW_OR_ELSE] = N_("The value before it, or, where that is missing, the one behind it."),
    [WF_KW_ANY] = N_("True if there is an event in the set."),
    [WF_KW_NO] =
        N_("True if there is surely no event in the set; unknown where the past is not complete."),
    [WF_KW_COUNT] = N_("How many events are in the set; 0 if none."),
    [WF_KW_SUM] = N_("The sum of a field over the events in the set; 0 if none."),
    [WF_KW_AVERAGE] = N_("The average of a field over the events in the set; missing if none."),
    [WF_KW_MIN] = N_("The smallest value of a field over the events in the set; missing if none."),
    [WF_KW_MAX] = N_("The largest value of a field over the events in the set; missing if none."),
    [WF_KW_DISTINCT] = N_("How many different values a field has over the events in the set."),
    [WF_KW_FIRST] =
        N_("The time of the earliest event in the set, or a field of it; missing if none."),
    [WF_KW_LAST] =
        N_("The time of the latest event in the set, or a field of it; missing if none."),
    [WF_KW_AVERAGE_GAP] =
        N_("The days between this member's events, on average: the personal cycle. It needs two "
           "days."),
    [WF_KW_USUAL_HOUR] = N_("The hour of the day at which this member's events happen most."),
    [WF_KW_DAYS_SINCE] = N_("How many days ago something was."),
    [WF_KW_IN_LAST] = N_("Events of this long a time before the run: `purchase in last 90d`."),
    [WF_KW_IN_NEXT] = N_("Events, or dates, of this long a time after the run."),
    [WF_KW_SINCE] = N_("Events from this date or time on."),
    [WF_KW_SINCE_ENTRY] =
        N_("Events after the member entered the journey; the one that entered is left out."),
    [WF_KW_TO] = N_("The end of a span of time, or the member something is expected for."),
    [WF_KW_BY] = N_("By what members are compared, or whose events are meant: `top 7% by spend`, "
                    "`purchase by invitees`."),
    [WF_KW_WITHIN_LAST] = N_("The date lies this close before the run."),
    [WF_KW_WITHIN_NEXT] = N_("The date lies this close after the run."),
    [WF_KW_OLDER_THAN] = N_("The date lies longer ago than this."),
    [WF_KW_FOLLOWED_BY] = N_("The first event was followed by the second, within a time."),
    [WF_KW_WITHIN] = N_("At most this long after."),
    [WF_KW_BECOMES] = N_("The night on which a member begins to be in a segment or class."),
    [WF_KW_LEAVES] = N_("The night on which a member ceases to be in a segment."),
    [WF_KW_TOP] =
        N_("Whether the member is among the best by a value: `top 7% by spend`. Nobody whose "
           "value is zero or missing is."),
    [WF_KW_BOTTOM] = N_("Whether the member is among the last by a value."),
    [WF_KW_QUARTILE] =
        N_("Which quarter of the members one is in by a value: 1 to 4, the largest values in 4."),
    [WF_KW_QUINTILE] =
        N_("Which fifth of the members one is in by a value: 1 to 5, the largest values in 5."),
    [WF_KW_DECILE] =
        N_("Which tenth of the members one is in by a value: 1 to 10, the largest values in 10."),
    [WF_KW_PERCENTILE] =
        N_("Which hundredth of the members one is in by a value: 1 to 100, the largest values in "
           "100."),
    [WF_KW_RANK] = N_("The member's place by a value."),
    [WF_KW_AMONG] = N_("Only these members are compared; for others the answer is unknown."),
    [WF_KW_PER] = N_("Compares within each value of a field; in a limit, the span it is for."),
    [WF_KW_ANNIVERSARY] = N_("The day each year on which a date returns, from the year after it."),
    [WF_KW_ON_MAR1] = N_("In common years the anniversary of February 29 is March 1."),
    [WF_KW_SKIP] = N_("In common years February 29 has no anniversary."),
    [WF_KW_EVERY] =
        N_("A moment that the calendar brings: `every monday`, `every month on 1`, `every 14d "
           "from 2026-01-05`."),
    [WF_KW_ON] = N_("On this date."),
    [WF_KW_MONTH] = N_("`every month on 1`: each month, on this day."),
    [WF_KW_MONDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_TUESDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_WEDNESDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_THURSDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_FRIDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_SATURDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_SUNDAY] = N_("The weekday, in the file's timezone."),
    [WF_KW_VALUE] = N_("What a coupon is worth; budgets count it."),
    [WF_KW_STOCK] = N_("How many of the coupon may ever be issued. It is never oversold."),
    [WF_KW_VALID] = N_("How long a coupon can be used after it was issued."),
    [WF_KW_PREFER_BY] =
        N_("When stock or budget is short, members with the larger value come first."),
    [WF_KW_OTHERWISE] = N_("The class of everyone whom no other class took."),
    [WF_KW_WAS] =
        N_("The name this rule had before: what it did under that name is still its own."),
    [WF_KW_PRIORITY] =
        N_("Rules with the larger number come first where caps, stock and budgets are short. It "
           "is 0 unless said."),
    [WF_KW_GRACE] =
        N_("How late an action may leave, after its first midnight. It is 1d unless said."),
    [WF_KW_BACKFILL] =
        N_("How far back a new rule reaches in its first run. It does not reach back unless "
           "said."),
    [WF_KW_AGAIN_AFTER] = N_("The rule may act again for the same member after this long."),
    [WF_KW_AGAIN_ALWAYS] = N_("The member may enter again as soon as they left."),
    [WF_KW_ONCE] = N_("The member enters at most once, ever."),
    [WF_KW_HOLDOUT] =
        N_("This share of the members gets nothing, so that the effect can be measured. Always "
           "the same members."),
    [WF_KW_SALT] = N_("Fixes the draw of holdouts and splits, whatever the rule is called."),
    [WF_KW_THEN] = N_("Begins the actions."),
    [WF_KW_SEND] = N_("Sends a message, or with `coupon` a coupon."),
    [WF_KW_GRANT] = N_("Gives a coupon without a message."),
    [WF_KW_POINTS] = N_("Adds or takes away points: `points +100`."),
    [WF_KW_TAG] = N_("Asks to put a tag on the member."),
    [WF_KW_UNTAG] = N_("Asks to take a tag off the member."),
    [WF_KW_SET] = N_("Asks to set a field of the member. Rules see it once an export returns it."),
    [WF_KW_TASK] = N_("Gives a member of the staff something to do."),
    [WF_KW_INVITE] = N_("Invites the member to a chat group."),
    [WF_KW_EMIT] = N_("Hands an event with values to another system."),
    [WF_KW_WITH_COUPON] = N_("The message carries this coupon."),
    [WF_KW_VIA] =
        N_("By which channel. Unsaid: the first declared one by which the member can be reached."),
    [WF_KW_AT] = N_("Not before this time of the day: a clock, or a value of the receiver."),
    [WF_KW_TO_INVITER] = N_("To the member who invited this one."),
    [WF_KW_OWNER] = N_("The staff member who answers for the member; the store's if nobody does."),
    [WF_KW_STORE] = N_("The member's store."),
    [WF_KW_DUE] = N_("Until when the staff member has time."),
    [WF_KW_ENTER] = N_("When a member enters the journey."),
    [WF_KW_EXIT] = N_("When a member leaves the journey, looked at before every step."),
    [WF_KW_GOAL] = N_("What the journey is to reach, counted also for the holdout."),
    [WF_KW_MIGRATE_FROM] =
        N_("Moves members who walk an older version of the journey to steps of this one."),
    [WF_KW_WAIT] = N_("Goes on after this time."),
    [WF_KW_WAIT_UNTIL] = N_("Goes on at the next such time, weekday or date."),
    [WF_KW_WAIT_FOR] =
        N_("Goes on when the event comes or the condition holds, or when the time is up."),
    [WF_KW_BUSINESS_DAY] = N_("The next working day of a calendar."),
    [WF_KW_UP_TO] = N_("How long a wait lasts at most."),
    [WF_KW_IF] =
        N_("Takes the first branch if the condition holds, `else` if it is false, neither if it "
           "is unknown."),
    [WF_KW_ELSE] =
        N_("What is done otherwise; of a cap, what becomes of the action that is too much."),
    [WF_KW_SPLIT] =
        N_("Draws members at random into arms of fixed shares. Always the same for the same "
           "member."),
    [WF_KW_STEP] = N_("A place in the journey with a name, for `go`, tests and reports."),
    [WF_KW_MILESTONE] = N_("Counts the members who came this far."),
    [WF_KW_LEAVE] = N_("The member leaves the journey."),
    [WF_KW_GO] = N_("Goes on at a step further down."),
    [WF_KW_LOCKED] = N_("Files that import this one cannot relax it."),
    [WF_KW_FOR_MEMBERS] =
        N_("The policy concerns only these members, and those of whom it is unknown."),
    [WF_KW_REACH] =
        N_("When a member may be contacted by this channel. It also declares the channel."),
    [WF_KW_QUIET] = N_("Hours in which nothing is sent. From 21:00 to 09:00 unless said."),
    [WF_KW_CAP] =
        N_("How many sends, coupons, tasks or invitations a member gets at most in a time."),
    [WF_KW_BUDGET] = N_("How much coupons, or a channel, may cost in a calendar month."),
    [WF_KW_PAUSE] =
        N_("Stops everything, or a journey, when too much goes wrong; `wayfare resume` lets it "
           "go on."),
    [WF_KW_VOLUME] = N_("A night with more actions than this is held until somebody approves it."),
    [WF_KW_QUIET_NONE] = N_("No quiet hours."),
    [WF_KW_DEFER] = N_("Later, when it is allowed."),
    [WF_KW_DROP] = N_("Not at all."),
    [WF_KW_CALENDAR_DAY] = N_("From midnight to midnight."),
    [WF_KW_CALENDAR_WEEK] = N_("From Monday to Sunday."),
    [WF_KW_CALENDAR_MONTH] = N_("From the first to the last of the month."),
    [WF_KW_AT_LEAST] = N_("Below this number the pause never trips."),
    [WF_KW_SHARE_OF] = N_("The share of members for whom a condition holds."),
    [WF_KW_COUNT_MEMBERS] = N_("How many members there are, or for how many a condition holds."),
    [WF_KW_SUM_OF] = N_("The sum of a value over members."),
    [WF_KW_AVERAGE_OF] = N_("The average of a value over members."),
    [WF_KW_MEDIAN_OF] = N_("The value in the middle, over members."),
    [WF_KW_OVER_MEMBERS] = N_("Of which members a figure is made."),
    [WF_KW_AMONG_MEMBERS] = N_("Only these members are in the figure."),
    [WF_KW_WHERE] = N_("Only those for whom this holds."),
    [WF_KW_EXPECT] = N_("What must come of it on this night."),
    [WF_KW_NOTHING] = N_("No action leaves."),
    [WF_KW_CLASS] = N_("Expects a member in a class."),
    [WF_KW_SUPPRESSED] = N_("Expects that an action was stopped, and by which gate."),
};

const char *wf_keyword_help(enum wf_keyword keyword)
{
    const char *text = keyword_texts[keyword];
    return text ? wf_word(text) : "";
}
