/* SPDX-License-Identifier: MIT
 *
 * The lines above every page: what is captured, how much of it was lost, how many connections are
 * in which phase. Parts give way on a narrow terminal, the drop figures last.
 */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "tui/words.h"

#define PART_MAX  512
#define PARTS_MAX 9

/* Below so many columns words are shorter. */
#define NARROW        60
#define SOURCE_MOST   28
#define SOURCE_NARROW 12

struct part {
    char text[PART_MAX];
    fst_look look;
    unsigned rank; /* the highest goes first when there is no room */
};

struct parts {
    struct part part[PARTS_MAX];
    size_t count;
};

/** A further part, empty. */
static char *add(struct parts *parts, fst_look look, unsigned rank)
{
    struct part *part = &parts->part[parts->count++];

    part->text[0] = '\0';
    part->look = look;
    part->rank = rank;
    return part->text;
}

static int total_columns(const struct parts *parts, int gap)
{
    int columns = 0;

    for (size_t i = 0; i < parts->count; i++)
        columns += (int)fst_text_columns(parts->part[i].text) + (i > 0 ? gap : 0);
    return columns;
}

static void drop_part(struct parts *parts)
{
    size_t least = 0;

    for (size_t i = 1; i < parts->count; i++)
        if (parts->part[i].rank >= parts->part[least].rank)
            least = i;
    memmove(parts->part + least, parts->part + least + 1,
            (parts->count - least - 1) * sizeof(parts->part[0]));
    parts->count--;
}

/** Side by side, `between` them. */
static void draw_parts(struct fst_canvas *canvas, int line, struct parts *parts,
                       const char *between)
{
    int gap = (int)fst_text_columns(between), column = 1, room = canvas->columns - 2;

    while (parts->count > 1 && total_columns(parts, gap) > room)
        drop_part(parts);
    for (size_t i = 0; i < parts->count; i++) {
        if (i > 0)
            column = fst_canvas_text(canvas, line, column, gap, FST_DIM, between);
        column = fst_canvas_cut(canvas, line, column, canvas->columns - 1 - column,
                                parts->part[i].look, parts->part[i].text);
    }
}

/* ----------------------------------------------------------------------------- the first line --
 */

static void put_drop(char *text, size_t size, uint64_t count, const char *what)
{
    size_t len = strlen(text);
    char number[FST_FORMAT_MAX];

    snprintf(text + len, size - len, "%s%s %s", len > strlen("drop ") ? ", " : "",
             count == FST_TUI_UNKNOWN ? "n/a" : fst_format_count(count, number), what);
}

static bool any_drop(const struct fst_tui_counters *counters)
{
    return counters->engine_drop > 0 ||
           (counters->kernel_drop > 0 && counters->kernel_drop != FST_TUI_UNKNOWN) ||
           (counters->interface_drop > 0 && counters->interface_drop != FST_TUI_UNKNOWN);
}

/** What stays when all else has to give way. */
static void add_drop(struct parts *parts, const struct fst_tui_counters *counters, bool narrow)
{
    char *text = add(parts, any_drop(counters) ? FST_BAD | FST_BOLD : FST_PLAIN, 0);

    snprintf(text, PART_MAX, "drop ");
    put_drop(text, PART_MAX, counters->kernel_drop, "kernel");
    put_drop(text, PART_MAX, counters->interface_drop, narrow ? "if" : "interface");
    if (counters->engine_drop > 0)
        put_drop(text, PART_MAX, counters->engine_drop, "queue");
}

static void rate_text(double per_second, char text[PART_MAX])
{
    if (per_second < 1000)
        snprintf(text, PART_MAX, "%.0f pkt/s", per_second);
    else if (per_second < 1e6)
        snprintf(text, PART_MAX, "%.1f kpkt/s", per_second / 1e3);
    else
        snprintf(text, PART_MAX, "%.1f Mpkt/s", per_second / 1e6);
}

static void add_flows(struct parts *parts, const struct fst_tui *tui)
{
    char alive[FST_FORMAT_MAX], most[FST_FORMAT_MAX];

    snprintf(add(parts, FST_PLAIN, 7), PART_MAX, "flows %s/%s", fst_format_count(tui->alive, alive),
             fst_format_count(tui->options.max_flows ? tui->options.max_flows : 1000000, most));
}

/** What narrows the list. */
static void add_filters(struct parts *parts, const struct fst_tui *tui)
{
    bool any = tui->filter || tui->where_text || tui->choice.findings_only;
    char *text = add(parts, any ? FST_HINT : FST_DIM, any ? 3 : 6);
    char filter[200] = "";

    if (tui->filter)
        fst_escape_text(tui->filter, filter, sizeof(filter));
    snprintf(text, PART_MAX, "%s%s%s%s%s%s%s", any ? "" : "no filter", filter,
             tui->filter && tui->where_text ? " · " : "", tui->where_text ? "/" : "",
             tui->where_text ? tui->where_text : "",
             (tui->filter || tui->where_text) && tui->choice.findings_only ? " · " : "",
             tui->choice.findings_only ? "findings only" : "");
}

