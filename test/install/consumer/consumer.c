/* SPDX-License-Identifier: MIT
 *
 * What a user's first program looks like: counts the packets of a capture with the installed
 * library. Built outside the project.
 */
#include <flowstate/flowstate.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct fst_diag diag = {0, ""};
    struct fst_capture *capture;
    struct fst_packet packets[64];
    size_t count, total = 0;

    if (argc != 2 || fst_capture_open(&capture, argv[1], &diag) != 0)
        return fprintf(stderr, "consumer: %s\n", diag.message), 1;
    while (fst_capture_read(capture, packets, 64, &count, &diag) == 0 && count > 0)
        total += count;
    printf("libflowstate %s read %zu packets\n", fst_version(), total);
    fst_capture_close(capture);
    return total == 0;
}
