/* SPDX-License-Identifier: MIT
 *
 * Each file has a capture of its own and is read a buffer at a time; a heap says whose next packet
 * is the oldest. Of files with packets of one time the one named first goes first. Where times step
 * back within a file its order is kept.
 *
 * A ring of files may have thousands, one after the other in time. So when there are many, a file
 * whose turn has not come sleeps: it is open, but has no buffer.
 */
#include "capture/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/diag.h"

#define ROOM      256 /* packets taken from a file at a time */
#define AWAKE_MAX 16  /* files that need not sleep */

struct merged_file {
    char *path;
    struct fst_capture *capture; /* NULL once it has ended */
    struct fst_packet *packets;  /* ROOM of them; NULL while it sleeps */
    size_t next, count;
    int64_t head_ns;      /* of packets[next] */
    uint64_t turn;        /* the walk that handed out a packet of it last */
    uint32_t *interfaces; /* theirs are those of the whole */
    size_t interface_count;
    uint64_t bytes, file_bytes, comments; /* counted into the whole so far */
};

struct fst_merge {
    struct merged_file *files;
    struct fst_capture_file *shown; /* what the user sees of each */
    size_t count, room;
    size_t *heap; /* indices of files that have packets, the oldest first */
    size_t heap_count;
    uint64_t turn;
    struct fst_diag fault; /* of the first file that was damaged */
    size_t faults;
    char *name;
};

static int no_memory(struct fst_diag *diag)
{
    return fst_diag_set(diag, FST_ENOMEM, "several files", "out of memory");
}

/* -------------------------------------------------------------------------------- the files -- */

static bool grow(struct fst_merge *merge)
{
    size_t room = merge->room ? 2 * merge->room : 8;
    void *files = realloc(merge->files, room * sizeof(*merge->files)), *shown;

    if (!files)
        return false;
    merge->files = files;
    shown = realloc(merge->shown, room * sizeof(*merge->shown));
    if (!shown)
        return false;
    merge->shown = shown;
    merge->room = room;
    return true;
}

/* Takes what `input` holds. */
static int append(struct fst_merge *merge, struct fst_input *input, struct fst_diag *diag)
{
    struct fst_capture *capture = calloc(1, sizeof(*capture));
    char *path = strdup(input->path);

    if (!capture || !path || (merge->count == merge->room && !grow(merge))) {
        free(capture);
        free(path);
        fst_input_close(input);
        return no_memory(diag);
    }
    capture->input = *input;
    memset(input, 0, sizeof(*input));
    input->fd = -1;
    merge->files[merge->count] = (struct merged_file){.path = path, .capture = capture};
    merge->shown[merge->count] = (struct fst_capture_file){.path = path};
    merge->count++;
    return 0;
}

static bool is_standard_input(const struct fst_merge *merge, const char *path)
{
    for (size_t i = 0; i < merge->count; i++)
        if (strcmp(path, "-") == 0 && strcmp(merge->files[i].path, "-") == 0)
            return true;
    return false;
}

int fst_merge_add(struct fst_capture *capture, const char *path, struct fst_diag *diag)
{
    struct fst_input input;
    int error = 0;

    if (!capture->merge) {
        capture->merge = calloc(1, sizeof(*capture->merge));
        if (!capture->merge)
            return no_memory(diag);
        error = append(capture->merge, &capture->input, diag);
    }
    if (!error && is_standard_input(capture->merge, path))
        return fst_diag_set(diag, FST_EOPEN, path, "can be read once only; name it once");
    if (!error)
        error = fst_input_open(&input, path, diag);
    return error ? error : append(capture->merge, &input, diag);
}

bool fst_merge_has_pipe(const struct fst_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        if (merge->files[i].capture && merge->files[i].capture->input.first < 0)
            return true;
    return false;
}

static void close_file(struct merged_file *file)
{
    fst_capture_close(file->capture);
    free(file->packets);
    file->capture = NULL;
    file->packets = NULL;
}

void fst_merge_free(struct fst_merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->count; i++) {
        close_file(&merge->files[i]);
        free(merge->files[i].interfaces);
        free(merge->files[i].path);
    }
    free(merge->files);
    free(merge->shown);
    free(merge->heap);
    free(merge->name);
    free(merge);
}

/* ---------------------------------------------------------------------- what is known of them --
 */

static int add_interface(struct fst_capture *whole, struct merged_file *file, size_t index,
                         struct fst_diag *diag)
{
    const struct fst_interface *interface = &file->capture->interfaces[index];
    struct fst_description description = {
        .link_type = interface->link_type,
        .snap_len = interface->snap_len,
        .big_endian = file->capture->sources[index].big_endian,
        .name = interface->name,
        .name_len = interface->name ? strlen(interface->name) : 0,
    };
    uint32_t *interfaces = realloc(file->interfaces, (index + 1) * sizeof(*interfaces));
    int error;

