/* SPDX-License-Identifier: MIT
 *
 * libflowstate: which RFC 9293 state is each end of a TCP connection in, judged from captured
 * packets. Read this file from top to bottom: it is the manual.
 *
 *     open a capture ----> read packets ----> feed the analyzer ----> walk its connections
 *     fst_capture_open     fst_capture_read   fst_analyzer_feed       fst_analyzer_connection
 *
 * Reading and analysis are separate: a program with its own packets needs no fst_capture. One that
 * wants a whole capture analysed has fst_analyzer_read() for the middle of it. The
 * analyzer does no I/O, reads no clock, keeps no global state and prints nothing; time is what the
 * packets say. One analyzer belongs to one thread at a time; different analyzers are independent.
 *
 * Conventions: integers are in host byte order unless a comment says otherwise; packets are
 * numbered from 1 over the whole file; times are nanoseconds since the Unix epoch, UTC. A pointer
 * handed out is borrowed until the next call on the same object unless said otherwise. Functions
 * that can fail return 0 or a negative enum fst_error.
 */
#ifndef FLOWSTATE_FLOWSTATE_H
#define FLOWSTATE_FLOWSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FST_API __attribute__((visibility("default")))
#else
#define FST_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------ errors -- */

/* name, value, what it means. */
#define FST_ERROR_MAP(X)                                                                           \
    X(FST_ENOMEM, -1, "out of memory")                                                             \
    X(FST_EOPEN, -2, "the input cannot be opened or read")                                         \
    X(FST_EFORMAT, -3, "the input is not a capture file this library reads")                       \
    X(FST_EDAMAGED, -4, "the input is cut off or damaged; what came before the fault was read")    \
    X(FST_EFILTER, -5, "the filter expression is wrong")                                           \
    X(FST_EINVAL, -6, "an argument is out of range")                                               \
    X(FST_EWRITE, -7, "the output cannot be written")

enum fst_error {
#define FST_X(name, value, text) name = value,
    FST_ERROR_MAP(FST_X)
#undef FST_X
};

/** What an error code means, in English; never NULL, also for unknown codes. */
FST_API const char *fst_error_text(int error);

/** Where a failing call says what happened: file, byte offset, cause and remedy in one line. */
struct fst_diag {
    int error;         /* the enum fst_error of the message, 0 if none was written */
    char message[480]; /* UTF-8, no control characters, no line end */
};

/** The library's version, "MAJOR.MINOR.PATCH". */
FST_API const char *fst_version(void);

/* ------------------------------------------------------------------------------------ states -- */

/* The eleven states of RFC 9293 section 3.3.2, in the order of a connection's life. */
#define FST_STATE_MAP(X)                                                                           \
    X(CLOSED, "CLOSED")                                                                            \
    X(LISTEN, "LISTEN")                                                                            \
    X(SYN_SENT, "SYN-SENT")                                                                        \
    X(SYN_RECEIVED, "SYN-RECEIVED")                                                                \
    X(ESTABLISHED, "ESTABLISHED")                                                                  \
    X(FIN_WAIT_1, "FIN-WAIT-1")                                                                    \
    X(FIN_WAIT_2, "FIN-WAIT-2")                                                                    \
    X(CLOSE_WAIT, "CLOSE-WAIT")                                                                    \
    X(CLOSING, "CLOSING")                                                                          \
    X(LAST_ACK, "LAST-ACK")                                                                        \
    X(TIME_WAIT, "TIME-WAIT")

enum fst_state {
#define FST_X(name, text) FST_##name,
    FST_STATE_MAP(FST_X)
#undef FST_X
        FST_STATE_COUNT
};

/** A set of states: bit (1 << state). */
typedef uint16_t fst_state_set;

/** "SYN-SENT" and so on, as RFC 9293 spells it; "?" for a number that is no state. */
FST_API const char *fst_state_name(enum fst_state state);

/** What the state means, how it is entered and left, and what lingering in it tells. */
struct fst_state_info {
    enum fst_state state;
    const char *meaning;   /* one sentence, from the endpoint's view */
    const char *entered;   /* how an endpoint gets here */
    const char *left;      /* how it gets out */
    const char *lingering; /* what it tells when an endpoint stays here */
    const char *rfc;       /* section of RFC 9293 */
};

/** Never NULL for one of the eleven states; the text is static. */
FST_API const struct fst_state_info *fst_state_info(enum fst_state state);

/** One row of the model: a delivered segment, a segment sent or an unseen event moves a state. */
struct fst_transition {
    enum fst_state from;
    enum fst_state to;
    const char *event;   /* "receives SYN", "sends FIN", "2 MSL passes" ... */
    const char *section; /* of RFC 9293 unless another RFC is named */
};

/** The moves between the eleven states, in a fixed order, for diagrams; false when `index` is past
 *  the last. */
FST_API bool fst_transition_at(size_t index, struct fst_transition *out);

/* ----------------------------------------------------------------------------------- packets -- */

