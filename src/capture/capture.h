/* SPDX-License-Identifier: MIT
 *
 * A capture being read, as its readers see it. A reader walks the records that lie whole in the
 * input's buffer and hands out pointers into it; refilling the buffer is for open.c, between calls.
 */
#ifndef FST_CAPTURE_CAPTURE_H
#define FST_CAPTURE_CAPTURE_H

#include "capture/clock.h"
#include "capture/input.h"
#include "flowstate/flowstate.h"

struct fst_filter;
struct fst_live;
struct fst_merge;

/* No record may be longer, whatever the snap length says: it bounds the buffer. */
#define FST_RECORD_MAX (64u * 1024 * 1024)

/* The records found by one walk over the buffer. */
struct fst_walk {
    struct fst_packet *packets;
    size_t max;
    size_t count;
    size_t need; /* set when `max` is not reached: octets of the next record, as far as is known */
};

/** One capture format. */
struct fst_reader {
    const uint8_t (*magics)[4];
    size_t magic_count;
    /** Read the file header, of which the magic number is known to be there. */
    int (*open)(struct fst_capture *capture, struct fst_diag *diag);
    /** Hand out whole records from the buffer, from `input.begin` on. Returns 0 or an error. */
    int (*walk)(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag);
    /** The input ends here. Returns 0 between two records, FST_EDAMAGED inside one. */
    int (*finish)(struct fst_capture *capture, struct fst_diag *diag);
};

extern const struct fst_reader fst_reader_pcap;
extern const struct fst_reader fst_reader_pcapng;

/* Classic pcap: what the file header says. */
struct fst_pcap_layout {
    size_t header_len;     /* of a record: 16, 24 if "modified" */
    uint32_t captured_max; /* a longer packet is damage */
    uint32_t tick_ns;      /* 1000 or 1 */
};

/* pcapng: where in the file we are. */
struct fst_pcapng_place {
    bool big_endian;             /* this section's */
    bool numbered;               /* its packets have their numbers with them */
    uint64_t number;             /* of the last packet */
    size_t first;                /* global number of this section's first interface */
    int64_t time_ns;             /* of the last packet that had one */
    uint64_t skip_left;          /* of a block that is skipped, its last 4 octets not counted */
    uint32_t skip_length;        /* that block's length, 0 if none is being skipped */
    uint64_t skip_offset;        /* and where it began */
    const uint8_t *packet_block; /* the block of the last packet that was walked over */
    uint32_t packet_block_len;
};

/* What the reader of each format keeps. */
union fst_format {
    struct fst_pcap_layout pcap;
    struct fst_pcapng_place pcapng;
};

/* Who is told of blocks that are no packets. */
struct fst_block_listener {
    void (*block)(void *context, const uint8_t *at, uint32_t len, bool big_endian);
    void *context;
};

/* The private half of an interface. */
struct fst_source {
    struct fst_clock clock;
    bool big_endian;
    char *name;
};

struct fst_capture {
    struct fst_live *live;   /* NULL: a file, and what follows */
    struct fst_merge *merge; /* several files; NULL: one, which is `input` */
    struct fst_input input;
    const struct fst_reader *reader;
    struct fst_filter *filter; /* NULL: every packet */
    struct fst_diag fault;     /* what ended the reading */
    struct fst_capture_info info;
    struct fst_interface *interfaces; /* info.interface_count of them */
    struct fst_source *sources;       /* and what only the readers know of each */
    size_t interface_room;
    struct fst_block_listener listener; /* `block` is NULL if nobody asked */
    bool packets_only; /* what changes anything but the reader's own state ends the reading */
    union fst_format as;
};

/**
 * Fill the buffer with the `need` octets of a file header.
 *
 * @return 0; FST_EFORMAT if the input ends before, FST_EOPEN if a read failed, FST_ENOMEM.
 */
int fst_capture_need_header(struct fst_capture *capture, size_t need, struct fst_diag *diag);

/* What a file tells of an interface. */
struct fst_description {
    uint16_t link_type;
    uint32_t snap_len;
    bool big_endian;    /* byte order of the headers around its packets */
    uint8_t resolution; /* as if_tsresol */
    int64_t offset_s;   /* as if_tsoffset */
    const char *name;   /* not terminated; NULL if there is none */
    size_t name_len;
};

/** Read the headers of the one file that is `input`. Returns 0, FST_EOPEN, FST_EFORMAT, FST_ENOMEM.
 */
int fst_capture_open_reader(struct fst_capture *capture, struct fst_diag *diag);

/** Append an interface. Returns 0, FST_ENOMEM, or FST_EDAMAGED when there are absurdly many. */
int fst_capture_add_interface(struct fst_capture *capture,
                              const struct fst_description *description, struct fst_diag *diag);

/** The LINKTYPE_ value, as files have it, of what libpcap calls a link type. */
uint16_t fst_link_type_of_dlt(int dlt);

#endif