    if (!interfaces)
        return no_memory(diag);
    file->interfaces = interfaces;
    error = fst_capture_add_interface(whole, &description, diag);
    if (error)
        return error;
    interfaces[index] = (uint32_t)whole->info.interface_count - 1;
    whole->interfaces[interfaces[index]].file = (uint32_t)(file - whole->merge->files);
    file->interface_count = index + 1;
    return 0;
}

/* Interfaces that turned up, counters that moved. */
static int tell(struct fst_capture *whole, struct merged_file *file, struct fst_diag *diag)
{
    const struct fst_capture_info *info = &file->capture->info;
    struct fst_capture_file *shown = &whole->merge->shown[file - whole->merge->files];
    int error = 0;

    while (!error && file->interface_count < info->interface_count)
        error = add_interface(whole, file, file->interface_count, diag);
    for (size_t i = 0; i < file->interface_count && i < info->interface_count; i++) {
        struct fst_interface *interface = &whole->interfaces[file->interfaces[i]];

        interface->received = info->interfaces[i].received;
        interface->dropped = info->interfaces[i].dropped;
        interface->os_dropped = info->interfaces[i].os_dropped;
    }
    whole->info.bytes += info->bytes - file->bytes;
    whole->info.file_bytes += info->file_bytes - file->file_bytes;
    whole->info.comments += info->comments - file->comments;
    file->bytes = info->bytes;
    file->file_bytes = info->file_bytes;
    file->comments = info->comments;
    shown->format = info->format;
    shown->compression = info->compression;
    shown->packets = info->packets;
    shown->truncated = info->truncated;
    return error;
}

/* ---------------------------------------------------------------------------------- reading -- */

static void note_fault(struct fst_merge *merge, const struct fst_diag *diag)
{
    if (merge->faults++ == 0)
        merge->fault = *diag;
}

/* Fill the file's packets, all of which were handed out. One that has ended is closed: `count` is
 * then 0. Returns 0 or FST_ENOMEM; a damaged file is noted. */
static int load(struct fst_capture *whole, struct merged_file *file, struct fst_diag *diag)
{
    struct fst_diag fault = {0, ""};
    int error, failed;

    if (!file->packets)
        file->packets = malloc(ROOM * sizeof(*file->packets));
    if (!file->packets)
        return no_memory(diag);
    file->next = 0;
    error = fst_capture_read(file->capture, file->packets, ROOM, &file->count, &fault);
    failed = tell(whole, file, diag);
    if (failed)
        return failed;
    if (file->count > 0) {
        file->head_ns = file->packets[0].time_ns;
        return 0;
    }
    if (error == FST_ENOMEM) {
        if (diag)
            *diag = fault;
        return error;
    }
    if (error)
        note_fault(whole->merge, &fault);
    close_file(file);
    return 0;
}

/* Give up buffer and packets until the file's turn comes; a pipe cannot. */
static int put_to_sleep(struct merged_file *file, struct fst_diag *diag)
{
    struct fst_capture *fresh;

    if (!file->capture || !fst_input_rewind(&file->capture->input))
        return 0;
    fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return no_memory(diag);
    fresh->input = file->capture->input;
    file->capture->input = (struct fst_input){.fd = -1};
    close_file(file);
    file->capture = fresh;
    file->bytes = file->file_bytes = file->comments = 0;
    file->count = file->next = 0;
    return 0;
}

/* What was counted when the file's head was read will be counted again. */
static void forget_counts(struct fst_capture *whole, const struct merged_file *file)
{
    whole->info.bytes -= file->bytes;
    whole->info.file_bytes -= file->file_bytes;
    whole->info.comments -= file->comments;
}

static int wake(struct fst_capture *whole, struct merged_file *file, struct fst_diag *diag)
{
    struct fst_diag fault = {0, ""};
    int error = fst_capture_open_reader(file->capture, &fault);

    if (!error)
        return load(whole, file, diag);
    if (error != FST_ENOMEM) { /* it was another file when its head was read */
        note_fault(whole->merge, &fault);
        close_file(file);
        return 0;
    }
    if (diag)
        *diag = fault;
    return error;
}

/* ------------------------------------------------------------------------------------- heap -- */

static bool before(const struct fst_merge *merge, size_t a, size_t b)
{
    const struct merged_file *left = &merge->files[a], *right = &merge->files[b];

    return left->head_ns != right->head_ns ? left->head_ns < right->head_ns : a < b;
}