/** One captured packet. `data` is as captured, in network byte order. */
struct fst_packet {
    uint64_t number;       /* from 1, over the whole capture */
    int64_t time_ns;       /* nanoseconds since the epoch, below 2^62; may step backwards */
    const uint8_t *data;   /* captured_len octets, borrowed */
    uint32_t captured_len; /* octets present */
    uint32_t original_len; /* octets the packet had on the wire */
    uint32_t interface;    /* from 0; 0 for formats without interfaces */
    uint16_t link_type;    /* LINKTYPE_ value of tcpdump.org, 1 is Ethernet */
};

/* -------------------------------------------------------------------------- reading captures -- */

struct fst_capture;

/** An interface of the capture. Classic pcap has one. */
struct fst_interface {
    uint16_t link_type;
    uint32_t snap_len;   /* octets, 0 is unlimited */
    const char *name;    /* if_name, UTF-8 as in the file, NULL if not given */
    uint64_t received;   /* isb_ifrecv of the last statistics, UINT64_MAX if not given */
    uint64_t dropped;    /* isb_ifdrop */
    uint64_t os_dropped; /* isb_osdrop */
    uint32_t file;       /* index into info.files; 0 if one file is read */
};

/** One of several files that are read as one capture, as far as it has been read. */
struct fst_capture_file {
    const char *path; /* as given */
    const char *format, *compression;
    uint64_t packets;
    bool truncated;
};

/** What is known of a capture once it has been read (or so far). */
struct fst_capture_info {
    const char *path;         /* as given; "-" is standard input */
    const char *format;       /* "pcap", "pcap-nsec", "pcap-modified", "pcapng", "merged", "live" */
    const char *compression;  /* "gzip", "zstd", "lz4", or NULL */
    bool big_endian;          /* of the (first section's) headers */
    bool truncated;           /* ended in the middle of a record, or damaged */
    uint64_t packets;         /* read so far */
    uint64_t bytes;           /* of the uncompressed stream read so far */
    uint64_t file_bytes;      /* of the file itself, packed or not, read so far */
    uint64_t filtered_out;    /* packets the filter dropped; counted in `packets` too */
    int64_t filtered_last_ns; /* the latest time of those; 0 if there is none */
    uint64_t comments;        /* packet and section comments seen */
    int64_t until_ns; /* pcapng: when capturing ended, the latest told so far; 0 if none is */
    size_t interface_count;
    const struct fst_interface *interfaces;
    size_t file_count; /* 0 unless several files are read */
    const struct fst_capture_file *files;
};

/**
 * Open a capture file: pcap or pcapng, plain or gzip, zstd or lz4, told apart by their first bytes.
 *
 * @param out   Receives the capture; NULL on failure. Close it with fst_capture_close().
 * @param path  File name; "-" reads standard input.
 * @param diag  Filled on failure; may be NULL.
 * @return 0; FST_EOPEN (missing, unreadable, a directory), FST_EFORMAT (empty, or neither pcap nor
 *         pcapng), FST_ENOMEM.
 *
 * Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
FST_API int fst_capture_open(struct fst_capture **out, const char *path, struct fst_diag *diag);

/**
 * The same in steps: make a capture, add one file or more, begin. fst_capture_add() opens a file
 * and reads nothing of it, so that a program can give up its rights before a hostile octet is
 * looked at. Several files are merged by time into one stream: packets are numbered over all of
 * them, each interface names its file, and a damaged file does not keep the others from being read.
 * None is held in memory: of many files, those whose time has not come cost a descriptor only.
 *
 * @return As fst_capture_open(); FST_EINVAL from fst_capture_begin() if no file was added. After a
 *         failure only fst_capture_close() makes sense.
 */
FST_API int fst_capture_new(struct fst_capture **out, struct fst_diag *diag);
FST_API int fst_capture_add(struct fst_capture *capture, const char *path, struct fst_diag *diag);
FST_API int fst_capture_begin(struct fst_capture *capture, struct fst_diag *diag);

/**
 * Keep only the packets that match a pcap-filter(7) expression. Call before the first read.
 * Packet numbers still count every packet of the file. Compiled once per link type when the first
 * packet of that type is met; an expression that suits no link type at all fails here.
 *
 * @return 0, FST_EFILTER (diag has the compiler's words), FST_ENOMEM.
 */
FST_API int fst_capture_set_filter(struct fst_capture *capture, const char *expression,
                                   struct fst_diag *diag);

/**
 * Read the next packets.
 *
 * @param packets  Receives up to `max` packets; their data stays valid until the next call.
 * @param count    Receives how many; 0 at the end of the capture. On FST_EDAMAGED it may be above
 * 0: those packets are good, and the next call returns the error again with 0 packets.
 * @return 0, FST_EDAMAGED (message: file, offset, cause), FST_EOPEN (a read failed), FST_EFILTER
 * (no program for a link type that turned up), FST_ENOMEM.
 */
FST_API int fst_capture_read(struct fst_capture *capture, struct fst_packet *packets, size_t max,
                             size_t *count, struct fst_diag *diag);

