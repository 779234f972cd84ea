/* SPDX-License-Identifier: MIT
 *
 * The state diagram as a picture. Boxes and arrows are tables: to move one, change its row.
 */
#include "report/state_diagram.h"

#include <stddef.h>
#include <stdio.h>

#include "flowstate/flowstate.h"
#include "report/ladder_writer.h"
#include "report/wording.h"

#define WIDTH       1040
#define HEIGHT      900
#define BOX_WIDTH   170
#define BOX_HEIGHT  48
#define STEPS_SHOWN 3
#define LEFT_X      180
#define RIGHT_X     860
#define WAY_MAX     64

/* Middle of each box. CLOSED is drawn twice, so that the arrows need not go round. */
static const struct {
    enum fst_state state;
    int x, y;
} boxes[] = {
    {FST_CLOSED, 520, 90},        {FST_LISTEN, 180, 210},      {FST_SYN_SENT, 860, 210},
    {FST_SYN_RECEIVED, 180, 350}, {FST_ESTABLISHED, 860, 350}, {FST_FIN_WAIT_1, 180, 520},
    {FST_CLOSE_WAIT, 860, 520},   {FST_FIN_WAIT_2, 180, 660},  {FST_CLOSING, 520, 660},
    {FST_LAST_ACK, 860, 660},     {FST_TIME_WAIT, 520, 800},   {FST_CLOSED, 860, 800},
};

/* Whose usual life takes the arrow; also its class. */
enum path { RARE, CLIENT, SERVER };

static const char *const path_class[] = {"rare", "client", "server"};

/* An arrow: its way, where its label stands ('s' to the right of the point, 'i' the same on one
 * line, 'm' centred, 'e' to the left), what happens, and what is sent then. */
static const struct {
    enum path path;
    enum fst_state from, to;
    const char *way;
    int x, y;
    char anchor;
    const char *event, *action;
} arrows[] = {
    {SERVER, FST_CLOSED, FST_LISTEN, "M435 82 H180 V184", 190, 74, 's', "passive OPEN", NULL},
    {RARE, FST_LISTEN, FST_CLOSED, "M235 186 V140 H480 V116", 300, 132, 's', "CLOSE", NULL},
    {CLIENT, FST_CLOSED, FST_SYN_SENT, "M605 82 H860 V184", 850, 74, 'e', "active OPEN",
     "send SYN"},
    {RARE, FST_SYN_SENT, FST_CLOSED, "M805 186 V140 H560 V116", 740, 132, 'e', "CLOSE", NULL},
    {RARE, FST_LISTEN, FST_SYN_SENT, "M265 204 H773", 520, 196, 'm', "SEND", "send SYN"},
    {SERVER, FST_LISTEN, FST_SYN_RECEIVED, "M180 234 V324", 190, 274, 's', "receive SYN",
     "send SYN, ACK"},
    {RARE, FST_SYN_RECEIVED, FST_LISTEN, "M125 326 V236", 115, 284, 'e', "receive RST", NULL},
    {RARE, FST_SYN_SENT, FST_SYN_RECEIVED, "M805 234 V270 H520 V340 H267", 530, 292, 's',
     "receive SYN (both open)", "send SYN, ACK"},
    {CLIENT, FST_SYN_SENT, FST_ESTABLISHED, "M860 234 V324", 870, 274, 's', "receive SYN, ACK",
     "send ACK"},
    {SERVER, FST_SYN_RECEIVED, FST_ESTABLISHED, "M265 362 H773", 520, 380, 'm',
     "receive ACK of SYN", NULL},
    {RARE, FST_SYN_RECEIVED, FST_FIN_WAIT_1, "M180 374 V494", 190, 424, 's', "CLOSE", "send FIN"},
    {CLIENT, FST_ESTABLISHED, FST_FIN_WAIT_1, "M805 374 V430 H520 V510 H267", 530, 422, 'i',
     "CLOSE", "send FIN"},
    {SERVER, FST_ESTABLISHED, FST_CLOSE_WAIT, "M860 374 V494", 870, 424, 's', "receive FIN",
     "send ACK"},
    {RARE, FST_FIN_WAIT_1, FST_CLOSING, "M265 532 H520 V634", 530, 564, 's', "receive FIN",
     "send ACK (both close)"},
    {CLIENT, FST_FIN_WAIT_1, FST_FIN_WAIT_2, "M140 544 V634", 150, 594, 's', "receive ACK of FIN",
     NULL},
    {RARE, FST_FIN_WAIT_1, FST_TIME_WAIT, "M250 544 V570 H330 V790 H433", 340, 722, 's',
     "receive FIN, ACK of FIN", "send ACK"},
    {CLIENT, FST_FIN_WAIT_2, FST_TIME_WAIT, "M140 684 V812 H433", 150, 724, 's', "receive FIN",
     "send ACK"},
    {RARE, FST_CLOSING, FST_TIME_WAIT, "M520 684 V774", 530, 744, 's', "receive ACK of FIN", NULL},
    {SERVER, FST_CLOSE_WAIT, FST_LAST_ACK, "M860 544 V634", 870, 584, 's', "CLOSE", "send FIN"},
    {SERVER, FST_LAST_ACK, FST_CLOSED, "M860 684 V774", 870, 734, 's', "receive ACK of FIN", NULL},
    {CLIENT, FST_TIME_WAIT, FST_CLOSED, "M605 800 H773", 689, 792, 'm', "2 MSL pass", NULL},
};

