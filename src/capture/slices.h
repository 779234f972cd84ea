/* SPDX-License-Identifier: MIT
 *
 * A capture file in slices of one size, several of which may be read at a time. Copying one out of
 * the file needs no order; walking over its records does, since only the slice before tells where
 * the first of them begins. What is not one ordinary packet after the other is not for this: there
 * the slices end, and the capture goes on from the place before as if nothing had been read.
 */
#ifndef FST_CAPTURE_SLICES_H
#define FST_CAPTURE_SLICES_H

#include "capture/capture.h"

/* Between two records, and what a reader knows there. */
struct fst_place {
    uint64_t offset;
    struct fst_capture_info info;
    union fst_format as;
};

struct fst_slice {
    struct fst_capture view; /* its input is the slice's; the rest is the capture's */
    size_t size;
};

/** How many whole slices there are of the file, counted from its begin; 0 if the capture has to be
 *  read in order: live, merged, filtered, packed, from a pipe, or at its end. */
uint64_t fst_slices_count(const struct fst_capture *capture, size_t size);

/** Where the capture stands. */
struct fst_place fst_place_of(const struct fst_capture *capture);

/** Have the capture go on from there. */
void fst_place_return(struct fst_capture *capture, const struct fst_place *place);

/** Memory for one slice at a time. False if there is none. */
bool fst_slice_init(struct fst_slice *slice, const struct fst_capture *capture, size_t size);
void fst_slice_fini(struct fst_slice *slice);

/** Copy slice `number` out of the file. Any thread may, in any order; false if it is not all there.
 */
bool fst_slice_load(struct fst_slice *slice, uint64_t number);

/**
 * Hand out the packets that begin in the loaded slice, valid until the next is loaded.
 *
 * @param place  Where the slice before ended; set behind the last packet.
 * @return False if there are more than `max`, or anything else but packets: `place` is as it was.
 */
bool fst_slice_walk(struct fst_slice *slice, struct fst_place *place, struct fst_packet *packets,
                    size_t max, size_t *count);

#endif