/** What is known so far; borrowed until the next call on the capture. */
FST_API const struct fst_capture_info *fst_capture_info(const struct fst_capture *capture);

/** Frees the capture and closes its file; NULL is fine. */
FST_API void fst_capture_close(struct fst_capture *capture);

/** How to capture on an interface. Zero means the default of each. */
struct fst_live_options {
    const char *interface; /* its name, or "any" for all of them */
    uint32_t snap_len;     /* octets of each packet that are kept, at most 2^31 - 1; 262144 */
    uint32_t buffer_kib; /* the system's memory for packets not read yet, at most 2^21 - 1; 4096 */
    uint32_t timeout_ms; /* a read that has waited so long gives no packets; 100 */
    bool promiscuous;    /* also what is meant for others */
    bool batched; /* packets may wait up to `timeout_ms` in the system for others to come: much
                     less work for each, and more of them fit into the buffer */
};

/**
 * Capture on an interface. When this returns 0 the capture has begun: what passes from now on is
 * kept until it is read, as far as the buffer goes.
 *
 * fst_capture_read(), _set_filter(), _info() and _close() work as for a file, but: a read waits for
 * a packet and gives none, with 0, when `timeout_ms` have passed or a signal came, which is not the
 * end; FST_EOPEN tells that the interface failed. Packets the filter drops are neither numbered nor
 * counted. Times are the system's, in nanoseconds where it offers them. The counters of
 * info.interfaces[0] are those of pcap_stats(3), counted on beyond 32 bits, UINT64_MAX where the
 * system cannot tell: what the interface dropped is known for a real one in promiscuous mode only.
 * They are renewed by a read that gives no packets, and else several times a second.
 *
 * @param out      Receives the capture; NULL on failure.
 * @param options  Copied.
 * @param diag     Filled on failure; may be NULL.
 * @return 0; FST_EOPEN (no such interface, it is down, or you may not capture on it), FST_ENOMEM.
 */
FST_API int fst_capture_open_live(struct fst_capture **out, const struct fst_live_options *options,
                                  struct fst_diag *diag);

/** A place to capture on. Text is UTF-8 as the system has it. */
struct fst_device {
    const char *name;
    const char *description; /* NULL if there is none */
    bool up, running, loopback;
    bool allowed;  /* you may capture here, now */
    int error;     /* what opening it gave, 0 if it could be opened */
    char why[480]; /* the message of that error, with the remedy; "" if there is none */
};

struct fst_device_list;

/**
 * List the interfaces of this machine, by name, and "any". Each is opened for a moment to see
 * whether it can be.
 *
 * @param out  Receives the list, to be freed; NULL on failure.
 * @return 0, FST_EOPEN (the system does not tell), FST_ENOMEM.
 */
FST_API int fst_device_list_new(struct fst_device_list **out, struct fst_diag *diag);
/** By index from 0; NULL past the last. */
FST_API const struct fst_device *fst_device_at(const struct fst_device_list *list, size_t index);
FST_API void fst_device_list_free(struct fst_device_list *list);

/** "EN10MB" and so on for a LINKTYPE_ value, or NULL if it has no name. Static text. */
FST_API const char *fst_link_type_name(uint16_t link_type);

/** Whether the analyzer can look inside packets of this link type. */
FST_API bool fst_link_type_supported(uint16_t link_type);

/* --------------------------------------------------------------------------- copying captures --
 */

struct fst_copy;

/** Takes the octets of a copy, in order. */
typedef void fst_copy_sink(void *context, const uint8_t *octets, size_t len);

/**
 * Begin a copy of a capture as pcapng, with comments added to packets. Of a pcapng source every
 * block and option is kept as it is, in its byte order; what is not a packet goes to the sink when
 * fst_capture_read() passes it. Exceptions: the length of a section whose header got a comment
 * becomes "unknown"; a simple packet block that gets a comment becomes an enhanced one, for it has
 * no room for any; blocks of an unknown type above 65 MiB are left out.
 *
 * Call after fst_capture_open() and before the first read; then read one packet at a time and hand
 * each to fst_copy_packet(), or leave it out. Free the copy before the capture is closed.
 *
 * @param comment  For the (first) section, UTF-8, NULL for none.
 * @return 0, or FST_ENOMEM.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
FST_API int fst_copy_new(struct fst_copy **out, struct fst_capture *capture, const char *comment,
                         fst_copy_sink *sink, void *context);

/** Copy the packet that was read last, with a comment (UTF-8, cut after 65,535 octets) or NULL. A
 *  packet whose options are damaged is copied without the comment. Returns 0 or FST_ENOMEM. */
FST_API int fst_copy_packet(struct fst_copy *copy, const struct fst_packet *packet,
                            const char *comment);

FST_API void fst_copy_free(struct fst_copy *copy);

/* ----------------------------------------------------------------------------- writing packets --
 */

struct fst_dump;

