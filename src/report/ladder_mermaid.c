/* SPDX-License-Identifier: MIT
 *
 * The ladder as a Mermaid sequence diagram and the paths as a Mermaid state diagram: both are drawn
 * by many wikis and forges from a code block in their pages.
 */
#include "report/ladder_writer.h"

#include "report/detail.h"
#include "report/ladder_words.h"
#include "report/wording.h"

/** Text of a label: what Mermaid takes for its own grammar is written as a number. */
static void put_text(struct fst_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '#' || *text == ';' || *text == '<' || *text == '>')
            fst_out_print(out, "#%d;", *text);
        else
            fst_out_char(out, *text);
    }
}

/* ------------------------------------------------------------------------- sequence diagram -- */

static void put_participant(struct fst_out *out, const struct fst_ladder *ladder, unsigned side)
{
    const struct fst_endpoint_view *endpoint = &ladder->view.side[side];
    char text[FST_ENDPOINT_MAX];

    fst_out_print(out, "  participant %s as %s %s\n", fst_side_name(side), fst_side_name(side),
                  fst_endpoint_text(&endpoint->address, endpoint->port, text));
}

static void put_arrow(struct fst_out *out, const struct fst_ladder_row *row)
{
    struct fst_ladder_words words;
    char packets[FST_LADDER_LINE_MAX];
    const char *arrow = row->flags & FST_TCP_RST ? "-x" : "->>";

    fst_ladder_words(row, &words);
    fst_out_print(out, "  %s%s%s: ", fst_side_name(row->from), arrow, fst_side_name(!row->from));
    for (size_t i = 0; i < words.count; i++) {
        put_text(out, i > 0 ? ", " : "");
        put_text(out, words.part[i]);
    }
    put_text(out, " (");
    put_text(out, fst_ladder_packets_text(row, "-", packets));
    put_text(out, ")\n");
}

static void put_states(struct fst_out *out, const struct fst_ladder_row *row)
{
    for (unsigned side = 0; side < 2; side++)
        if (row->lane[side].news)
            fst_out_print(out, "  Note %s of %s: %s%s\n", side == FST_CLIENT ? "left" : "right",
                          fst_side_name(side), fst_state_name(row->lane[side].state),
                          row->lane[side].inferred ? " ~" : "");
}

static void put_row(struct fst_out *out, const struct fst_ladder *ladder, size_t index)
{
    const struct fst_ladder_row *row = &ladder->rows[index];
    char text[1024];

    if (row->kind == FST_LADDER_GAP || row->kind == FST_LADDER_END)
        fst_out_print(out, "  Note over client,server: %s\n",
                      fst_ladder_pause_text(ladder, index, text));
    else if (row->kind != FST_LADDER_START)
        put_arrow(out, row);
    put_states(out, row);
    for (size_t i = 0; i < row->finding_count; i++) {
        fst_finding_line(&ladder->findings[row->finding_first + i], text, sizeof(text));
        fst_out_text(out, "  Note over client,server: ");
        put_text(out, text);
        fst_out_char(out, '\n');
    }
}

static void finish_sequence(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;

    if (!sheet->complete)
        return;
    fst_out_text(writer->out, "sequenceDiagram\n");
    put_participant(writer->out, &sheet->ladder, FST_CLIENT);
    put_participant(writer->out, &sheet->ladder, FST_SERVER);
    for (size_t i = 0; i < sheet->ladder.row_count; i++)
        put_row(writer->out, &sheet->ladder, i);
}

/* ---------------------------------------------------------------------------- state diagram -- */

/** The name of a state's node: Mermaid takes a '-' for an arrow. */
static void put_node(struct fst_out *out, unsigned side, enum fst_state state)
{
    fst_out_print(out, "%s_%u", fst_side_name(side), (unsigned)state);
}

static void put_path(struct fst_out *out, const struct fst_ladder *ladder, enum fst_side side)
{
    const struct fst_endpoint_view *endpoint = &ladder->view.side[side];
    char text[FST_ENDPOINT_MAX];

    fst_out_print(out, "  state \"%s %s\" as %s {\n", fst_side_name(side),
                  fst_endpoint_text(&endpoint->address, endpoint->port, text), fst_side_name(side));
    for (unsigned state = 0; state < FST_STATE_COUNT; state++) {
        if (!fst_ladder_visited(ladder, side, (enum fst_state)state))
            continue;
        fst_out_print(out, "    state \"%s\" as ", fst_state_name((enum fst_state)state));
        put_node(out, side, (enum fst_state)state);
        fst_out_char(out, '\n');
    }
    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;

        if (change->side != side)
            continue;
        fst_out_text(out, "    ");
        put_node(out, side, change->from);
        fst_out_text(out, " --> ");
        put_node(out, side, change->to);
        fst_out_print(out, ": %llu %s\n", (unsigned long long)ladder->changes[i].packet,
                      change->why);
    }
    fst_out_text(out, "  }\n");
}

static void finish_path(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;

    if (!sheet->complete)
        return;
    fst_out_text(writer->out, "stateDiagram-v2\n");
    put_path(writer->out, &sheet->ladder, FST_CLIENT);
    put_path(writer->out, &sheet->ladder, FST_SERVER);
}

const struct fst_format fst_explain_mermaid = FST_LADDER_FORMAT("mermaid", finish_sequence);
const struct fst_format fst_explain_mermaid_path = FST_LADDER_FORMAT("mermaid-path", finish_path);
