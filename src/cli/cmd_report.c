/* SPDX-License-Identifier: MIT
 *
 * flowstate report: a page for a browser. What it says is in report/html.
 */
#include "cli/command.h"

#include <unistd.h>

#include "cli/options.h"
#include "cli/run.h"

/** A page is no reading for a terminal: whether it would go there. */
static bool goes_to_terminal(const struct fst_arguments *arguments)
{
    for (size_t i = 0; i < arguments->output_count; i++)
        if (!arguments->output[i].path)
            return isatty(STDOUT_FILENO) != 0;
    return false;
}

int fst_cmd_report(const struct fst_arguments *given)
{
    struct fst_arguments arguments = *given;

    if (arguments.output_count == 0)
        arguments.output[arguments.output_count++] = (struct fst_output){"html", NULL};
    if (goes_to_terminal(&arguments)) {
        fst_complain("a report is a file for a browser; name it: -o html:report.html");
        return FST_EXIT_USAGE;
    }
    return fst_run_command(&arguments);
}
