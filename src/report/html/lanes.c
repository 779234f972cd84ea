/* SPDX-License-Identifier: MIT
 *
 * Both endpoints' states as bars on one time axis. The axis is bent: a handshake of microseconds
 * and a silence of hours must both be seen, so a stretch between two changes is as long as the
 * logarithm of its duration.
 */
#include "report/html/parts.h"

#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/wording.h"

#define POINTS_MAX 40   /* further changes stay in the last piece */
#define AXIS       1000 /* its length in the unit of positions: tenths of a percent */
#define GLYPH_PX   8    /* more than a letter of a label takes */

/* How far a time must be from the one before it, and from the end with its own, to have room: on
 * every screen, or on a wide one. */
#define TICK_NARROW     210
#define TICK_NARROW_END 380
#define TICK_WIDE       100
#define TICK_WIDE_END   190

struct point {
    int64_t time_ns;
    int at;
    struct fst_ladder_lane lane[2]; /* from here on */
};

struct axis {
    size_t count; /* the last point is the end */
    struct point point[POINTS_MAX + 1];
};

const char *fst_html_lane_class(const struct fst_ladder_lane *lane)
{
    static const char *const classes[FST_PHASE_COUNT][2] = {
        {"r", "r g"}, {"o", "o g"}, {"e", "e g"}, {"c", "c g"}};

    return lane->unknown ? "u" : classes[fst_phase_of(lane->state)][lane->inferred];
}

static bool has_news(const struct fst_ladder_row *row)
{
    return row->kind == FST_LADDER_START || row->lane[0].news || row->lane[1].news;
}

static void add_point(struct axis *axis, const struct fst_ladder_row *row)
{
    struct point *last = axis->count > 0 ? &axis->point[axis->count - 1] : NULL;
    struct point *point = last;

    if (!last || (row->time_ns > last->time_ns && axis->count < POINTS_MAX)) {
        point = &axis->point[axis->count++];
        point->time_ns = row->time_ns;
    }
    point->lane[0] = row->lane[0];
    point->lane[1] = row->lane[1];
}

/** Eight for each doubling of a microsecond, and a little for being there. */
static int weight_of(int64_t from_ns, int64_t to_ns)
{
    uint64_t us = ((uint64_t)to_ns - (uint64_t)from_ns) / 1000 + 1;
    int weight = 24;

    for (; us > 1; us /= 2)
        weight += 8;
    return weight;
}

static void place(struct axis *axis)
{
    int64_t total = 0, so_far = 0;

    for (size_t i = 0; i + 1 < axis->count; i++)
        total += weight_of(axis->point[i].time_ns, axis->point[i + 1].time_ns);
    for (size_t i = 0; i < axis->count; i++) {
        axis->point[i].at = total > 0 ? (int)(so_far * AXIS / total) : 0;
        if (i + 1 < axis->count)
            so_far += weight_of(axis->point[i].time_ns, axis->point[i + 1].time_ns);
    }
}

static void lay_out(struct axis *axis, const struct fst_ladder *ladder)
{
    const struct fst_ladder_row *last = &ladder->rows[ladder->row_count - 1];

    axis->count = 0;
    for (size_t i = 0; i < ladder->row_count; i++)
        if (has_news(&ladder->rows[i]))
            add_point(axis, &ladder->rows[i]);
    axis->point[axis->count] = axis->point[axis->count - 1];
    if (last->last_time_ns > axis->point[axis->count].time_ns)
        axis->point[axis->count].time_ns = last->last_time_ns;
    axis->count++;
    place(axis);
    if (axis->point[axis->count - 1].at == 0) /* all at one moment */
        axis->point[axis->count - 1].at = AXIS;
}

/* ----------------------------------------------------------------------------------- drawing -- */

static bool same_lane(const struct fst_ladder_lane *a, const struct fst_ladder_lane *b)
{
    return a->unknown == b->unknown && a->state == b->state && a->inferred == b->inferred;
}

/** The end of the piece that begins at point `from`. */
static size_t piece_end(const struct axis *axis, unsigned side, size_t from)
{
    size_t end = from + 1;

    while (end + 1 < axis->count &&
           same_lane(&axis->point[end].lane[side], &axis->point[from].lane[side]))
        end++;
    return end;
}

static void put_percent(struct fst_out *out, const char *name, int position)
{
    fst_out_print(out, position % 10 ? " %s=\"%d.%d%%\"" : " %s=\"%d%%\"", name, position / 10,
                  position % 10);
}

static void put_piece(struct fst_out *out, const struct axis *axis, unsigned side, size_t from,
                      size_t end)
{
    fst_out_print(out, "<rect class=\"%s\"", fst_html_lane_class(&axis->point[from].lane[side]));
    put_percent(out, "x", axis->point[from].at);
    put_percent(out, "width", axis->point[end].at - axis->point[from].at);
    fst_out_text(out, "/>");
}

/** Which width of the picture gives the text room: its class hides it on a narrower one. NULL if
 *  there never is any. */
