/* SPDX-License-Identifier: MIT
 *
 * flowstate states: the eleven states and their diagram, or one state and its moves.
 */
#include "cli/command.h"

#include <string.h>

#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/terminal.h"
#include "report/paragraph.h"
#include "report/state_diagram.h"
#include "report/state_text.h"

#define LABEL_COLUMNS 14

static char folded(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/** Whether two spellings name the same state: case, '-' and '_' do not matter. */
static bool same_state(const char *word, const char *name)
{
    for (;;) {
        word += strspn(word, "-_");
        name += strspn(name, "-_");
        if (folded(*word) != *name)
            return false;
        if (*name == '\0')
            return true;
        word++;
        name++;
    }
}

static const char *state_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_STATE_COUNT ? fst_state_name((enum fst_state)index) : NULL;
}

static const struct fst_state_info *find_state(const char *word)
{
    for (unsigned i = 0; i < FST_STATE_COUNT; i++)
        if (same_state(word, fst_state_name((enum fst_state)i)))
            return fst_state_info((enum fst_state)i);
    fst_complain_unknown("state", word, state_at, NULL);
    return NULL;
}

/** The moves that lead into or out of a state; what stays where it is tells nothing here. */
static void put_moves(struct fst_out *out, enum fst_state state, bool outwards)
{
    struct fst_transition move;

    for (size_t i = 0; fst_transition_at(i, &move); i++) {
        enum fst_state here = outwards ? move.from : move.to;
        enum fst_state other = outwards ? move.to : move.from;

        if (here == state && other != state)
            fst_out_print(out, "  %-13s %s%s%s%s\n", fst_state_name(other), move.event,
                          *move.section ? " (" : "", move.section, *move.section ? ")" : "");
    }
}

static void put_state(struct fst_out *out, const struct fst_state_info *info)
{
    fst_out_print(out, "%s   RFC 9293 %s\n\n", fst_state_name(info->state), info->rfc);
    fst_out_state(out, info, FST_PAGE_COLUMNS);
    fst_out_text(out, "\nfrom\n");
    put_moves(out, info->state, false);
    fst_out_text(out, "\nto\n");
    put_moves(out, info->state, true);
}

static void put_all(struct fst_out *out, bool quiet, bool utf8)
{
    for (unsigned i = 0; i < FST_STATE_COUNT; i++) {
        const struct fst_state_info *info = fst_state_info((enum fst_state)i);

        if (quiet)
            fst_out_print(out, "%s\n", fst_state_name(info->state));
        else
            fst_out_paragraph(out, fst_state_name(info->state), LABEL_COLUMNS, info->meaning);
    }
    if (quiet)
        return;
    fst_out_char(out, '\n');
    fst_state_diagram_text(out, utf8);
    fst_out_text(out,
                 "\nflowstate states STATE explains one; flowstate states -o svg:FILE draws it.\n");
}

static const char *format_at(const void *context, size_t index)
{
    static const char *const names[] = {"text", "svg"};

    (void)context;
    return index < 2 ? names[index] : NULL;
}

static int check(const struct fst_arguments *arguments)
{
    if (arguments->word_count > 1) {
        fst_complain("one state at a time: \"%s\" is too much", arguments->words[1]);
        return FST_EXIT_USAGE;
    }
    if (arguments->output_count > 1) {
        fst_complain("states prints one format at a time");
        return FST_EXIT_USAGE;
    }
    if (arguments->output_count == 1 && strcmp(arguments->output[0].format, "text") != 0 &&
        strcmp(arguments->output[0].format, "svg") != 0) {
        fst_complain_unknown("format", arguments->output[0].format, format_at, NULL);
        return FST_EXIT_USAGE;
    }
    return FST_EXIT_OK;
}

int fst_cmd_states(const struct fst_arguments *arguments)
{
    const char *path = arguments->output_count ? arguments->output[0].path : NULL;
    bool svg = arguments->output_count && strcmp(arguments->output[0].format, "svg") == 0;
    const struct fst_state_info *info = NULL;
    struct fst_out *out;
    int status = check(arguments);

    if (status == FST_EXIT_OK && arguments->word_count == 1) {
        info = find_state(arguments->words[0]);
        status = info ? FST_EXIT_OK : FST_EXIT_USAGE;
    }
    if (status != FST_EXIT_OK)
        return status;
    out = fst_output_open(path, FST_AS_A_WHOLE, NULL, &status);
    if (!out)
        return status;
    fst_output_begin(out);
    if (svg)
        fst_state_diagram_svg(out, info ? info->state : FST_STATE_COUNT);
    else if (info)
        put_state(out, info);
    else
        put_all(out, arguments->quiet, !arguments->ascii && fst_locale_is_utf8());
    return fst_output_close(out, path);
}