#define BOXES  (sizeof(boxes) / sizeof(boxes[0]))
#define ARROWS (sizeof(arrows) / sizeof(arrows[0]))

static const char style[] =
    "<style>\n"
    "text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;font-size:14px;fill:#1f2933}\n"
    ".paper{fill:#ffffff}\n"
    ".name{font-size:16px;font-weight:bold;text-anchor:middle}\n"
    ".title{font-size:20px;font-weight:bold}\n"
    ".event{paint-order:stroke;stroke:#ffffff;stroke-width:4px;stroke-linejoin:round}\n"
    ".action{fill:#52606d}\n"
    ".m{text-anchor:middle}.e{text-anchor:end}\n"
    "rect.box{stroke-width:2}rect.marked{stroke-width:5}\n"
    ".rest{fill:#eef1f4;stroke:#7b8794}.opening{fill:#e3f0fb;stroke:#2b6cb0}\n"
    ".data{fill:#e3f6e8;stroke:#2f855a}.closing{fill:#fdf0dc;stroke:#b7791f}\n"
    "path.way{fill:none;stroke-linejoin:round}\n"
    ".client{stroke:#1a4f8b;stroke-width:3}\n"
    ".server{stroke:#276749;stroke-width:2.5;stroke-dasharray:9 5}\n"
    ".rare{stroke:#7b8794;stroke-width:1.5}\n"
    ".unused{opacity:.35}.took{stroke-width:5}.took.server{stroke-width:3.5}\n"
    ".badge{font-size:12px;font-weight:bold;fill:#ffffff}.disc{stroke:none}\n"
    ".disc.client{fill:#1a4f8b}.disc.server{fill:#276749}\n"
    "</style>\n";

static const char *const markers[][2] = {
    {"client", "#1a4f8b"}, {"server", "#276749"}, {"rare", "#7b8794"}};

static void put_markers(struct fst_out *out)
{
    fst_out_text(out, "<defs>\n");
    for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++)
        fst_out_print(out,
                      "<marker id=\"to-%s\" viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" "
                      "markerUnits=\"userSpaceOnUse\" markerWidth=\"13\" markerHeight=\"13\" "
                      "orient=\"auto\"><path d=\"M0 0 L10 5 L0 10 z\" fill=\"%s\"/></marker>\n",
                      markers[i][0], markers[i][1]);
    fst_out_text(out, "</defs>\n");
}

static const char *anchor_class(char anchor)
{
    return anchor == 'm' ? " m" : anchor == 'e' ? " e" : "";
}

static void put_way(struct fst_out *out, const char *class_, const char *color, const char *way)
{
    fst_out_print(out, "<path class=\"way %s\" d=\"%s\" marker-end=\"url(#to-%s)\"/>\n", class_,
                  way, color);
}

static void put_event(struct fst_out *out, size_t i)
{
    const char *anchor = anchor_class(arrows[i].anchor);

    fst_out_print(out, "<text class=\"event%s\" x=\"%d\" y=\"%d\">%s", anchor, arrows[i].x,
                  arrows[i].y, arrows[i].event);
    if (arrows[i].action && arrows[i].anchor == 's')
        fst_out_print(out, "<tspan class=\"action\" x=\"%d\" dy=\"18\">%s</tspan>", arrows[i].x,
                      arrows[i].action);
    else if (arrows[i].action)
        fst_out_print(out, "<tspan class=\"action\">, %s</tspan>", arrows[i].action);
    fst_out_text(out, "</text>\n");
}

static void put_box(struct fst_out *out, size_t i, enum fst_state marked)
{
    fst_out_print(
        out, "<rect class=\"box %s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
        fst_phase_name(boxes[i].state), boxes[i].state == marked ? " marked" : "",
        boxes[i].x - BOX_WIDTH / 2, boxes[i].y - BOX_HEIGHT / 2, BOX_WIDTH, BOX_HEIGHT);
    fst_out_print(out, "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n", boxes[i].x,
                  boxes[i].y + 6, fst_state_name(boxes[i].state));
}

