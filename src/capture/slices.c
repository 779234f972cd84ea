/* SPDX-License-Identifier: MIT */
#include "capture/slices.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/diag.h"

/* Behind a slice, for the rest of the record that lies across its end. A longer one ends the
 * slices; Linux hands at most 64 KiB at once to most cards. */
#define BEHIND (128u * 1024)

/* Where a slice begins in memory. Some processors copy from a page to what begins some octets
 * behind the begin of another, as what malloc() gives does, at a quarter of their speed. */
#define PAGE 4096u

static bool is_plain(const struct fst_capture *capture)
{
    return !capture->live && !capture->merge && !capture->filter && !capture->input.unpack &&
           !capture->listener.block && !capture->fault.error && !capture->input.at_end &&
           capture->input.first >= 0;
}

uint64_t fst_slices_count(const struct fst_capture *capture, size_t size)
{
    const struct fst_input *input = &capture->input;
    struct stat status;

    if (!is_plain(capture) || fstat(input->fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size < input->first)
        return 0;
    return (uint64_t)(status.st_size - input->first) / size;
}

/* -------------------------------------------------------------------------------- the place -- */

struct fst_place fst_place_of(const struct fst_capture *capture)
{
    return (struct fst_place){fst_input_offset(&capture->input), capture->info, capture->as};
}

void fst_place_return(struct fst_capture *capture, const struct fst_place *place)
{
    struct fst_input *input = &capture->input;

    capture->info = place->info;
    capture->info.bytes = capture->info.file_bytes = place->offset;
    capture->as = place->as;
    if (capture->reader == &fst_reader_pcapng) { /* the buffer it is in does not stay */
        capture->as.pcapng.packet_block = NULL;
        capture->as.pcapng.packet_block_len = 0;
    }
    input->base = input->raw_read = place->offset;
    input->begin = input->end = 0;
    if (lseek(input->fd, input->first + (off_t)place->offset, SEEK_SET) < 0)
        input->at_end = fst_diag_set(&input->fault, FST_EOPEN, input->path, "cannot be read on");
}

/* -------------------------------------------------------------------------------- one slice -- */

bool fst_slice_init(struct fst_slice *slice, const struct fst_capture *capture, size_t size)
{
    size_t room = (size + BEHIND + PAGE - 1) / PAGE * PAGE;

    slice->view = *capture;
    slice->view.packets_only = true;
    slice->size = size;
    slice->view.input = (struct fst_input){.fd = capture->input.fd,
                                           .path = capture->input.path,
                                           .first = capture->input.first,
                                           .size = room,
                                           .buffer = aligned_alloc(PAGE, room)};
    return slice->view.input.buffer != NULL;
}

void fst_slice_fini(struct fst_slice *slice)
{
    free(slice->view.input.buffer);
}

/* Until `end` octets are in the buffer. */
static bool load_up_to(struct fst_input *input, size_t end)
{
    while (input->end < end) {
        ssize_t got = pread(input->fd, input->buffer + input->end, end - input->end,
                            input->first + (off_t)(input->base + input->end));

        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        input->end += got > 0 ? (size_t)got : 0;
    }
    return true;
}

bool fst_slice_load(struct fst_slice *slice, uint64_t number)
{
    struct fst_input *input = &slice->view.input;

    input->base = number * slice->size;
    input->end = 0;
    return load_up_to(input, slice->size);
}

static bool walk(struct fst_capture *view, struct fst_walk *found)
{
    struct fst_diag diag;

    if (view->reader->walk(view, found, &diag) != 0)
        return false;
    view->info.packets += found->count;
    return true;
}

/* The record across the end: its header says how long it is, if that is there. */
static bool walk_across(struct fst_slice *slice, struct fst_walk *found)
{
    struct fst_input *input = &slice->view.input;

    while (input->begin < slice->size) {
        struct fst_walk one = {found->packets + found->count, 1, 0, 0};

        if (found->count == found->max || found->need > input->size - input->begin ||
            !load_up_to(input, input->begin + found->need) || !walk(&slice->view, &one))
            return false;
        found->count += one.count;
        found->need = one.need;
    }
    return true;
}

bool fst_slice_walk(struct fst_slice *slice, struct fst_place *place, struct fst_packet *packets,
                    size_t max, size_t *count)
{
    struct fst_walk found = {packets, max, 0, 0};
    struct fst_capture *view = &slice->view;

    view->input.begin = (size_t)(place->offset - view->input.base);
    view->info = place->info;
    view->as = place->as;
    if (view->input.begin < slice->size && (!walk(view, &found) || !walk_across(slice, &found)))
        return false;
    *count = found.count;
    *place = (struct fst_place){fst_input_offset(&view->input), view->info, view->as};
    return true;
}