/**
 * Begin a pcapng file. It is written through a buffer; a failure is remembered and returned by
 * every later call.
 *
 * @param out   Receives the dump; NULL on failure. End it with fst_dump_close().
 * @param path  File to make or empty; "-" is standard output.
 * @param diag  Filled on failure; may be NULL.
 * @return 0, FST_EWRITE, FST_ENOMEM.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
FST_API int fst_dump_open(struct fst_dump **out, const char *path, struct fst_diag *diag);

/** Describe an interface: its link type, snap length and name. `number` receives what packets are
 * to have in `interface`: 0 for the first, and so on. Returns 0 or FST_EWRITE. */
FST_API int fst_dump_interface(struct fst_dump *dump, const struct fst_interface *interface,
                               uint32_t *number);

/** Add a packet, its time in nanoseconds (before 1970: 1970). `comment` is UTF-8 that readers show
 *  with it; NULL for none, cut at 65535 octets. Returns 0, FST_EINVAL (no such interface) or
 *  FST_EWRITE. */
FST_API int fst_dump_packet(struct fst_dump *dump, const struct fst_packet *packet,
                            const char *comment);

/** Add the counters of an interface, UINT64_MAX for those not known, and when capturing ended, 0 if
 *  that is not known; once, behind its packets. Returns 0, FST_EINVAL (no such interface) or
 * FST_EWRITE. */
FST_API int fst_dump_statistics(struct fst_dump *dump, uint32_t number,
                                const struct fst_interface *interface, int64_t until_ns);

/** Octets of the file so far, those still buffered included. */
FST_API uint64_t fst_dump_octets(const struct fst_dump *dump);

/** Hand what is buffered to the system. Returns 0 or FST_EWRITE. */
FST_API int fst_dump_flush(struct fst_dump *dump);

/** Write what is buffered, close the file and free the dump, also on failure; NULL is fine.
 *  Returns 0, or FST_EWRITE with `diag` filled if anything could not be written. */
FST_API int fst_dump_close(struct fst_dump *dump, struct fst_diag *diag);

/**
 * Begin a pcapng file in which each packet keeps its `number`: reading it back gives that number,
 * not its place in the file. For parts of a capture whose results are put together again.
 *
 * @param fd  A descriptor open for writing, closed by fst_dump_close(); `path` is for messages.
 * @return as fst_dump_open(); on failure the descriptor stays open.
 */
FST_API int fst_dump_open_numbered(struct fst_dump **out, int fd, const char *path,
                                   struct fst_diag *diag);

/* -------------------------------------------------------------------------- dividing captures --
 */

struct fst_split;

/** Takes a packet of a part, numbered from 0; borrowed for the call. */
typedef void fst_split_sink(void *context, uint32_t part, const struct fst_packet *packet);

/**
 * Divide packets into parts such that every connection is whole in one of them, by a hash of its
 * endpoints that is the same everywhere and in both directions. Analysing the parts one by one then
 * gives what analysing all at once gives. The fragments of a datagram are handed to the sink when
 * it is whole, together.
 *
 * @return 0, FST_EINVAL if `parts` is 0, FST_ENOMEM.
 */
FST_API int fst_split_new(struct fst_split **out, uint32_t parts, fst_split_sink *sink,
                          void *context);
/** Returns 0 or FST_ENOMEM. */
FST_API int fst_split_feed(struct fst_split *split, const struct fst_packet *packets, size_t count);
/** No more packets come: hand out what still waits. */
FST_API void fst_split_finish(struct fst_split *split);
/** What time it is after the packets fed so far, nanoseconds since the epoch; 0 before there are
 * two. A part must say so (isb_endtime), for states that last are judged by when the whole ended.
 */
FST_API int64_t fst_split_time(const struct fst_split *split);
FST_API void fst_split_free(struct fst_split *split);

/* ------------------------------------------------------------------------------ rule catalogue --
 */

/** Classes of finding, worst first. */
#define FST_CLASS_MAP(X)                                                                           \
    X(ILLEGAL, "illegal") /* no conforming endpoint could have sent it */                          \
    X(SUSPECT, "suspect") /* only a missed packet or a host that lost its memory excuses it */     \
    X(ANOMALY, "anomaly") /* legal but worth knowing */                                            \
    X(CAPTURE, "capture") /* the recording is at fault */

enum fst_class {
#define FST_X(name, text) FST_##name,
    FST_CLASS_MAP(FST_X)
#undef FST_X
        FST_CLASS_COUNT
};

/** "illegal", "suspect", "anomaly", "capture". */
FST_API const char *fst_class_name(enum fst_class class_);

/** One rule of the catalogue. Slugs are stable. All text is static. */
struct fst_rule {
    const char *slug;              /* "data-after-fin" */
    enum fst_class class_;         /* by default */
    enum fst_class class_lossless; /* when the user vouches that the capture missed nothing */
    const char *source;            /* "RFC 9293 3.10.7.4" */
    const char *meaning;           /* one sentence */
    const char *excuse;            /* its innocent look-alike */
    const char *example;           /* a minimal trace in scenario notation */
    const char *aliases;           /* what Suricata, Zeek and Wireshark call it, "" if nothing */
};