/** What stands in front of all ways. */
static void put_front(struct fst_out *out, enum fst_state marked)
{
    for (size_t i = 0; i < ARROWS; i++)
        put_event(out, i);
    for (size_t i = 0; i < BOXES; i++)
        put_box(out, i, marked);
}

static void put_legend(struct fst_out *out)
{
    fst_out_text(out, "<text class=\"title\" x=\"40\" y=\"40\">TCP connection states, "
                      "RFC 9293</text>\n"
                      "<path class=\"way client\" d=\"M40 870 H100\"/>"
                      "<text x=\"110\" y=\"875\">usual life of a client that closes first</text>\n"
                      "<path class=\"way server\" d=\"M440 870 H500\"/>"
                      "<text x=\"510\" y=\"875\">usual life of its server</text>\n"
                      "<path class=\"way rare\" d=\"M730 870 H790\"/>"
                      "<text x=\"800\" y=\"875\">other moves</text>\n");
}

static void begin_document(struct fst_out *out)
{
    fst_out_print(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" role=\"img\" aria-label=\"TCP connection state diagram\">\n",
                  WIDTH, HEIGHT, WIDTH, HEIGHT);
    fst_out_text(out, style);
    put_markers(out);
    fst_out_print(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT);
}

void fst_state_diagram_svg(struct fst_out *out, enum fst_state marked)
{
    begin_document(out);
    for (size_t i = 0; i < ARROWS; i++)
        put_way(out, path_class[arrows[i].path], path_class[arrows[i].path], arrows[i].way);
    put_front(out, marked);
    put_legend(out);
    fst_out_text(out, "</svg>\n");
}

/* ------------------------------------------------------------------ the ways two endpoints took */

/** Whether the side made the move that the arrow stands for. */
static bool has_taken(const struct fst_ladder *ladder, unsigned side, size_t arrow)
{
    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;

        if (change->side == side && change->from == arrows[arrow].from &&
            change->to == arrows[arrow].to)
            return true;
    }
    return false;
}

static bool has_arrow(const struct fst_change *change)
{
    for (size_t i = 0; i < ARROWS; i++)
        if (arrows[i].from == change->from && arrows[i].to == change->to)
            return true;
    return false;
}

/** The box of a state; of the two for CLOSED the upper one is where a life begins. */
static size_t box_of(enum fst_state state, bool first)
{
    size_t box = 0;

    for (size_t i = 0; i < BOXES; i++)
        if (boxes[i].state == state && (i == 0 || !(first && boxes[box].state == state)))
            box = i;
    return box;
}

/** The way of a move that the figure of the RFC has no arrow for, as after a reset: round the
 *  outside where both boxes are at the same side or it ends in the lower CLOSED, else straight. */
static void other_way(size_t from, size_t to, unsigned side, char way[WAY_MAX])
{
    int out = 10 * (int)side; /* keeps the lines of both sides apart */

    if (boxes[from].x == RIGHT_X && boxes[to].x == RIGHT_X)
        snprintf(way, WAY_MAX, "M%d %dH%dV%dH%d", RIGHT_X + BOX_WIDTH / 2, boxes[from].y - out,
                 WIDTH - 14 - out, boxes[to].y - out, RIGHT_X + BOX_WIDTH / 2 + 2);
    else if (boxes[from].x == LEFT_X && boxes[to].state == FST_CLOSED)
        snprintf(way, WAY_MAX, "M%d %dH%dV%dH%dV%d", LEFT_X - BOX_WIDTH / 2, boxes[from].y - out,
                 14 + out, boxes[to].y + 50 - out, boxes[to].x - out,
                 boxes[to].y + BOX_HEIGHT / 2 + 2);
    else
        snprintf(way, WAY_MAX, "M%d %dL%d %d", boxes[from].x, boxes[from].y, boxes[to].x,
                 boxes[to].y);
}

static void put_other_moves(struct fst_out *out, const struct fst_ladder *ladder)
{
    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;
        size_t from = box_of(change->from, true), to = box_of(change->to, false);
        char way[WAY_MAX], class_[16];

        if (has_arrow(change) || from == to)
            continue;
        other_way(from, to, change->side, way);
        snprintf(class_, sizeof(class_), "took %s", fst_side_name(change->side));
        put_way(out, class_, fst_side_name(change->side), way);
    }
}

/** Number the step beside its box: the client's on the left, the server's on the right. */
static void put_step(struct fst_out *out, size_t box, unsigned side, unsigned step, unsigned before)
{
    int inset = 14 + 26 * (int)before;
    int x = boxes[box].x + (side == FST_CLIENT ? inset - BOX_WIDTH / 2 : BOX_WIDTH / 2 - inset);
    int y = boxes[box].y - BOX_HEIGHT / 2;

    fst_out_print(out,
                  "<circle class=\"disc %s\" cx=\"%d\" cy=\"%d\" r=\"11\"/>"
                  "<text class=\"badge m\" x=\"%d\" y=\"%d\">%u</text>\n",
                  fst_side_name(side), x, y, x, y + 4, step);
}

