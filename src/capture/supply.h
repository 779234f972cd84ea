/* SPDX-License-Identifier: MIT */
#ifndef FST_CAPTURE_SUPPLY_H
#define FST_CAPTURE_SUPPLY_H

struct fst_capture;

/** Where the packets of a capture come from. */
enum fst_supply {
    FST_SUPPLY_FILE, /* they are all there */
    FST_SUPPLY_PIPE, /* of at least one input: a read may wait for somebody to write */
    FST_SUPPLY_LIVE
};

enum fst_supply fst_capture_supply(const struct fst_capture *capture);

#endif