FST_API size_t fst_rule_count(void);
/** By index from 0 in catalogue order; NULL past the end. */
FST_API const struct fst_rule *fst_rule_at(size_t index);
/** By slug; NULL if there is none. */
FST_API const struct fst_rule *fst_rule_find(const char *slug);

/* -------------------------------------------------------------------------------- the analyzer --
 */

struct fst_analyzer;

/** An endpoint of a connection: who sent the first SYN (or is taken to have), and the other. */
enum fst_side { FST_CLIENT, FST_SERVER };

/** Who a finding blames: an enum fst_side, or neither. */
enum fst_blame { FST_BY_CLIENT, FST_BY_SERVER, FST_BY_NOBODY };

/**
 * Memory for the analyzer. `resize` acts as realloc(old, new_size); new_size 0 frees. It may
 * return NULL when new_size is above 0: the call in progress then fails with FST_ENOMEM.
 * fst_analyzer_read() may call it from several threads at once.
 */
struct fst_allocator {
    void *(*resize)(void *context, void *old, size_t old_size, size_t new_size);
    void *context;
};

/** A thing worth telling. */
struct fst_finding {
    const struct fst_rule *rule;
    enum fst_class class_; /* as it counts in this analysis */
    enum fst_blame by;     /* who sent the packet */
    uint32_t connection;   /* id */
    uint32_t repeats;      /* how often more the same was seen in this connection; to the `finding`
                              callback, above 0 if it is only counted, not kept by itself */
    uint64_t packet;       /* the packet that shows it */
    uint64_t because_packet; /* the earlier packet that forbids or explains it, 0 if none */
    int64_t time_ns;         /* of `packet` */
    fst_state_set states; /* the states the blamed side could be in before it, 0 if not at issue */
    uint32_t number[2];   /* what the message mentions: relative sequence numbers, counts */
};

/** Write the finding's one-sentence message, NUL-terminated; returns its length, which may exceed
 *  `size` - 1, as snprintf does. */
FST_API int fst_finding_message(const struct fst_finding *finding, char *text, size_t size);

/** TCP flags of a segment, as in the header's 14th octet, plus AE as bit 8. */
enum {
    FST_TCP_FIN = 0x01,
    FST_TCP_SYN = 0x02,
    FST_TCP_RST = 0x04,
    FST_TCP_PSH = 0x08,
    FST_TCP_ACK = 0x10,
    FST_TCP_URG = 0x20,
    FST_TCP_ECE = 0x40,
    FST_TCP_CWR = 0x80,
    FST_TCP_AE = 0x100
};

/** Which options a segment carries. */
enum {
    FST_OPT_MSS = 0x01,
    FST_OPT_WSCALE = 0x02,
    FST_OPT_SACK_PERMITTED = 0x04,
    FST_OPT_SACK = 0x08,
    FST_OPT_TIMESTAMPS = 0x10,
    FST_OPT_FAST_OPEN = 0x20, /* option 34, or 254 with RFC 6994 magic F989 */
    FST_OPT_CC = 0x40,        /* RFC 1644, historic */
    FST_OPT_OTHER = 0x80
};

#define FST_SACK_BLOCKS_MAX 4

/** The options of a segment that flowstate understands; `present` says which fields count. */
struct fst_tcp_options {
    uint8_t present;
    uint8_t wscale;
    uint8_t sack_count;
    uint8_t cookie_len; /* octets of Fast Open cookie */
    uint16_t mss;
    uint32_t ts_val, ts_ecr;
    uint32_t sack[FST_SACK_BLOCKS_MAX][2]; /* left and right edge */
};

/** A change of an endpoint's likely state, and why. */
struct fst_change {
    enum fst_side side;
    enum fst_state from, to;
    bool inferred;       /* rests on presumed delivery, no proof yet */
    const char *why;     /* a sentence, static */
    const char *section; /* of RFC 9293 unless another RFC is named; static */
};

#define FST_CHANGES_MAX 8

/** What one segment showed; handed to the `segment` callback. Borrowed for its duration. */
struct fst_segment_event {
    uint64_t packet;
    int64_t time_ns;
    uint32_t connection; /* id */
    uint32_t interface;  /* it was captured on, as in struct fst_packet */
    enum fst_side from;
    uint16_t flags;
    uint16_t wnd_raw;  /* unscaled */
    uint32_t seq, ack; /* as on the wire */
    uint32_t relative_seq,
        relative_ack; /* to the ISS of the life the segment belongs to, as tcpdump
                         counts; absolute where the life's start is unknown */
    uint32_t payload_len;
    const struct fst_tcp_options *options;
    struct {
        enum fst_state state;
        fst_state_set possible;
        bool inferred;
    } after[2]; /* by enum fst_side */
    size_t change_count;
    struct fst_change changes[FST_CHANGES_MAX]; /* in the order they happened */
    size_t finding_count;
    const struct fst_finding *findings; /* raised by this segment; a finding that was held back
                                           until now names its own, earlier packet */
};