static const char *room_class(const char *text, int width)
{
    static const struct {
        int px;
        const char *class_;
    } rooms[] = {{290, "w"}, {480, "w w4"}, {700, "w w7"}, {1000, "w w10"}};
    int need = GLYPH_PX * (int)strlen(text) + 8;

    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
        if (rooms[i].px * width / AXIS >= need)
            return rooms[i].class_;
    return NULL;
}

static void put_piece_label(struct fst_out *out, const struct axis *axis, unsigned side,
                            size_t from, size_t end)
{
    const struct fst_ladder_lane *lane = &axis->point[from].lane[side];
    const char *room;
    char text[32];

    snprintf(text, sizeof(text), "%s%s", lane->unknown ? "?" : fst_state_name(lane->state),
             lane->inferred && !lane->unknown ? " ~" : "");
    room = room_class(text, axis->point[end].at - axis->point[from].at);
    if (!room)
        return;
    fst_out_print(out, "<text class=\"%s\" dx=\"4\" y=\"16\"", room);
    put_percent(out, "x", axis->point[from].at);
    fst_out_print(out, ">%s</text>", text);
}

static void put_lane(struct fst_out *out, const struct axis *axis, unsigned side, bool labels)
{
    for (size_t i = 0; i + 1 < axis->count; i = piece_end(axis, side, i))
        put_piece(out, axis, side, i, piece_end(axis, side, i));
    for (size_t i = 0; labels && i + 1 < axis->count; i = piece_end(axis, side, i))
        put_piece_label(out, axis, side, i, piece_end(axis, side, i));
}

void fst_html_lanes_small(struct fst_out *out, const struct fst_ladder *ladder)
{
    struct axis axis;

    lay_out(&axis, ladder);
    fst_out_text(out, "<svg class=\"mini\" aria-hidden=\"true\"><g>");
    put_lane(out, &axis, FST_CLIENT, false);
    fst_out_text(out, "</g><g class=\"two\">");
    put_lane(out, &axis, FST_SERVER, false);
    fst_out_text(out, "</g></svg>");
}

/** The class of the time below point `i`, NULL if it has no room; `seen` and `wide` are where the
 * last times stand on a narrow and on a wide screen. */
static const char *tick_class(const struct axis *axis, size_t i, int *seen, int *wide)
{
    int at = axis->point[i].at;

    if (i + 1 == axis->count)
        return "tm end";
    if (AXIS - at < TICK_WIDE_END || at - *wide < TICK_WIDE)
        return NULL;
    *wide = at;
    if (AXIS - at < TICK_NARROW_END || at - *seen < TICK_NARROW)
        return "tm w w7";
    *seen = at;
    return "tm";
}

/** A mark below each change, with its time where there is room. */
static void put_ticks(struct fst_out *out, const struct axis *axis)
{
    int seen = -AXIS, wide = -AXIS;
    char text[FST_FORMAT_MAX];

    for (size_t i = 0; i < axis->count; i++) {
        const char *class_ = tick_class(axis, i, &seen, &wide);

        fst_out_text(out, "<line class=\"tick\" y1=\"94\" y2=\"99\"");
        put_percent(out, "x1", axis->point[i].at);
        put_percent(out, "x2", axis->point[i].at);
        fst_out_text(out, "/>");
        if (!class_)
            continue;
        fst_out_print(out, "<text class=\"%s\" y=\"112\"", class_);
        put_percent(out, "x", axis->point[i].at);
        fst_format_duration(axis->point[i].time_ns - axis->point[0].time_ns, text);
        fst_out_print(out, ">%s</text>", i == 0 ? "0" : text);
    }
}

/** What the picture shows, for those who do not see it. */
static void put_words(struct fst_out *out, const struct axis *axis, unsigned side)
{
    char text[FST_FORMAT_MAX];

    fst_out_print(out, "%s: ", fst_side_name(side));
    for (size_t i = 0; i + 1 < axis->count; i = piece_end(axis, side, i)) {
        const struct fst_ladder_lane *lane = &axis->point[i].lane[side];

        fst_out_print(out, "%s%s%s", i > 0 ? ", " : "",
                      lane->unknown ? "unknown" : fst_state_name(lane->state),
                      lane->inferred && !lane->unknown ? " (inferred)" : "");
        if (i > 0)
            fst_out_print(
                out, " after %s",
                fst_format_duration(axis->point[i].time_ns - axis->point[0].time_ns, text));
    }
}

void fst_html_lanes(struct fst_out *out, const struct fst_ladder *ladder)
{
    struct axis axis;

    lay_out(&axis, ladder);
    fst_out_text(out, "<svg class=\"lanes\" role=\"img\" aria-label=\"");
    put_words(out, &axis, FST_CLIENT);
    fst_out_text(out, ". ");
    put_words(out, &axis, FST_SERVER);
    fst_out_text(out, ".\">\n<g class=\"one\"><text class=\"who\">client</text>");
    put_lane(out, &axis, FST_CLIENT, true);
    fst_out_text(out, "</g>\n<g class=\"two\"><text class=\"who\">server</text>");
    put_lane(out, &axis, FST_SERVER, true);
    fst_out_text(out, "</g>\n<g class=\"axis\">");
    put_ticks(out, &axis);
    fst_out_text(out, "</g></svg>\n");
}