static void swap(size_t *a, size_t *b)
{
    size_t other = *a;

    *a = *b;
    *b = other;
}

/* The entry at `at` may be too old for its place. */
static void sift_down(struct fst_merge *merge, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < merge->heap_count; at = child) {
        if (child + 1 < merge->heap_count &&
            before(merge, merge->heap[child + 1], merge->heap[child]))
            child++;
        if (!before(merge, merge->heap[child], merge->heap[at]))
            return;
        swap(&merge->heap[child], &merge->heap[at]);
    }
}

static void put_in(struct fst_merge *merge, size_t file)
{
    size_t at = merge->heap_count++;

    merge->heap[at] = file;
    for (; at > 0 && before(merge, merge->heap[at], merge->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&merge->heap[at], &merge->heap[(at - 1) / 2]);
}

static void take_first_out(struct fst_merge *merge)
{
    merge->heap[0] = merge->heap[--merge->heap_count];
    sift_down(merge, 0);
}

/* ------------------------------------------------------------------------------------ begin -- */

static char *name_of(const struct fst_merge *merge)
{
    const char *first = merge->files[0].path;
    size_t size = strlen(first) + 32;
    char *name = malloc(size);

    if (name)
        (void)snprintf(name, size, "%s and %zu more", first, merge->count - 1);
    return name;
}

static int begin_file(struct fst_capture *whole, size_t index, struct fst_diag *diag)
{
    struct merged_file *file = &whole->merge->files[index];
    int error = fst_capture_open_reader(file->capture, diag);

    if (!error)
        error = load(whole, file, diag);
    if (error || !file->capture)
        return error;
    put_in(whole->merge, index);
    if (whole->merge->count <= AWAKE_MAX)
        return 0;
    forget_counts(whole, file);
    return put_to_sleep(file, diag);
}

int fst_merge_begin(struct fst_capture *whole, struct fst_diag *diag)
{
    struct fst_merge *merge = whole->merge;
    int error = 0;

    merge->heap = calloc(merge->count, sizeof(*merge->heap));
    merge->name = name_of(merge);
    if (!merge->heap || !merge->name)
        return no_memory(diag);
    whole->info.path = merge->name;
    whole->info.format = "merged";
    whole->info.files = merge->shown;
    whole->info.file_count = merge->count;
    for (size_t i = 0; i < merge->count && !error; i++)
        error = begin_file(whole, i, diag);
    return error;
}

/* ------------------------------------------------------------------------------------- walk -- */

/* Hand out the first packet of the first file. */
static void hand_out(struct fst_capture *whole, struct fst_walk *found)
{
    struct fst_merge *merge = whole->merge;
    struct merged_file *file = &merge->files[merge->heap[0]];
    struct fst_packet *packet = &found->packets[found->count++];

    *packet = file->packets[file->next++];
    packet->number = whole->info.packets + found->count;
    packet->interface = file->interfaces[packet->interface];
    file->turn = merge->turn;
    if (file->next == file->count)
        return;
    file->head_ns = file->packets[file->next].time_ns;
    sift_down(merge, 0);
}

/* The first file has no packet at hand: get some, or take it out. */
static int refill_first(struct fst_capture *whole, struct fst_diag *diag)
{
    struct fst_merge *merge = whole->merge;
    struct merged_file *file = &merge->files[merge->heap[0]];
    int error = file->packets ? load(whole, file, diag) : wake(whole, file, diag);

    if (error)
        return error;
    if (file->capture)
        sift_down(merge, 0);
    else
        take_first_out(merge);
    return 0;
}

/* Everything has been read: what was wrong with any of it. */
static void conclude(const struct fst_merge *merge, struct fst_diag *diag)
{
    size_t len;

    if (merge->faults == 0)
        return;
    *diag = merge->fault;
    len = strlen(diag->message);
    if (merge->faults > 1)
        (void)snprintf(diag->message + len, sizeof(diag->message) - len,
                       " (and faults in %zu more files)", merge->faults - 1);
}

bool fst_merge_walk(struct fst_capture *whole, struct fst_walk *found, struct fst_diag *diag)
{
    struct fst_merge *merge = whole->merge;

    merge->turn++;
    while (found->count < found->max && merge->heap_count > 0) {
        const struct merged_file *file = &merge->files[merge->heap[0]];

        if (file->next < file->count)
            hand_out(whole, found);
        else if (file->turn == merge->turn)
            return true; /* a read would move packets that were handed out just now */
        else if (refill_first(whole, diag) != 0)
            return false;
    }
    if (found->count == 0)
        conclude(merge, diag);
    return found->count > 0;
}
