/* SPDX-License-Identifier: MIT
 *
 * The paths of a connection's endpoints as a graph for Graphviz: the states each went through, and
 * for each move its number, the packet that made it and why.
 */
#include "report/ladder_writer.h"

#include "report/wording.h"

static void put_nodes(struct fst_out *out, const struct fst_ladder *ladder, enum fst_side side)
{
    const struct fst_endpoint_view *endpoint = &ladder->view.side[side];

    for (unsigned state = 0; state < FST_STATE_COUNT; state++) {
        bool last = endpoint->state == state;

        if (!fst_ladder_visited(ladder, side, (enum fst_state)state))
            continue;
        fst_out_print(out, "    %s_%u [label=\"%s%s\"%s];\n", fst_side_name(side), state,
                      fst_state_name((enum fst_state)state), last && endpoint->inferred ? " ~" : "",
                      last ? ", style=\"rounded,filled,bold\"" : "");
    }
}

static void put_moves(struct fst_out *out, const struct fst_ladder *ladder, enum fst_side side)
{
    const char *name = fst_side_name(side);
    unsigned number = 0;

    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;

        if (change->side != side)
            continue;
        fst_out_print(out, "    %s_%u -> %s_%u [label=\"  %u: #%llu\\l  %s   \\l\"%s];\n", name,
                      (unsigned)change->from, name, (unsigned)change->to, ++number,
                      (unsigned long long)ladder->changes[i].packet, change->why,
                      change->inferred ? ", style=dashed" : "");
    }
}

static void put_side(struct fst_out *out, const struct fst_ladder *ladder, enum fst_side side)
{
    const struct fst_endpoint_view *endpoint = &ladder->view.side[side];
    char text[FST_ENDPOINT_MAX];

    fst_out_print(out, "  subgraph cluster_%s {\n    label=\"%s %s\";\n", fst_side_name(side),
                  fst_side_name(side), fst_endpoint_text(&endpoint->address, endpoint->port, text));
    put_nodes(out, ladder, side);
    put_moves(out, ladder, side);
    fst_out_text(out, "  }\n");
}

static void finish(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;

    if (!sheet->complete)
        return;
    fst_out_print(writer->out,
                  "digraph connection_%u {\n"
                  "  graph [fontname=\"DejaVu Sans\", margin=24, style=rounded, color=gray60];\n"
                  "  node [fontname=\"DejaVu Sans\", shape=box, style=\"rounded,filled\", "
                  "fillcolor=gray95];\n"
                  "  edge [fontname=\"DejaVu Sans\", fontsize=10];\n",
                  sheet->ladder.view.id);
    put_side(writer->out, &sheet->ladder, FST_CLIENT);
    put_side(writer->out, &sheet->ladder, FST_SERVER);
    fst_out_text(writer->out, "}\n");
}

const struct fst_format fst_explain_dot = FST_LADDER_FORMAT("dot", finish);
