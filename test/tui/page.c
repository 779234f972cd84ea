/* SPDX-License-Identifier: MIT
 *
 * Plays a capture to the screen and prints what it shows:
 *
 *     page FILE STEP...
 *
 *   80x24        the terminal has this size from now on
 *   +1.5         1.5 seconds of the capture pass, an update every 250 ms
 *   end          the rest of the capture passes, then one update
 *   keys=TEXT    these keys are pressed: characters and names such as <Enter>
 *   show, looks  print the page, or the page with how its cells look
 *   local=ADDR filter=TEXT where=TEXT ascii drop=K,I,Q findings   options, before the first size
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/screen_fake.h"
#include "tui/tui.h"

#define STEP_NS (INT64_C(1000000000) / 4)

struct play {
    struct fst_capture *capture;
    struct fst_analyzer *analyzer;
    struct fst_tui *tui;
    struct fst_tui_options options;
    struct fst_tui_counters counters;
    struct fst_address local;
    struct fst_packet packet; /* the next one */
    bool more;
    int64_t now_ns;
};

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct play *play = context;

    fst_tui_segment(play->tui, play->analyzer, event);
}

static void on_ended(void *context, uint32_t id)
{
    struct play *play = context;

    fst_tui_ended(play->tui, play->analyzer, id);
}

static void fail(const char *what)
{
    fprintf(stderr, "page: %s\n", what);
    exit(1);
}

static void next_packet(struct play *play)
{
    size_t count = 0;

    if (fst_capture_read(play->capture, &play->packet, 1, &count, NULL) != 0)
        fail("the capture cannot be read");
    play->more = count > 0;
}

static void open_all(struct play *play, const char *path)
{
    struct fst_options options = {.path_packets = true,
                                  .events = {play, .segment = on_segment, .ended = on_ended}};
    struct fst_diag diag;

    if (fst_capture_open(&play->capture, path, &diag) != 0)
        fail(diag.message);
    if (fst_analyzer_new(&play->analyzer, &options) != 0)
        fail("no analyzer");
    play->counters.interface_drop = FST_TUI_UNKNOWN;
    play->options.source = "test0";
    play->options.utf8 = true;
    next_packet(play);
    play->now_ns = play->packet.time_ns;
}

static void pass(struct play *play, int64_t until_ns)
{
    while (play->more && play->packet.time_ns <= until_ns) {
        if (fst_analyzer_feed(play->analyzer, &play->packet, 1) != 0)
            fail("out of memory");
        play->counters.packets++;
        play->now_ns = play->packet.time_ns;
        next_packet(play);
    }
}

static void update(struct play *play)
{
    if (fst_tui_update(play->tui, play->analyzer, &play->counters, play->now_ns) != 0)
        fail("the screen is out of memory");
}

static void let_pass(struct play *play, double seconds)
{
    int64_t end = play->now_ns + (int64_t)(seconds * 1e9);

    for (int64_t at = play->now_ns; at < end;) {
        at = at + STEP_NS < end ? at + STEP_NS : end;
        pass(play, at);
        play->now_ns = at;
        update(play);
    }
}

static void press(struct play *play, const char *keys)
{
    struct fst_tui_request request;

    fake_keys(keys);
    do {
        fst_tui_input(play->tui, &request);
        if (request.action == FST_TUI_QUIT)
            puts("(quit)");
        else if (request.action == FST_TUI_SUSPEND)
            puts("(suspend)");
        else if (request.action == FST_TUI_WRITE_SELECTED)
            printf("(write %u)\n", request.connection);
    } while (request.action != FST_TUI_NOTHING && request.action != FST_TUI_QUIT);
}

static void set_size(struct play *play, const char *step)
{
    int columns, lines;

    if (sscanf(step, "%dx%d", &columns, &lines) != 2)
        fail(step);
    fake_size(columns, lines);
    if (!play->tui && fst_tui_open(&play->tui, &play->options, NULL) != 0)
        fail("the screen cannot be opened");
    update(play);
}

static bool set_option(struct play *play, const char *step)
{
    unsigned long long kernel, interface, queue;

    if (strncmp(step, "local=", 6) == 0) {
        play->local.ipv6 = strchr(step + 6, ':') != NULL;
        inet_pton(play->local.ipv6 ? AF_INET6 : AF_INET, step + 6, play->local.octets);
        play->options.local = &play->local;
        play->options.local_count = 1;
    } else if (strncmp(step, "source=", 7) == 0) {
        play->options.source = step + 7;
    } else if (strncmp(step, "filter=", 7) == 0) {
        play->options.filter = step + 7;
    } else if (strncmp(step, "where=", 6) == 0) {
        play->options.where = step + 6;
    } else if (strcmp(step, "findings") == 0) {
        play->options.findings_only = true;
    } else if (strcmp(step, "ascii") == 0) {
        play->options.utf8 = false;
    } else if (sscanf(step, "drop=%llu,%llu,%llu", &kernel, &interface, &queue) == 3) {
        play->counters.kernel_drop = kernel;
        play->counters.interface_drop = interface;
        play->counters.engine_drop = queue;
    } else {
        return false;
    }
    return true;
}

static void take_step(struct play *play, const char *step)
{
    if (set_option(play, step))
        return;
    if (*step >= '0' && *step <= '9') {
        set_size(play, step);
    } else if (*step == '+') {
        let_pass(play, strtod(step + 1, NULL));
    } else if (strcmp(step, "end") == 0) {
        pass(play, INT64_MAX);
        play->counters.ended = true;
        update(play);
    } else if (strncmp(step, "keys=", 5) == 0) {
        press(play, step + 5);
    } else if (strncmp(step, "say=", 4) == 0) {
        fst_tui_message(play->tui, step + 4);
        update(play);
    } else if (strcmp(step, "clipboard") == 0) {
        printf("(clipboard %s)\n", fake_clipboard());
    } else if (strcmp(step, "show") == 0 || strcmp(step, "looks") == 0) {
        fake_print(stdout, strcmp(step, "looks") == 0);
    } else {
        fail(step);
    }
}

int main(int argc, char **argv)
{
    struct play play = {.now_ns = 0};

    if (argc < 2)
        fail("no capture");
    open_all(&play, argv[1]);
    for (int i = 2; i < argc; i++)
        take_step(&play, argv[i]);
    fst_tui_close(play.tui);
    fst_analyzer_free(play.analyzer);
    fst_capture_close(play.capture);
    return 0;
}