/** Callbacks; each may be NULL. They must not call the analyzer except for reading. */
struct fst_events {
    void *context;
    /** After each TCP segment, in capture order. */
    void (*segment)(void *context, const struct fst_segment_event *event);
    /** When a finding is final, in capture order of what decided it. */
    void (*finding)(void *context, const struct fst_finding *finding);
    /** A connection leaves the table: evicted, expired, or fst_analyzer_finish() was called. `id`
     *  can be read, as with fst_analyzer_connection(), until the callback returns. */
    void (*ended)(void *context, uint32_t id);
    /** After a segment that opened the connection, moved the likely state of one of its ends or
     *  raised a finding. Costs nothing for all others. */
    void (*changed)(void *context, uint32_t id);
};

struct fst_options {
    uint32_t max_flows;   /* connections kept; 0 means 1,000,000 */
    bool lossless;        /* the user vouches that the capture missed nothing */
    bool path_packets;    /* also keep the packet, and its time, of each step of a path */
    bool no_paths;        /* keep no paths nor history: views have none, and no conn_state. Faster;
                             what is counted or summed up needs neither */
    uint8_t hash_key[16]; /* secret; results do not depend on it */
    const struct fst_allocator *allocator; /* NULL: malloc. Must outlive the analyzer */
    struct fst_events events;
};

/**
 * Make an analyzer.
 *
 * @param options  Copied; NULL means all defaults.
 * @return 0, or FST_ENOMEM with *out NULL.
 */
FST_API int fst_analyzer_new(struct fst_analyzer **out, const struct fst_options *options);

/**
 * Feed captured packets, in capture order.
 *
 * Decodes link, IP and TCP headers, finds or creates the connection and updates what both endpoints
 * can be. A packet that is cut short, malformed or not TCP is data, not an error: it is counted in
 * struct fst_stats. Packets are worked on in batches; larger calls are faster.
 *
 * @param packets  Borrowed for the call.
 * @return 0, or FST_ENOMEM: the packets up to an unspecified one were analysed and the analyzer
 * stays usable; `stats.packets` tells how many.
 *
 * Source: RFC 9293 section 3.10.7 for the receiver, 3.10.1 to 3.10.5 for the sender.
 */
FST_API int fst_analyzer_feed(struct fst_analyzer *analyzer, const struct fst_packet *packets,
                              size_t count);

/** How to read a capture into an analyzer. Zero means the default of each. */
struct fst_reading {
    unsigned threads; /* 1: only the caller's. More, up to 4, and the capture is large: all read and
                         decode a file abreast, and each follows a part of the connections, if the
                         analyzer is new, only `ended` is listened to, no path packets are kept and
                         there is room for many more connections; else the caller's follows all.
                         Pipes, packed, merged and filtered captures, and stretches whose order
                         matters, a second one reads and decodes while the caller's analyses. 0: as
                         many as there are cores */
    uint64_t max_packets; /* stop after so many that the filter lets through; all of them */
    /** Asked now and then, in the caller's thread, whether to go on; NULL: always. `file_bytes` is
     *  as in struct fst_capture_info. */
    bool (*go_on)(void *context, uint64_t file_bytes);
    void *context;
};

/**
 * Read a capture from where it stands to its end and feed its packets, as fst_capture_read() and
 * fst_analyzer_feed() do in turn: what comes of it is the same, octet by octet, whatever the number
 * of threads. All callbacks run in the caller's thread. Until it returns, the capture belongs to
 * this call: callbacks and `go_on` may not use it, fst_capture_info() included, and `go_on` not the
 * analyzer either; what was read when it says no is analysed. No thread is left behind. Where none
 * can be started, or memory for it is short, the caller's does it all.
 *
 * @param reading  NULL means all defaults.
 * @param diag     Filled on failure; may be NULL.
 * @return As fst_capture_read(), after the packets before the fault were fed, or as
 *         fst_analyzer_feed(). FST_EINVAL for a live capture, which has no end, and after
 *         fst_analyzer_finish().
 */
FST_API int fst_analyzer_read(struct fst_analyzer *analyzer, struct fst_capture *capture,
                              const struct fst_reading *reading, struct fst_diag *diag);

/**
 * The capture has ended: decide what was held back, raise the findings that need the end, and call
 * `ended` for every connection, in the order they were opened. Feeding afterwards is an error
 * (FST_EINVAL). Returns 0 or FST_ENOMEM.
 */
FST_API int fst_analyzer_finish(struct fst_analyzer *analyzer);

FST_API void fst_analyzer_free(struct fst_analyzer *analyzer);

/** How long after its last packet a connection is kept, for captures without an end. */
struct fst_ages {
    int64_t over_ns;    /* both ends closed, reset, refused, or followed by a later connection */
    int64_t opening_ns; /* the handshake is not finished */
    int64_t idle_ns;    /* any other */
};

