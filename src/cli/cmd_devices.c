/* SPDX-License-Identifier: MIT
 *
 * flowstate devices: where one can capture, and what is in the way.
 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/outputs.h"
#include "cli/run.h"
#include "report/escape.h"

#define NAME_WIDTH 16

static const char *state_of(const struct fst_device *device)
{
    if (!device->up)
        return "down";
    return device->running ? "up, running" : "up";
}

/** The message begins with the name, which stands in the first column already. */
static const char *reason_of(const struct fst_device *device)
{
    size_t len = strlen(device->name);

    if (strncmp(device->why, device->name, len) == 0 && strncmp(device->why + len, ": ", 2) == 0)
        return device->why + len + 2;
    return device->why;
}

static void print_row(struct fst_out *out, const struct fst_device *device)
{
    char name[64], description[200];

    fst_escape_text(device->name, name, sizeof(name));
    fst_escape_text(device->description ? device->description : "", description,
                    sizeof(description));
    fst_out_print(out, "%-*s  %-11s  %-8s  %-7s  %s", NAME_WIDTH, name, state_of(device),
                  device->loopback ? "loopback" : "", device->allowed ? "yes" : "no", description);
    fst_out_char(out, '\n');
    if (!device->allowed) {
        char why[600];

        fst_escape_text(reason_of(device), why, sizeof(why));
        fst_out_print(out, "%-*s  %s\n", NAME_WIDTH, "", why);
    }
}

static void print(struct fst_out *out, const struct fst_device_list *list, bool names_only)
{
    const struct fst_device *device;

    if (!names_only)
        fst_out_print(out, "%-*s  %-11s  %-8s  %-7s  %s\n", NAME_WIDTH, "NAME", "STATE", "KIND",
                      "CAPTURE", "DESCRIPTION");
    for (size_t i = 0; (device = fst_device_at(list, i)) != NULL; i++) {
        if (!names_only)
            print_row(out, device);
        else
            fst_out_print(out, "%s\n", device->name);
    }
}

int fst_cmd_devices(const struct fst_arguments *arguments)
{
    struct fst_device_list *list;
    struct fst_diag diag = {0, ""};
    struct fst_out *out;
    int error, status;

    if (arguments->word_count > 0) {
        fst_complain("\"%s\": devices takes no words", arguments->words[0]);
        return FST_EXIT_USAGE;
    }
    error = fst_device_list_new(&list, &diag);
    if (error) {
        fst_complain("%s", diag.message);
        return fst_exit_of(error, false);
    }
    out = fst_output_open(NULL, FST_AS_A_WHOLE, NULL, &status);
    if (out) {
        print(out, list, arguments->quiet);
        status = fst_output_close(out, NULL);
    }
    fst_device_list_free(list);
    return status;
}
