/* SPDX-License-Identifier: MIT
 *
 * What a format has to offer to be printed from a run over a capture: one file a format, listed in
 * writers.def. A writer sees what the public library shows and nothing else; it prints as it goes,
 * so that memory does not grow with the capture.
 */
#ifndef FST_REPORT_WRITER_H
#define FST_REPORT_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "flowstate/flowstate.h"
#include "report/out.h"

/** What the user asked of the output. */
struct fst_style {
    bool terminal; /* a person looks at it right now */
    bool color;
    bool utf8; /* else plain ASCII */
    bool all;  /* every row, also on a terminal */
    bool quiet;
    bool verbose;
    bool absolute; /* sequence numbers as on the wire */
    bool packets;  /* nothing folded: each segment by itself */
    uint16_t community_id_seed;
    uint32_t connection;     /* the one that is asked for, 0 if there is only one */
    unsigned columns, lines; /* of the terminal, 0 if unknown */
};

/** Whether a connection is asked for: the one, or any. */
static inline bool fst_style_wants(const struct fst_style *style, uint32_t connection)
{
    return style->connection == 0 || style->connection == connection;
}

/** What a live capture counts; UINT64_MAX where the system cannot tell. */
struct fst_live_counters {
    uint64_t kernel_drop, interface_drop;
};

/** What a writer may look at while it prints. */
struct fst_source {
    const char *path;
    const char *filter;    /* NULL if there is none */
    const char *where;     /* only connections for which it holds are handed over; NULL: all are */
    const uint64_t *found; /* findings of those by class, repeats included */
    const struct fst_capture *capture;
    struct fst_analyzer *analyzer;
    bool read_to_end; /* the last packet has been fed: the counters of packets are final */
    bool stopped;     /* the user wanted no more packets (-c, or an interrupt) */
    bool damaged;     /* a fault ended the reading */
    const struct fst_live_counters *live; /* NULL: it is no live capture */
};

/** What a live writer is told of a connection. */
enum fst_flow_event { FST_FLOW_START, FST_FLOW_UPDATE, FST_FLOW_END };

struct fst_check_report;

struct fst_writer {
    const struct fst_format *format;
    struct fst_out *out;
    const char *path; /* where `out` goes; NULL is standard output */
    struct fst_style style;
    const struct fst_source *source;
    void *state; /* state_size zeroed octets of the format's own */
    int error;   /* FST_ENOMEM once memory was short: what follows is incomplete */
};

/** A format. Any callback may be NULL. */
struct fst_format {
    const char *name;
    size_t state_size;
    bool path_packets; /* shows which packet made each step of a path */
    bool no_paths;     /* shows neither paths nor history, unless verbose */
    bool lines;        /* each line is a record of its own, of use before the file is finished */
    bool replaces;     /* of `live`: its file is written anew now and then, by `finish` alone */
    void (*begin)(struct fst_writer *writer);
    void (*segment)(struct fst_writer *writer, const struct fst_segment_event *event);
    void (*finding)(struct fst_writer *writer, const struct fst_finding *finding);
    /* Told of a connection before `ended` is: whether that is to see it. NULL: it sees all. */
    bool (*wants)(struct fst_writer *writer, uint32_t id, const struct fst_outcome *outcome);
    void (*ended)(struct fst_writer *writer, const struct fst_connection_view *view);
    void (*finish)(struct fst_writer *writer); /* all is known now */
    /* Of `live` instead of segment, finding and ended: connections as they begin, change and leave,
       each record with a higher number than the one before, and what was found, once its connection
       was told of. A format without them is told of ends by `ended`. */
    void (*flow)(struct fst_writer *writer, enum fst_flow_event event,
                 const struct fst_connection_view *view, uint32_t seq);
    void (*flow_finding)(struct fst_writer *writer, const struct fst_connection_view *view,
                         const struct fst_finding *finding);
    /* Of `check` and `diff` instead of the above: all that came of it (check_writer.h). */
    void (*check)(struct fst_writer *writer, const struct fst_check_report *report);
    void (*release)(struct fst_writer *writer); /* memory, also when finish was never called */
};

/** The format of that name for a command ("flows", "trace"), or NULL. */
const struct fst_format *fst_format_find(const char *command, const char *name);
/** Names of a command's formats, by index from 0; NULL past the last. */
const char *fst_format_name_at(const char *command, size_t index);

#define WRITER(command, name, format) extern const struct fst_format format;
#include "report/writers.def"
#undef WRITER

#endif
