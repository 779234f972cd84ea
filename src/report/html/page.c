/* SPDX-License-Identifier: MIT
 *
 * The HTML report: one file that needs nothing else, from disk as from a web server. Its policy
 * lets it load nothing and run no script but the one whose digest it names.
 */
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/sha256.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/html/parts.h"
#include "report/state_diagram.h"

/* About how many octets of unfolding detail the page may have. */
#define DETAIL_BUDGET 1650000

/* page.css and page.js beside this file, each with a NUL at its end. */
extern const char fst_html_style[];
extern const char fst_html_script[];

/* ------------------------------------------------------------------------------------ collecting
 * -- */

static void begin(struct fst_writer *writer)
{
    struct fst_html *html = writer->state;

    fst_book_open(&html->book);
}

static void take_segment(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct fst_html *html = writer->state;

    fst_tally_segment(&html->tally, event);
    fst_book_segment(&html->book, writer->source->analyzer, event);
}

static void take_finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    struct fst_html *html = writer->state;

    fst_book_finding(&html->book, finding);
}

static void take_ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_html *html = writer->state;

    html->end_ns = fst_analyzer_stats(writer->source->analyzer)->ts_last;
    fst_tally_ended(&html->tally, view);
    fst_view_counts_add(&html->views, view->coverage);
    fst_book_ended(&html->book, view, html->end_ns);
}

/* ----------------------------------------------------------------------------------------- head --
 */

static void put_base64(struct fst_out *out, const uint8_t *octets, size_t len)
{
    char four[4];

    for (size_t i = 0; i < len; i += 3) {
        fst_base64_four(octets + i, len - i, four);
        fst_out_bytes(out, four, sizeof(four));
    }
}

static void put_policy(struct fst_out *out)
{
    uint8_t digest[FST_SHA256_SIZE];

    fst_sha256((const uint8_t *)fst_html_script, strlen(fst_html_script), digest);
    fst_out_text(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'; script-src 'sha256-");
    put_base64(out, digest, sizeof(digest));
    fst_out_text(out, "'; base-uri 'none'; form-action 'none'\"/>\n");
}

/** The name of the input, fit to be shown. */
static const char *name_of(const struct fst_source *source, char text[1024])
{
    fst_escape_text(source->path, text, 1024);
    return strcmp(text, "-") == 0 ? "standard input" : text;
}

static void put_head(struct fst_out *out, const struct fst_source *source)
{
    char name[1024];

    fst_out_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    put_policy(out);
    fst_out_text(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
                      "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>");
    fst_out_markup(out, name_of(source, name));
    fst_out_text(out, " - flowstate report</title>\n<style>\n");
    fst_out_text(out, fst_html_style);
    fst_out_text(out, "</style>\n</head>\n");
}

/* ----------------------------------------------------------------------------------------- body --
 */

static void put_item(void *context, const char *text)
{
    struct fst_out *out = context;

    fst_out_text(out, "<li>");
    fst_out_markup(out, text);
    fst_out_text(out, "</li>");
}

static void put_facts(struct fst_out *out, const struct fst_source *source,
                      const struct fst_html *html)
{
    const struct fst_capture_info *info = fst_capture_info(source->capture);
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);
    char text[FST_FORMAT_MAX], clock[FST_FORMAT_MAX];

    fst_out_print(out, "<ul class=\"facts\"><li>%s</li>",
                  fst_format_counted(info->packets, "packet", text));
    fst_out_print(out, "<li>%s</li>",
                  fst_format_counted(html->tally.connections, "connection", text));
    if (stats->packets > 0) {
        fst_out_print(out, "<li>%s %s UTC</li>", fst_format_date(stats->ts_first, text),
                      fst_format_clock(stats->ts_first, 3, clock));
        fst_out_print(out, "<li>lasted %s</li>",
                      fst_format_duration(stats->ts_last - stats->ts_first, text));
    }
    fst_out_text(out, "</ul>\n<ul class=\"facts\">");
    fst_out_text(out, html->views.connections > 0 ? "<li>view:</li>" : "<li></li>");
    fst_view_items(source, &html->views, put_item, out);
    fst_out_text(out, "</ul>\n");
}

/** What all pictures share: patterns, so that no lane is told by its colour alone, and the state
 *  diagram. */