/**
 * Drop connections by their age: the last findings are raised and `ended` is called, as at the end
 * of a capture. What comes for one later opens a new connection, which began before the capture.
 *
 * What has lasted for a minute by then (close-wait-lasts, fin-wait-2-lasts, half-open-lasts) is
 * told of the others that are looked at.
 *
 * @param now_ns  The time by the capture's clock.
 * @param count   So many connections are looked at, from where the last call stopped; a
 *                caller that spreads a round over many calls is never busy for long.
 * @return how many were dropped.
 */
FST_API size_t fst_analyzer_expire(struct fst_analyzer *analyzer, const struct fst_ages *ages,
                                   int64_t now_ns, size_t count);

/** Places of the table: connections in it, and gaps that the next ones will take. */
FST_API size_t fst_analyzer_places(const struct fst_analyzer *analyzer);

/** Counters since the start. */
struct fst_stats {
    uint64_t packets;           /* fed */
    uint64_t tcp_segments;      /* decoded to the end of the TCP header */
    uint64_t not_tcp;           /* other protocols, or IP fragments still incomplete */
    uint64_t unsupported;       /* link types that are not understood */
    uint64_t malformed;         /* headers that contradict themselves */
    uint64_t headers_cut;       /* snap length hides the TCP header */
    uint64_t fragments;         /* IP fragments seen */
    uint64_t reassembled;       /* datagrams put together from fragments */
    uint64_t bad_checksums;     /* TCP checksum wrong */
    uint64_t offload_checksums; /* TCP checksum left to the network card (pseudo-header sum only) */
    uint64_t time_backwards;    /* packets older than their predecessor */
    uint64_t connections;       /* opened, evicted ones included */
    uint64_t evicted;           /* connections dropped because max_flows was reached */
    uint64_t expired;           /* connections dropped by fst_analyzer_expire() */
    uint64_t findings[FST_CLASS_COUNT]; /* by class, repeats included */
    int64_t ts_first, ts_last;          /* smallest and largest time, 0 if no packet */
};

FST_API const struct fst_stats *fst_analyzer_stats(const struct fst_analyzer *analyzer);

/** Whether memory was short at some time: then something that packets showed was not kept, and what
 *  is told of connections may lack it. */
FST_API bool fst_analyzer_short_of_memory(const struct fst_analyzer *analyzer);

/** How often the rule at `rule_index` was found, repeats included. */
FST_API uint64_t fst_analyzer_rule_hits(const struct fst_analyzer *analyzer, size_t rule_index);

/* ---------------------------------------------------------------------------- walking results --
 */

#define FST_ADDRESS_TEXT_MAX 46

struct fst_address {
    bool ipv6;
    uint8_t octets[16]; /* network order; the first 4 for IPv4 */
};

/** Write "10.0.0.1" or the RFC 5952 form of an IPv6 address; `text` holds FST_ADDRESS_TEXT_MAX. */
FST_API void fst_address_text(const struct fst_address *address, char *text);

/** How it is known who the client is. */
#define FST_ORIENTATION_MAP(X)                                                                     \
    X(SYN, "syn")         /* its SYN was captured */                                               \
    X(SYN_ACK, "syn-ack") /* the other side's SYN-ACK was captured */                              \
    X(PORT, "port")       /* guess: the server has the lower, well-known port */                   \
    X(FIRST, "first")     /* guess: who was seen first */

enum fst_orientation {
#define FST_X(name, text) FST_ORIENTED_BY_##name,
    FST_ORIENTATION_MAP(FST_X)
#undef FST_X
};

FST_API const char *fst_orientation_name(enum fst_orientation orientation);

/** How a connection ended, or stands. */
#define FST_END_MAP(X)                                                                             \
    X(NO_ANSWER, "no-answer")     /* SYNs, and nothing came back */                                \
    X(REFUSED, "refused")         /* the SYN was answered by a RST */                              \
    X(OPENING, "opening")         /* the handshake did not finish */                               \
    X(OPEN, "open")               /* established, nobody has closed */                             \
    X(HALF_CLOSED, "half-closed") /* one side has sent its FIN */                                  \
    X(CLOSING, "closing")         /* both FINs, not all acknowledged */                            \
    X(CLOSED, "closed")           /* both FINs sent and acknowledged */                            \
    X(RESET, "reset")             /* a RST ended it */                                             \
    X(UNKNOWN, "unknown")         /* too little was captured to tell */

enum fst_end_kind {
#define FST_X(name, text) FST_END_##name,
    FST_END_MAP(FST_X)
#undef FST_X
};

FST_API const char *fst_end_kind_name(enum fst_end_kind kind);

/** How much of a connection the capture shows. */
#define FST_COVERAGE_MAP(X)                                                                        \
    X(COMPLETE, "complete")                                                                        \
    X(GAPS, "gaps")           /* something was acknowledged that is not in it */                   \
    X(MIDSTREAM, "midstream") /* the connection was there before */                                \
    X(ONE_SIDED, "one-sided") /* one direction was never captured */

enum fst_coverage {
#define FST_X(name, text) FST_COVERAGE_##name,
    FST_COVERAGE_MAP(FST_X)
#undef FST_X
};

