/* SPDX-License-Identifier: MIT
 *
 * The head of the page: what is wrong, in plain words, worst first, with links to where it is seen.
 */
#include "report/html/parts.h"

#include <stdio.h>
#include <string.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/wording.h"

static const struct {
    const char *title, *words;
} groups[FST_CLASS_COUNT] = {
    [FST_ILLEGAL] = {"Against the rules",
                     "No endpoint that keeps to the RFCs could have sent these, whatever the "
                     "network or the recording lost."},
    [FST_SUSPECT] = {"Suspect",
                     "Only a packet that the recording missed, or a host that lost its memory, "
                     "excuses these."},
    [FST_ANOMALY] = {"Legal, but worth knowing", "Nothing here breaks a rule."},
    [FST_CAPTURE] = {"About the recording",
                     "What the capture shows wrongly or not at all; the hosts are not to blame."},
};

static uint64_t times_of(const struct fst_html *html, enum fst_class class_)
{
    uint64_t times = 0;

    for (size_t i = 0; i < html->book.rule_count; i++)
        if (html->book.rules[i].class_ == class_)
            times += html->book.rules[i].times;
    return times;
}

static uint64_t ended_as(const struct fst_html *html, enum fst_end_kind kind)
{
    const uint64_t *by = html->tally.ended[kind];

    return by[0] + by[1] + by[2];
}

/** One sentence for the worst, one for how connections ended that did not close. */
static void put_verdict(struct fst_out *out, const struct fst_html *html)
{
    uint64_t illegal = times_of(html, FST_ILLEGAL), suspect = times_of(html, FST_SUSPECT);
    char text[FST_FORMAT_MAX];

    if (html->tally.connections == 0)
        fst_out_text(out, "There is no TCP connection in this capture.");
    else if (illegal > 0)
        fst_out_print(out, "<strong>%s against the rules of TCP.</strong>",
                      fst_format_counted(illegal, "finding", text));
    else
        fst_out_text(out, "<strong>Nothing here breaks the rules of TCP.</strong>");
    if (suspect > 0)
        fst_out_print(out, " %s suspect.", fst_format_counted(suspect, "finding", text));
}

/** What the look of the sentence says before it is read. */
static const char *verdict_class(const struct fst_html *html)
{
    if (times_of(html, FST_ILLEGAL) > 0)
        return "bad";
    return times_of(html, FST_SUSPECT) > 0 ? "doubt" : "good";
}

static void put_unhappy(struct fst_out *out, const struct fst_html *html)
{
    static const struct {
        enum fst_end_kind kind;
        const char *words;
    } ends[] = {
        {FST_END_RESET, "reset"},
        {FST_END_REFUSED, "refused"},
        {FST_END_NO_ANSWER, "never answered"},
        {FST_END_OPENING, "stuck in the handshake"},
        {FST_END_HALF_CLOSED, "closed by one side only"},
    };
    bool any = false;
    char text[FST_FORMAT_MAX];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        uint64_t count = ended_as(html, ends[i].kind);

        if (count == 0)
            continue;
        if (!any)
            fst_out_print(out, " Of %s, ",
                          fst_format_counted(html->tally.connections, "connection", text));
        fst_out_print(out, "%s%s %s", any ? ", " : "", fst_format_count(count, text),
                      ends[i].words);
        any = true;
    }
    if (any)
        fst_out_char(out, '.');
}

static void put_example(struct fst_out *out, const struct fst_html *html,
                        const struct fst_finding *finding)
{
    bool has_row = fst_book_row(&html->book, finding->connection) != NULL;
    const char *by = fst_side_name(finding->by);
    char message[FST_MESSAGE_MAX];

    fst_finding_message(finding, message, sizeof(message));
    fst_out_text(out, "<li>");
    if (has_row)
        fst_out_print(out, "<a href=\"#c%u\">", finding->connection);
    fst_out_print(out, "connection %u%s, packet %llu%s%s: ", finding->connection,
                  has_row ? "</a>" : "", (unsigned long long)finding->packet, by ? ", by the " : "",
                  by ? by : "");
    fst_out_markup(out, message);
    if (finding->because_packet)
        fst_out_print(out, ", because of packet %llu", (unsigned long long)finding->because_packet);
    fst_out_text(out, "</li>\n");
}

static void put_rule(struct fst_out *out, const struct fst_html *html,
                     const struct fst_book_rule *rule)
{
    char text[FST_FORMAT_MAX];

    fst_out_print(out, "<li class=\"rule %s\"><h4><code>%s</code> ", fst_class_name(rule->class_),
                  rule->rule->slug);
    fst_out_print(out, "<span>%s in ", fst_format_counted(rule->times, "time", text));
    fst_out_print(out, "%s</span></h4>\n<p>",
                  fst_format_counted(rule->connections, "connection", text));
    fst_out_markup(out, rule->rule->meaning);
    if (*rule->rule->source != '\0') {
        fst_out_text(out, " <cite>");
        fst_out_markup(out, rule->rule->source);
        fst_out_text(out, "</cite>");
    }
    fst_out_text(out, "</p>\n<ul>");
    for (size_t i = 0; i < rule->example_count; i++)
        put_example(out, html, &rule->example[i]);
    if (rule->connections > rule->example_count)
        fst_out_print(
            out, "<li>and in %s more</li>",
            fst_format_counted(rule->connections - rule->example_count, "connection", text));
    fst_out_text(out, "</ul></li>\n");
}

/** What matters stands open: the two worst classes, or else the worst there is. */
static bool stands_open(const struct fst_html *html, enum fst_class class_)
{
    for (unsigned worse = 0; worse < (unsigned)class_ && class_ > FST_SUSPECT; worse++)
        if (times_of(html, (enum fst_class)worse) > 0)
            return false;
    return true;
}

static void put_group(struct fst_out *out, const struct fst_html *html, enum fst_class class_)
{
    char text[FST_FORMAT_MAX];

    if (times_of(html, class_) == 0)
        return;
    fst_out_print(out, "<details class=\"group\"%s><summary><h3>%s</h3> <span>%s</span></summary>",
                  stands_open(html, class_) ? " open=\"\"" : "", groups[class_].title,
                  fst_format_counted(times_of(html, class_), "finding", text));
    fst_out_print(out, "\n<p>%s</p>\n<ul class=\"rules\">\n", groups[class_].words);
    for (size_t i = 0; i < html->book.rule_count; i++)
        if (html->book.rules[i].class_ == class_)
            put_rule(out, html, &html->book.rules[i]);
    fst_out_text(out, "</ul></details>\n");
}

void fst_html_wrong(struct fst_out *out, const struct fst_html *html)
{
    fst_out_print(out,
                  "<section aria-labelledby=\"wrong\"><h2 id=\"wrong\">What is wrong</h2>\n"
                  "<p class=\"verdict %s\">",
                  verdict_class(html));
    put_verdict(out, html);
    put_unhappy(out, html);
    fst_out_text(out, "</p>\n");
    for (unsigned class_ = 0; class_ < FST_CLASS_COUNT; class_++)
        put_group(out, html, (enum fst_class)class_);
    fst_out_text(out, "</section>\n");
}
