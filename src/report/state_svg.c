/* SPDX-License-Identifier: MIT
 *
 * The state diagram as a picture. Boxes and arrows are tables: to move one, change its row.
 */
#include "report/state_diagram.h"

#include <stddef.h>

#include "flowstate/flowstate.h"

#define WIDTH      1040
#define HEIGHT     900
#define BOX_WIDTH  170
#define BOX_HEIGHT 48

/* Which phase of a connection's life a state belongs to; also its class in the style sheet. */
enum phase { REST, OPENING, DATA, CLOSING };

static const char *const phase_class[] = {"rest", "opening", "data", "closing"};

/* Middle of each box. CLOSED is drawn twice, so that the arrows need not go round. */
static const struct {
    enum fst_state state;
    int x, y;
    enum phase phase;
} boxes[] = {
    {FST_CLOSED, 520, 90, REST},         {FST_LISTEN, 180, 210, OPENING},
    {FST_SYN_SENT, 860, 210, OPENING},   {FST_SYN_RECEIVED, 180, 350, OPENING},
    {FST_ESTABLISHED, 860, 350, DATA},   {FST_FIN_WAIT_1, 180, 520, CLOSING},
    {FST_CLOSE_WAIT, 860, 520, CLOSING}, {FST_FIN_WAIT_2, 180, 660, CLOSING},
    {FST_CLOSING, 520, 660, CLOSING},    {FST_LAST_ACK, 860, 660, CLOSING},
    {FST_TIME_WAIT, 520, 800, CLOSING},  {FST_CLOSED, 860, 800, REST},
};

/* Whose usual life takes the arrow; also its class. */
enum path { RARE, CLIENT, SERVER };

static const char *const path_class[] = {"rare", "client", "server"};

/* An arrow: its way, where its label stands ('s' to the right of the point, 'i' the same on one
 * line, 'm' centred, 'e' to the left), what happens, and what is sent then. */
static const struct {
    enum path path;
    const char *way;
    int x, y;
    char anchor;
    const char *event, *action;
} arrows[] = {
    {SERVER, "M435 82 H180 V184", 190, 74, 's', "passive OPEN", NULL},
    {RARE, "M235 186 V140 H480 V116", 300, 132, 's', "CLOSE", NULL},
    {CLIENT, "M605 82 H860 V184", 850, 74, 'e', "active OPEN", "send SYN"},
    {RARE, "M805 186 V140 H560 V116", 740, 132, 'e', "CLOSE", NULL},
    {RARE, "M265 204 H773", 520, 196, 'm', "SEND", "send SYN"},
    {SERVER, "M180 234 V324", 190, 274, 's', "receive SYN", "send SYN, ACK"},
    {RARE, "M125 326 V236", 115, 284, 'e', "receive RST", NULL},
    {RARE, "M805 234 V270 H520 V340 H267", 530, 292, 's', "receive SYN (both open)",
     "send SYN, ACK"},
    {CLIENT, "M860 234 V324", 870, 274, 's', "receive SYN, ACK", "send ACK"},
    {SERVER, "M265 362 H773", 520, 380, 'm', "receive ACK of SYN", NULL},
    {RARE, "M180 374 V494", 190, 424, 's', "CLOSE", "send FIN"},
    {CLIENT, "M805 374 V430 H520 V510 H267", 530, 422, 'i', "CLOSE", "send FIN"},
    {SERVER, "M860 374 V494", 870, 424, 's', "receive FIN", "send ACK"},
    {RARE, "M265 532 H520 V634", 530, 564, 's', "receive FIN", "send ACK (both close)"},
    {CLIENT, "M140 544 V634", 150, 594, 's', "receive ACK of FIN", NULL},
    {RARE, "M250 544 V570 H330 V790 H433", 340, 722, 's', "receive FIN, ACK of FIN", "send ACK"},
    {CLIENT, "M140 684 V812 H433", 150, 724, 's', "receive FIN", "send ACK"},
    {RARE, "M520 684 V774", 530, 744, 's', "receive ACK of FIN", NULL},
    {SERVER, "M860 544 V634", 870, 584, 's', "CLOSE", "send FIN"},
    {SERVER, "M860 684 V774", 870, 734, 's', "receive ACK of FIN", NULL},
    {CLIENT, "M605 800 H773", 689, 792, 'm', "2 MSL pass", NULL},
};

static const char style[] =
    "<style>\n"
    "text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;font-size:14px;fill:#1f2933}\n"
    ".paper{fill:#ffffff}\n"
    ".name{font-size:16px;font-weight:bold;text-anchor:middle}\n"
    ".title{font-size:20px;font-weight:bold}\n"
    ".action{fill:#52606d}\n"
    ".m{text-anchor:middle}.e{text-anchor:end}\n"
    "rect.box{stroke-width:2}rect.marked{stroke-width:5}\n"
    ".rest{fill:#eef1f4;stroke:#7b8794}.opening{fill:#e3f0fb;stroke:#2b6cb0}\n"
    ".data{fill:#e3f6e8;stroke:#2f855a}.closing{fill:#fdf0dc;stroke:#b7791f}\n"
    "path.way{fill:none;stroke-linejoin:round}\n"
    ".client{stroke:#1a4f8b;stroke-width:3}\n"
    ".server{stroke:#276749;stroke-width:2.5;stroke-dasharray:9 5}\n"
    ".rare{stroke:#7b8794;stroke-width:1.5}\n"
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

static void put_arrow(struct fst_out *out, size_t i)
{
    const char *path = path_class[arrows[i].path];
    const char *anchor = anchor_class(arrows[i].anchor);

    fst_out_print(out, "<path class=\"way %s\" d=\"%s\" marker-end=\"url(#to-%s)\"/>\n", path,
                  arrows[i].way, path);
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
        phase_class[boxes[i].phase], boxes[i].state == marked ? " marked" : "",
        boxes[i].x - BOX_WIDTH / 2, boxes[i].y - BOX_HEIGHT / 2, BOX_WIDTH, BOX_HEIGHT);
    fst_out_print(out, "<text class=\"name\" x=\"%d\" y=\"%d\">%s</text>\n", boxes[i].x,
                  boxes[i].y + 6, fst_state_name(boxes[i].state));
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

void fst_state_diagram_svg(struct fst_out *out, enum fst_state marked)
{
    fst_out_print(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" role=\"img\" aria-label=\"TCP connection state diagram\">\n",
                  WIDTH, HEIGHT, WIDTH, HEIGHT);
    fst_out_text(out, style);
    put_markers(out);
    fst_out_print(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, HEIGHT);
    for (size_t i = 0; i < sizeof(arrows) / sizeof(arrows[0]); i++)
        put_arrow(out, i);
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++)
        put_box(out, i, marked);
    put_legend(out);
    fst_out_text(out, "</svg>\n");
}