FST_API const char *fst_coverage_name(enum fst_coverage coverage);

/** One step of the path an endpoint took. */
struct fst_path_step {
    enum fst_state state;
    uint64_t packet; /* that led there; 0 for the state it began in, or if path_packets is off */
    int64_t time_ns; /* of that packet */
};

#define FST_PATH_MAX 64 /* longer paths are cut, and `path_cut` says so */

struct fst_endpoint_view {
    struct fst_address address;
    uint16_t port;
    enum fst_state state;   /* the most likely one, a member of `possible` */
    fst_state_set possible; /* all that fit the wire */
    bool heard;             /* it sent at least one segment */
    bool inferred;          /* `state` rests on presumed delivery */
    bool path_cut;
    size_t path_count;
    struct fst_path_step path[FST_PATH_MAX]; /* those past `path_count` hold nothing */
    uint64_t packets;
    uint64_t payload_bytes; /* octets of text in its segments, retransmissions included */
    uint64_t retransmits;   /* segments that brought only octets sent before */
};

/* What carried the IP packets of a connection, one tag a layer: the kind is in the upper four bits,
 * the VLAN id, MPLS label or tunnel key in the others. */
#define FST_TAG_VLAN    0x10000000u
#define FST_TAG_PPPOE   0x30000000u
#define FST_TAG_TUNNEL  0x40000000u
#define FST_TAG_VALUE   0x0fffffffu

#define FST_TAGS_MAX    6
#define FST_HISTORY_MAX 64

struct fst_connection_view {
    uint32_t id;          /* from 1, in the order of first packets */
    uint32_t incarnation; /* of this 4-tuple, from 1 */
    int64_t ts_first, ts_last;
    uint64_t first_packet;
    enum fst_orientation oriented_by;
    struct fst_endpoint_view side[2]; /* by enum fst_side */
    size_t tag_count;                 /* VLAN ids and tunnel keys, outermost first */
    uint32_t tags[FST_TAGS_MAX];
    enum fst_end_kind end_kind;
    enum fst_blame end_by; /* who closed first, reset, or owes the next step */
    bool evicted;          /* left the table before the capture ended, for lack of room */
    bool expired;          /* left it by its age */
    enum fst_coverage coverage;
    int64_t handshake_ns;          /* first SYN to the ACK that ended the handshake, -1 unknown */
    const char *conn_state;        /* Zeek's code, "SF" ...; static. NULL with no_paths */
    char history[FST_HISTORY_MAX]; /* Zeek's history letters */
    size_t finding_count;
    const struct fst_finding *findings; /* in capture order; borrowed until the analyzer changes */
};

/** Connections still in the table, by ascending id: the first with an id of at least `id`, or 0. */
FST_API uint32_t fst_analyzer_next(struct fst_analyzer *analyzer, uint32_t id);

/** Fill `view` for connection `id`. Returns 0, or FST_EINVAL if it is not in the table. */
FST_API int fst_analyzer_connection(struct fst_analyzer *analyzer, uint32_t id,
                                    struct fst_connection_view *view);

/** A connection in brief: what a list of very many needs. */
struct fst_connection_brief {
    uint32_t id;
    int64_t ts_first, ts_last;
    int64_t handshake_ns; /* as in the view */
    enum fst_class worst; /* of its findings; FST_CLASS_COUNT if there are none */
    bool over;            /* nothing more will come of it */
    struct {
        struct fst_address address;
        uint16_t port;
        enum fst_state state;
        bool heard, inferred;
        int64_t since_ns; /* when it got into the state; 0 if path_packets is off */
        uint64_t packets;
    } side[2]; /* by enum fst_side */
};

/** Fill `brief` for connection `id`, much faster than its view. Returns 0, or FST_EINVAL if it is
 *  not in the table. */
FST_API int fst_analyzer_brief(struct fst_analyzer *analyzer, uint32_t id,
                               struct fst_connection_brief *brief);

/** What came of a connection: all that a count of very many needs. */
struct fst_outcome {
    enum fst_end_kind end_kind; /* these three as in the view */
    enum fst_blame end_by;
    enum fst_coverage coverage;
    enum fst_class worst; /* of its findings; FST_CLASS_COUNT if there are none */
};

/** Fill `outcome` for connection `id`, faster still. Returns 0, or FST_EINVAL if it is not in the
 *  table. */
FST_API int fst_analyzer_outcome(struct fst_analyzer *analyzer, uint32_t id,
                                 struct fst_outcome *outcome);

/** Connections in the table. */
FST_API size_t fst_analyzer_alive(const struct fst_analyzer *analyzer);

/** Length of a Community ID with its NUL. */
#define FST_COMMUNITY_ID_MAX 32

/** Community ID v1 ("1:..." and base64 of a SHA-1) of a TCP connection, for the given seed. */
FST_API void fst_community_id(const struct fst_connection_view *view, uint16_t seed,
                              char text[FST_COMMUNITY_ID_MAX]);

#ifdef __cplusplus
}
#endif

#endif