static void put_shared(struct fst_out *out)
{
    static const char *const patterns[][2] = {
        {"o", "<path d=\"M-1 3L3 -1M-1 9L9 -1M5 9L9 5\"/>"},
        {"c", "<path d=\"M0 2h8M0 6h8\"/>"},
        {"r", "<path d=\"M1 1h1M5 5h1\"/>"},
        {"e", ""},
    };

    fst_out_text(out, "<svg class=\"shared\" width=\"0\" height=\"0\" aria-hidden=\"true\">"
                      "<defs>\n");
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        fst_out_print(out,
                      "<pattern id=\"p-%s\" class=\"%s\" width=\"8\" height=\"8\" "
                      "patternUnits=\"userSpaceOnUse\"><rect width=\"8\" height=\"8\"/>%s"
                      "</pattern>\n",
                      patterns[i][0], patterns[i][0], patterns[i][1]);
    fst_out_text(out, "</defs>\n");
    fst_state_diagram_shared(out);
    fst_out_text(out, "</svg>\n");
}

static void put_key(struct fst_out *out)
{
    fst_out_text(
        out,
        "<section aria-labelledby=\"key\"><h2 id=\"key\">How to read this</h2>\n<ul class=\"key\">"
        "<li><span class=\"s o\">opening</span> SYN-SENT, SYN-RECEIVED</li>"
        "<li><span class=\"s e\">established</span> ESTABLISHED</li>"
        "<li><span class=\"s c\">closing</span> FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING, "
        "LAST-ACK</li>"
        "<li><span class=\"s r\">at rest</span> CLOSED, LISTEN, TIME-WAIT</li>"
        "<li><span class=\"s e g\">inferred ~</span> rests on what was sent to that side; firm "
        "once "
        "that side itself shows it</li></ul>\n"
        "<p>The client is who sent the first SYN, or is taken to have. Packets are counted from 1 "
        "over the whole file, as Wireshark does; sequence numbers are relative; times are UTC, in "
        "a "
        "ladder seconds since the connection's first segment. In the diagram the "
        "<span class=\"client\">client's path</span> is solid, the <span class=\"server\">server's"
        "</span> dashed, and the numbers are the steps. State names and sections are those of "
        "RFC 9293; <code>flowstate rules NAME</code> explains a finding, <code>flowstate states"
        "</code> a state. What is unfolded is printed.</p></section>\n");
}

static void put_body(struct fst_out *out, const struct fst_source *source,
                     const struct fst_html *html)
{
    char name[1024];

    fst_out_text(out, "<body>\n<a class=\"skip\" href=\"#connections\">to the connections</a>\n"
                      "<header><p>flowstate report</p><h1>");
    fst_out_markup(out, name_of(source, name));
    fst_out_text(out, "</h1>\n");
    put_facts(out, source, html);
    fst_out_text(out,
                 "<nav aria-label=\"parts of the report\"><a href=\"#wrong\">What is wrong</a> "
                 "<a href=\"#numbers\">In numbers</a> <a href=\"#connections\">Connections"
                 "</a> <a href=\"#key\">How to read this</a></nav>\n</header>\n");
    put_shared(out);
    fst_out_text(out, "<main>\n");
    fst_html_wrong(out, html);
    fst_html_charts(out, html);
    fst_html_rows(out, html);
    put_key(out);
    fst_out_print(out, "</main>\n<footer>flowstate %s</footer>\n<script>", fst_version());
    fst_out_text(out, fst_html_script);
    fst_out_text(out, "</script>\n</body>\n</html>\n");
}

static void finish(struct fst_writer *writer)
{
    struct fst_html *html = writer->state;

    fst_book_close(&html->book, DETAIL_BUDGET);
    if (html->book.failed) {
        writer->error = FST_ENOMEM;
        return;
    }
    put_head(writer->out, writer->source);
    put_body(writer->out, writer->source, html);
}

static void release(struct fst_writer *writer)
{
    struct fst_html *html = writer->state;

    fst_book_free(&html->book);
}

const struct fst_format fst_report_html = {
    .name = "html",
    .path_packets = true,
    .state_size = sizeof(struct fst_html),
    .begin = begin,
    .segment = take_segment,
    .finding = take_finding,
    .ended = take_ended,
    .finish = finish,
    .release = release,
};