static void put_steps(struct fst_out *out, const struct fst_ladder *ladder, unsigned side)
{
    unsigned before[BOXES] = {0}, step = 1;
    bool started = false;

    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;
        bool back = change->from == FST_LISTEN || change->from == FST_SYN_SENT;
        size_t from = box_of(change->from, true), to = box_of(change->to, back);

        if (change->side != side)
            continue;
        if (!started)
            put_step(out, from, side, step++, before[from]++);
        started = true;
        if (before[to] < STEPS_SHOWN) /* more would not fit on the box */
            put_step(out, to, side, step, before[to]++);
        step++;
    }
}

static void put_path_legend(struct fst_out *out, const struct fst_ladder *ladder)
{
    char end[FST_ENDPOINT_MAX];

    fst_out_print(out, "<text class=\"title\" x=\"40\" y=\"40\">Paths of connection %u</text>\n",
                  ladder->view.id);
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &ladder->view.side[side];
        int x = side == FST_CLIENT ? 40 : 540;

        fst_out_print(out,
                      "<path class=\"way took %s\" d=\"M%d 870 H%d\"/>"
                      "<text x=\"%d\" y=\"875\">%s %s</text>\n",
                      fst_side_name(side), x, x + 60, x + 70, fst_side_name(side),
                      fst_endpoint_text(&endpoint->address, endpoint->port, end));
    }
}

void fst_state_diagram_path_svg(struct fst_out *out, const struct fst_ladder *ladder)
{
    begin_document(out);
    for (size_t i = 0; i < ARROWS; i++) {
        bool client = has_taken(ladder, FST_CLIENT, i), server = has_taken(ladder, FST_SERVER, i);

        if (client)
            put_way(out, "took client", "client", arrows[i].way);
        if (server)
            put_way(out, "took server", "server", arrows[i].way);
        if (!client && !server)
            put_way(out, "rare unused", "rare", arrows[i].way);
    }
    put_other_moves(out, ladder);
    put_front(out, FST_STATE_COUNT);
    put_steps(out, ladder, FST_CLIENT);
    put_steps(out, ladder, FST_SERVER);
    put_path_legend(out, ladder);
    fst_out_text(out, "</svg>\n");
}

/* --------------------------------------------------------- for a page that has many such figures
 */

void fst_state_diagram_shared(struct fst_out *out)
{
    put_markers(out);
    fst_out_text(out, "<defs>\n");
    for (size_t i = 0; i < ARROWS; i++)
        fst_out_print(out, "<path id=\"w%zu\" d=\"%s\"/>\n", i, arrows[i].way);
    fst_out_text(out, "<g id=\"fsm\" class=\"fsm\">\n");
    for (size_t i = 0; i < ARROWS; i++)
        fst_out_print(out, "<use class=\"way rare\" href=\"#w%zu\"/>", i);
    fst_out_text(out, "</g>\n<g id=\"fsm-front\" class=\"fsm\">\n");
    put_front(out, FST_STATE_COUNT);
    fst_out_text(out, "</g>\n</defs>\n");
}

static void put_ways_taken(struct fst_out *out, const struct fst_ladder *ladder)
{
    for (size_t i = 0; i < ARROWS; i++)
        for (unsigned side = 0; side < 2; side++)
            if (has_taken(ladder, side, i))
                fst_out_print(out, "<use class=\"way took %s\" href=\"#w%zu\"/>\n",
                              fst_side_name(side), i);
}

void fst_state_diagram_path_figure(struct fst_out *out, const struct fst_ladder *ladder)
{
    fst_out_print(out,
                  "<svg class=\"fsm\" viewBox=\"0 40 %d %d\" role=\"img\" aria-label=\"State "
                  "diagram with the paths of client and server\"><use href=\"#fsm\"/>\n",
                  WIDTH, HEIGHT - 60);
    put_ways_taken(out, ladder);
    put_other_moves(out, ladder);
    fst_out_text(out, "<use href=\"#fsm-front\"/>\n");
    put_steps(out, ladder, FST_CLIENT);
    put_steps(out, ladder, FST_SERVER);
    fst_out_text(out, "</svg>");
}

static void finish(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;

    if (sheet->complete)
        fst_state_diagram_path_svg(writer->out, &sheet->ladder);
}

const struct fst_format fst_explain_svg_path = FST_LADDER_FORMAT("svg-path", finish);
