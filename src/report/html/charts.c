/* SPDX-License-Identifier: MIT
 *
 * The charts: how connections ended and by whom, how long handshakes took, states over time. The
 * first two are tables with a bar in each row, so that they read without eyes.
 */
#include "report/html/parts.h"

#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/wording.h"

#define CHART_WIDTH  640
#define CHART_HEIGHT 160

/* ------------------------------------------------------------------------------- bars in a table
 * -- */

static void begin_bars(struct fst_out *out, const char *id, const char *title, const char *label)
{
    fst_out_print(out,
                  "<section class=\"chart\" aria-labelledby=\"%s\"><h3 id=\"%s\">%s</h3>\n"
                  "<table class=\"bars\" aria-labelledby=\"%s\"><thead><tr><th "
                  "scope=\"col\">%s</th><th scope=\"col\">"
                  "connections</th></tr></thead><tbody>\n",
                  id, id, title, id, label);
}

static void put_bar(struct fst_out *out, const char *label, const char *class_, uint64_t count,
                    uint64_t most)
{
    char text[FST_FORMAT_MAX];
    unsigned tenths = most > 0 ? (unsigned)((double)count * 700 / (double)most) : 0;

    fst_out_print(out,
                  "<tr><th scope=\"row\">%s</th><td><span class=\"bar %s\" style=\"width:%u.%u%%\">"
                  "</span> %s</td></tr>\n",
                  label, class_, tenths / 10, tenths % 10, fst_format_count(count, text));
}

static void end_bars(struct fst_out *out)
{
    fst_out_text(out, "</tbody></table></section>\n");
}

/* ------------------------------------------------------------------------------------- endings --
 */

static const char *phase_class_of(enum fst_end_kind kind)
{
    switch (kind) {
    case FST_END_CLOSED:
        return "r";
    case FST_END_OPEN:
        return "e";
    case FST_END_NO_ANSWER:
    case FST_END_OPENING:
        return "o";
    case FST_END_RESET:
    case FST_END_REFUSED:
        return "x";
    default:
        return "c";
    }
}

static const char *ending_label(enum fst_end_kind kind, unsigned by, char text[64])
{
    static const char *const words[FST_END_UNKNOWN + 1] = {
        [FST_END_NO_ANSWER] = "no answer",
        [FST_END_REFUSED] = "refused",
        [FST_END_OPENING] = "handshake unfinished",
        [FST_END_OPEN] = "open",
        [FST_END_HALF_CLOSED] = "half closed",
        [FST_END_CLOSING] = "closing, last ACK not seen",
        [FST_END_CLOSED] = "closed",
        [FST_END_RESET] = "reset",
        [FST_END_UNKNOWN] = "too little captured",
    };
    bool first = kind == FST_END_CLOSED || kind == FST_END_CLOSING;

    if (by == FST_BY_NOBODY)
        snprintf(text, 64, "%s%s", words[kind], kind == FST_END_CLOSED ? ", both at once" : "");
    else if (first)
        snprintf(text, 64, "%s, %s first", words[kind], fst_side_name(by));
    else
        snprintf(text, 64, "%s by %s", words[kind], fst_side_name(by));
    return text;
}

static void put_endings(struct fst_out *out, const struct fst_tally *tally)
{
    uint64_t most = 0;
    char label[64];

    for (unsigned kind = 0; kind <= FST_END_UNKNOWN; kind++)
        for (unsigned by = 0; by < 3; by++)
            if (tally->ended[kind][by] > most)
                most = tally->ended[kind][by];
    begin_bars(out, "endings", "How they ended, and by whom", "ended");
    for (unsigned kind = 0; kind <= FST_END_UNKNOWN; kind++)
        for (unsigned by = 0; by < 3; by++)
            if (tally->ended[kind][by] > 0)
                put_bar(out, ending_label((enum fst_end_kind)kind, by, label),
                        phase_class_of((enum fst_end_kind)kind), tally->ended[kind][by], most);
    end_bars(out);
}

/* ---------------------------------------------------------------------------------- handshakes --
 */

static const char *handshake_label(size_t row, char text[64])
{
    char limit[FST_FORMAT_MAX];

    if (row + 1 == FST_TALLY_HANDSHAKES)
        snprintf(text, 64, "more than %s",
                 fst_format_duration(fst_tally_handshake_limit(row - 1), limit));
    else
        snprintf(text, 64, "up to %s", fst_format_duration(fst_tally_handshake_limit(row), limit));
    return text;
}

static void put_handshakes(struct fst_out *out, const struct fst_tally *tally)
{
    size_t first = FST_TALLY_HANDSHAKES, last = 0;
    uint64_t most = 0;
    char label[64];

    for (size_t i = 0; i < FST_TALLY_HANDSHAKES; i++) {
        if (tally->handshakes[i] == 0)
            continue;
        first = i < first ? i : first;
        last = i;
        most = tally->handshakes[i] > most ? tally->handshakes[i] : most;
    }
    begin_bars(out, "handshakes", "How long handshakes took", "first SYN to last ACK");
    for (size_t i = first; i <= last && i < FST_TALLY_HANDSHAKES; i++)
        put_bar(out, handshake_label(i, label), "o", tally->handshakes[i], most);
    if (tally->no_handshake > 0)
        put_bar(out, "not seen or not finished", "r", tally->no_handshake,
                tally->no_handshake > most ? tally->no_handshake : most);
    end_bars(out);
}

