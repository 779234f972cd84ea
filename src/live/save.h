/* SPDX-License-Identifier: MIT
 *
 * Packets into pcapng files: one, or a series of them by size or time as tcpdump makes it with -C,
 * -G and -W.
 */
#ifndef FST_LIVE_SAVE_H
#define FST_LIVE_SAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_save_options {
    const char *path;      /* "-" is standard output; with `seconds`, a format of strftime(3) */
    const char *interface; /* its name, or NULL */
    uint32_t snap_len;
    uint64_t octets;  /* a file that is larger is followed by another one; 0 is no limit */
    uint32_t seconds; /* so is one that is older */
    uint32_t files; /* so many by size, then the first again; by time, then an end; 0 is no limit */
};

struct fst_save;

/** What fst_save_packet() returns when `files` have been written by time. */
#define FST_SAVE_FULL 1

/**
 * @param options  Copied; the texts are borrowed.
 * @param now_ns   Names the first file, where names tell the time; 0: its first packet does.
 * @return 0, FST_EWRITE, FST_ENOMEM.
 */
int fst_save_open(struct fst_save **out, const struct fst_save_options *options, int64_t now_ns,
                  struct fst_diag *diag);

/** Write a packet, with a comment or NULL. @return 0, FST_SAVE_FULL (it was not written), or an
 *  error; after one nothing more is written. */
int fst_save_packet(struct fst_save *save, const struct fst_packet *packet, const char *comment,
                    struct fst_diag *diag);

/** Hand to the system what is buffered. */
void fst_save_flush(struct fst_save *save);

/** If the file was moved away or removed, go on in a new one of that name. */
int fst_save_reopen(struct fst_save *save, struct fst_diag *diag);

/** The counters of the interface, for the end of each file; UINT64_MAX where not known. */
void fst_save_count(struct fst_save *save, uint64_t received, uint64_t kernel_drop,
                    uint64_t interface_drop);

/** Close and free; NULL is fine. @return 0, or FST_EWRITE: not all that was written is in the file.
 */
int fst_save_close(struct fst_save *save, struct fst_diag *diag);

#endif
