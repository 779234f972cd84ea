/* SPDX-License-Identifier: MIT
 *
 * The counters of a live capture in the text format of Prometheus, for a collector that reads
 * files: no times, nothing for each connection.
 */
#include "report/writer.h"

#include <string.h>

/** Inside a label's value three characters are escaped. */
static void put_label(struct fst_out *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            fst_out_text(out, "\\n");
            continue;
        }
        if (*text == '\\' || *text == '"')
            fst_out_char(out, '\\');
        fst_out_char(out, *text);
    }
}

static void put_head(struct fst_writer *writer, const char *name, const char *type,
                     const char *help)
{
    fst_out_print(writer->out, "# HELP flowstate_%s %s\n# TYPE flowstate_%s %s\n", name, help, name,
                  type);
}

static void put_value(struct fst_writer *writer, const char *name, const char *label,
                      const char *value, uint64_t number)
{
    struct fst_out *out = writer->out;

    fst_out_print(out, "flowstate_%s{interface=\"", name);
    put_label(out, writer->source->path);
    fst_out_char(out, '"');
    if (label)
        fst_out_print(out, ",%s=\"%s\"", label, value);
    fst_out_text(out, "} ");
    fst_out_number(out, number);
    fst_out_char(out, '\n');
}

static void put_counter(struct fst_writer *writer, const char *name, const char *help,
                        uint64_t number)
{
    put_head(writer, name, "counter", help);
    put_value(writer, name, NULL, NULL, number);
}

static void put_drops(struct fst_writer *writer, const struct fst_live_counters *live)
{
    static const char name[] = "packets_dropped_total";

    if (!live || (live->kernel_drop == UINT64_MAX && live->interface_drop == UINT64_MAX))
        return;
    put_head(writer, name, "counter", "Packets lost before flowstate could read them.");
    if (live->kernel_drop != UINT64_MAX)
        put_value(writer, name, "by", "kernel", live->kernel_drop);
    if (live->interface_drop != UINT64_MAX)
        put_value(writer, name, "by", "interface", live->interface_drop);
}

static void put_findings(struct fst_writer *writer, const struct fst_stats *stats)
{
    put_head(writer, "findings_total", "counter", "Findings by class, repeats included.");
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        put_value(writer, "findings_total", "class", fst_class_name((enum fst_class)i),
                  stats->findings[i]);
    put_head(writer, "rule_hits_total", "counter", "Findings by rule, repeats included.");
    for (size_t i = 0; i < fst_rule_count(); i++)
        put_value(writer, "rule_hits_total", "rule", fst_rule_at(i)->slug,
                  fst_analyzer_rule_hits(writer->source->analyzer, i));
}

static void put_states(struct fst_writer *writer, const char *name, const char *help,
                       const uint64_t counts[FST_STATE_COUNT])
{
    put_head(writer, name, "gauge", help);
    for (unsigned i = 0; i < FST_STATE_COUNT; i++)
        put_value(writer, name, "state", fst_state_name((enum fst_state)i), counts[i]);
}

static void put_connections(struct fst_writer *writer)
{
    struct fst_analyzer *analyzer = writer->source->analyzer;
    uint64_t counts[2][FST_STATE_COUNT] = {{0}};
    struct fst_connection_brief brief;
    uint64_t over = 0;

    for (uint32_t id = fst_analyzer_next(analyzer, 1); id != 0;
         id = fst_analyzer_next(analyzer, id + 1)) {
        if (fst_analyzer_brief(analyzer, id, &brief) != 0)
            continue;
        over += brief.over;
        counts[FST_CLIENT][brief.side[FST_CLIENT].state]++;
        counts[FST_SERVER][brief.side[FST_SERVER].state]++;
    }
    put_head(writer, "connections", "gauge", "Connections followed now.");
    put_value(writer, "connections", "over", "no", fst_analyzer_alive(analyzer) - over);
    put_value(writer, "connections", "over", "yes", over);
    put_states(writer, "client_states", "Likely states of the clients now.", counts[FST_CLIENT]);
    put_states(writer, "server_states", "Likely states of the servers now.", counts[FST_SERVER]);
}

static void finish(struct fst_writer *writer)
{
    const struct fst_source *source = writer->source;
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);

    put_head(writer, "info", "gauge", "The version of flowstate.");
    put_value(writer, "info", "version", fst_version(), 1);
    put_counter(writer, "packets_total", "Packets read.", stats->packets);
    put_drops(writer, source->live);
    put_counter(writer, "tcp_segments_total", "TCP segments among them.", stats->tcp_segments);
    put_counter(writer, "connections_total", "Connections seen.", stats->connections);
    put_counter(writer, "connections_evicted_total",
                "Connections given up because --max-flows was reached.", stats->evicted);
    put_counter(writer, "connections_expired_total", "Connections that left by their age.",
                stats->expired);
    put_connections(writer);
    put_findings(writer, stats);
}

const struct fst_format fst_live_prom = {
    .name = "prom",
    .replaces = true,
    .finish = finish,
};