/* ------------------------------------------------------------------------------ states over time
 */

struct area {
    size_t slots;
    uint64_t most;                                    /* endpoints in all phases shown */
    uint64_t count[FST_TALLY_SLOTS][FST_PHASE_COUNT]; /* at the end of each slot */
};

static void sum_up(struct area *area, const struct fst_tally *tally, int64_t end_ns)
{
    int64_t now[FST_PHASE_COUNT] = {0};

    memset(area, 0, sizeof(*area));
    area->slots = fst_tally_slots(tally, end_ns);
    for (size_t i = 0; i < area->slots; i++) {
        uint64_t all = 0;

        for (unsigned phase = 0; phase < FST_PHASE_COUNT; phase++) {
            now[phase] += tally->moves[i][phase];
            area->count[i][phase] = now[phase] > 0 ? (uint64_t)now[phase] : 0;
            all += phase == FST_PHASE_REST ? 0 : area->count[i][phase];
        }
        area->most = all > area->most ? all : area->most;
    }
}

static unsigned height_of(const struct area *area, size_t slot, unsigned phases)
{
    uint64_t count = 0;

    for (unsigned phase = FST_PHASE_OPENING; phase < phases; phase++)
        count += area->count[slot][phase];
    return (unsigned)((double)count * CHART_HEIGHT / (double)area->most);
}

/** The edge above the phases before `phases`, as steps from left to right or back. */
static void put_edge(struct fst_out *out, const struct area *area, unsigned phases, bool back)
{
    for (size_t i = 0; i < area->slots; i++) {
        size_t slot = back ? area->slots - 1 - i : i;
        size_t from = back ? slot + 1 : slot, to = back ? slot : slot + 1;
        unsigned y = CHART_HEIGHT - height_of(area, slot, phases);

        fst_out_print(out, "L%zu %u", from * CHART_WIDTH / area->slots, y);
        fst_out_print(out, "L%zu %u", to * CHART_WIDTH / area->slots, y);
    }
}

static bool is_seen(const struct area *area, unsigned phase)
{
    for (size_t i = 0; i < area->slots; i++)
        if (area->count[i][phase] > 0)
            return true;
    return false;
}

static void put_areas(struct fst_out *out, const struct area *area)
{
    static const char *const classes[] = {"r", "o", "e", "c"};

    for (unsigned phase = FST_PHASE_OPENING; phase < FST_PHASE_COUNT; phase++) {
        if (!is_seen(area, phase))
            continue;
        fst_out_print(out, "<path class=\"%s\" d=\"M0 %u", classes[phase],
                      CHART_HEIGHT - height_of(area, 0, phase));
        put_edge(out, area, phase + 1, false);
        put_edge(out, area, phase, true);
        fst_out_text(out, "z\"/>\n");
    }
}

/** The colours of the chart, each with the most endpoints there were. */
static void put_peaks(struct fst_out *out, const struct fst_tally *tally)
{
    static const struct {
        enum fst_phase phase;
        const char *class_, *words;
    } peaks[] = {
        {FST_PHASE_OPENING, "o", "in the handshake"},
        {FST_PHASE_DATA, "e", "established"},
        {FST_PHASE_CLOSING, "c", "closing"},
    };
    char text[FST_FORMAT_MAX];

    fst_out_text(out, "<p>Endpoints, at most at a time:");
    for (size_t i = 0; i < sizeof(peaks) / sizeof(peaks[0]); i++)
        fst_out_print(out, " <span class=\"s %s\">%s %s</span>", peaks[i].class_,
                      fst_format_count((uint64_t)tally->peak[peaks[i].phase], text),
                      peaks[i].words);
    fst_out_text(out, "</p>\n");
}

static void put_over_time(struct fst_out *out, const struct fst_html *html)
{
    struct area area;
    char text[FST_FORMAT_MAX];

    sum_up(&area, &html->tally, html->end_ns);
    fst_out_text(out, "<section class=\"chart wide\" aria-labelledby=\"overtime\">"
                      "<h3 id=\"overtime\">States over time</h3>\n");
    put_peaks(out, &html->tally);
    if (area.most > 0) {
        fst_out_print(
            out,
            "<div class=\"area\"><svg viewBox=\"0 -1 %d %d\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\">\n",
            CHART_WIDTH, CHART_HEIGHT + 2);
        put_areas(out, &area);
        fst_out_print(out, "</svg><span>%s</span></div>\n",
                      fst_format_counted(area.most, "endpoint", text));
        fst_out_print(out, "<div class=\"scale\"><span>0</span><span>%s</span></div>\n",
                      fst_format_duration((int64_t)area.slots * html->tally.slot_ns, text));
    }
    fst_out_text(out, "</section>\n");
}

void fst_html_charts(struct fst_out *out, const struct fst_html *html)
{
    fst_out_text(out, "<section aria-labelledby=\"numbers\"><h2 id=\"numbers\">In numbers</h2>\n"
                      "<div class=\"charts\">\n");
    put_endings(out, &html->tally);
    put_handshakes(out, &html->tally);
    put_over_time(out, html);
    fst_out_text(out, "</div></section>\n");
}