/** The name of the source; of a long one, a path, the end. */
static void add_source(struct parts *parts, const struct fst_tui *tui, bool narrow)
{
    size_t most = narrow ? SOURCE_NARROW : SOURCE_MOST;
    char source[PART_MAX];
    const char *at = source;
    size_t columns;
    uint32_t code;

    fst_escape_text(tui->source, source, sizeof(source));
    columns = fst_text_columns(source);
    for (; columns > most; columns--)
        at += fst_utf8_next(at, &code);
    snprintf(add(parts, FST_BOLD, 2), PART_MAX, "%s%s", at > source ? "…" : "", at);
}

static void draw_source(const struct fst_tui *tui, struct fst_canvas *canvas)
{
    struct parts parts = {.count = 0};
    bool narrow = canvas->columns < NARROW;
    char text[PART_MAX];

    snprintf(add(&parts, FST_BOLD, 9), PART_MAX, "flowstate live");
    add_source(&parts, tui, narrow);
    if (tui->paused)
        snprintf(add(&parts, FST_REVERSE | FST_BOLD, 1), PART_MAX, " PAUSED ");
    else if (tui->counters.ended)
        snprintf(add(&parts, FST_REVERSE, 1), PART_MAX, " END OF FILE ");
    snprintf(add(&parts, FST_PLAIN, 5), PART_MAX, "%s", fst_format_clock(tui->clock_ns, 3, text));
    parts.part[parts.count - 1].text[strlen("hh:mm:ss")] = '\0';
    snprintf(add(&parts, FST_PLAIN, 8), PART_MAX, "up %s",
             fst_age_text(tui->clock_ns - tui->start_ns, text));
    rate_text(tui->rate.per_second, add(&parts, FST_PLAIN, 4));
    add_drop(&parts, &tui->counters, narrow);
    add_flows(&parts, tui);
    add_filters(&parts, tui);
    draw_parts(canvas, 0, &parts, canvas->columns >= 120 ? "   " : "  ");
}

/* --------------------------------------------------------------------- the second and the third --
 */

static void add_count(struct parts *parts, const char *name, uint64_t count, fst_look look,
                      unsigned rank)
{
    char number[FST_FORMAT_MAX];

    snprintf(add(parts, count > 0 ? look : FST_DIM, rank), PART_MAX, "%s %s", name,
             fst_format_count(count, number));
}

static void draw_phases(const struct fst_tui *tui, struct fst_canvas *canvas)
{
    const struct fst_tui_model *model = fst_tui_shown(tui);
    struct fst_tui_counts counts = fst_model_counts(model, tui->now_ns);
    struct parts parts = {.count = 0};

    add_count(&parts, "estab", counts.established, FST_GOOD, 1);
    add_count(&parts, "opening", counts.opening, FST_HINT, 2);
    add_count(&parts, "client closing", counts.client_closing, FST_WARN, 3);
    add_count(&parts, "server closing", counts.server_closing, FST_WARN, 3);
    add_count(&parts, "time-wait", counts.time_wait, FST_PLAIN, 4);
    add_count(&parts, "reset in last 10 s", fst_model_recent_resets(model, tui->now_ns), FST_BAD,
              5);
    if (model->totals.not_shown > 0)
        add_count(&parts, "not shown", model->totals.not_shown, FST_WARN | FST_BOLD, 0);
    if (tui->failed)
        snprintf(add(&parts, FST_BAD | FST_BOLD, 0), PART_MAX, "out of memory: incomplete");
    draw_parts(canvas, 1, &parts, " · ");
}

static void draw_totals(const struct fst_tui *tui, struct fst_canvas *canvas)
{
    static const fst_look looks[FST_CLASS_COUNT] = {FST_BAD | FST_BOLD, FST_WARN, FST_PLAIN,
                                                    FST_PLAIN};
    static const unsigned ranks[FST_CLASS_COUNT] = {1, 2, 5, 8};
    const struct fst_tui_totals *totals = &fst_tui_shown(tui)->totals;
    struct parts parts = {.count = 0};

    add_count(&parts, "ended: closed", totals->ended[FST_END_CLOSED], FST_PLAIN, 3);
    add_count(&parts, "reset", totals->ended[FST_END_RESET], FST_PLAIN, 4);
    add_count(&parts, "refused", totals->ended[FST_END_REFUSED], FST_PLAIN, 6);
    add_count(&parts, "no answer", totals->ended[FST_END_NO_ANSWER], FST_PLAIN, 7);
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%s%s", i == 0 ? "findings: " : "",
                 fst_class_name((enum fst_class)i));
        add_count(&parts, name, tui->found[i], looks[i], ranks[i]);
    }
    draw_parts(canvas, 2, &parts, " · ");
}

int fst_head_draw(struct fst_tui *tui, struct fst_canvas *canvas)
{
    int lines = canvas->lines < 8 ? 1 : canvas->lines < 20 ? 2 : 3;

    draw_source(tui, canvas);
    if (lines > 1)
        draw_phases(tui, canvas);
    if (lines > 2)
        draw_totals(tui, canvas);
    return lines;
}
