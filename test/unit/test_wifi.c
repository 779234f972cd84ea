/* SPDX-License-Identifier: MIT
 *
 * IEEE 802.11: each case puts its headers before the same IP packet.
 */
#include "decode/wifi.h"

#include "support/frame_builder.h"
#include "support/unit.h"

#define WIFI      105
#define PRISM     119
#define RADIOTAP  127
#define AVS       163
#define PPI       192

#define TCP       FST_DECODED_TCP
#define NOT_TCP   FST_DECODED_NOT_TCP
#define MALFORMED FST_DECODED_MALFORMED

#define MAC       "020000000001"
/* What follows frame control in a header with three addresses. */
#define REST    "2c00" MAC MAC MAC "d01e"
#define SNAP    "aaaa03 000000 0800"
#define DATA    "0801" REST SNAP
#define ZEROS8  "0000000000000000"
#define ZEROS64 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8

static const struct {
    const char *what;
    uint16_t link_type;
    const char *header;
    enum fst_decoded decoded;
} cases[] = {
    {"data, to the access point", WIFI, DATA, TCP},
    {"data, from the access point", WIFI, "0802" REST SNAP, TCP},
    {"data, between stations", WIFI, "0800" REST SNAP, TCP},
    {"data, between access points", WIFI, "0803" REST MAC SNAP, TCP},
    {"data, retried", WIFI, "0809" REST SNAP, TCP},
    {"QoS data", WIFI, "8801" REST "0000" SNAP, TCP},
    {"QoS data, four addresses", WIFI, "8803" REST MAC "0000" SNAP, TCP},
    {"QoS data, HT control", WIFI, "8881" REST "0000 00000000" SNAP, TCP},
    {"QoS data, aggregate", WIFI, "8801" REST "8000" SNAP, NOT_TCP},
    {"QoS data, four addresses, aggregate", WIFI, "8803" REST MAC "8000" SNAP, NOT_TCP},
    {"protected", WIFI, "0841" REST SNAP, NOT_TCP},
    {"no data", WIFI, "4801" REST SNAP, NOT_TCP},
    {"QoS, no data", WIFI, "c801" REST "0000" SNAP, NOT_TCP},
    {"beacon", WIFI, "8000" REST SNAP, NOT_TCP},
    {"acknowledgment", WIFI, "d400" REST SNAP, NOT_TCP},
    {"another version", WIFI, "0901" REST SNAP, NOT_TCP},
    {"first fragment", WIFI, "0805" REST SNAP, TCP},
    {"second fragment", WIFI, "0801 2c00" MAC MAC MAC "d11e" SNAP, NOT_TCP},
    {"ARP", WIFI, "0801" REST "aaaa03 000000 0806", NOT_TCP},
    {"radiotap, nothing told", RADIOTAP, "0000 0800 00000000" DATA, TCP},
    {"radiotap, flags", RADIOTAP, "0000 0900 02000000 10" DATA, TCP},
    {"radiotap, time and flags", RADIOTAP, "0000 1100 03000000" ZEROS8 "10" DATA, TCP},
    {"radiotap, wrong check sequence", RADIOTAP, "0000 0900 02000000 40" DATA, NOT_TCP},
    {"radiotap, the same behind the time", RADIOTAP, "0000 1100 03000000" ZEROS8 "40" DATA,
     NOT_TCP},
    {"radiotap, padded", RADIOTAP, "0000 0900 02000000 20 8801" REST "0000 0000" SNAP, TCP},
    {"radiotap, padding not needed", RADIOTAP, "0000 0900 02000000 20" DATA, TCP},
    {"radiotap, more bits", RADIOTAP, "0000 0d00 02000080 00000000 40" DATA, NOT_TCP},
    {"radiotap, more bits, aligned time", RADIOTAP,
     "0000 1900 03000080 00000000 00000000 0000000000000000 40" DATA, NOT_TCP},
    {"radiotap, aligned time before the flags", RADIOTAP,
     "0000 1900 03000080 00000000 40404040 4040404040404040 00" DATA, TCP},
    {"radiotap, bits without end", RADIOTAP, "0000 0c00 020000c0 000000c0" DATA, TCP},
    {"radiotap, flags past its end", RADIOTAP, "0000 0800 02000000" DATA, TCP},
    {"radiotap, another version", RADIOTAP, "0100 0800 00000000" DATA, NOT_TCP},
    {"radiotap, too short", RADIOTAP, "0000 0700 00000000" DATA, MALFORMED},
    {"AVS", AVS, "80211001 00000010" ZEROS8 DATA, TCP},
    {"AVS, too short", AVS, "80211001 00000007" DATA, MALFORMED},
    {"PRISM", PRISM, "44000000 90000000" ZEROS64 ZEROS64 ZEROS8 DATA, TCP},
    {"PRISM with an AVS header", PRISM, "80211002 00000010" ZEROS8 DATA, TCP},
    {"PPI", PPI, "00 00 0c00 69000000 00000000" DATA, TCP},
    {"PPI, Ethernet", PPI, "00 00 0800 01000000" MAC MAC "0800", NOT_TCP},
    {"PPI, another version", PPI, "01 00 0800 69000000" DATA, NOT_TCP},
    {"PPI, too short", PPI, "00 00 0700 69000000" DATA, MALFORMED},
};

static void frames_in_clear_lead_to_ip(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        frame_build(&frame, cases[i].header, 4, "", 3);
        CHECK(cases[i].what, frame_decode_simple(&frame, cases[i].link_type, &segment),
              cases[i].decoded);
        if (cases[i].decoded != TCP)
            continue;
        CHECK(cases[i].what, segment.seq, FRAME_SEQ);
        CHECK(cases[i].what, segment.payload_len, 3);
        CHECK(cases[i].what, segment.tag_count, 0);
    }
}

/* The check sequence, where it was captured, is behind what IP calls its own. */
static void check_sequence_is_no_text(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    frame_build(&frame, "0000 0900 02000000 10" DATA, 4, "", 3);
    frame_hex(&frame, "deadbeef");
    CHECK("check sequence", frame_decode_simple(&frame, RADIOTAP, &segment), TCP);
    CHECK("check sequence", segment.payload_len, 3);
    CHECK("check sequence", segment.checksum, FST_CHECKSUM_GOOD);
}

/* Every cut of the headers says nothing; a frame that ends there is malformed or says nothing. */
static void short_headers(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_packet packet;
        size_t header_len;
        bool reassembled;

        frame.len = 0;
        frame_hex(&frame, cases[i].header);
        header_len = frame.len;
        frame_build(&frame, cases[i].header, 4, "", 3);
        packet = frame_packet(&frame, cases[i].link_type);
        for (size_t len = 0; len < header_len && cases[i].decoded == TCP; len++) {
            packet.captured_len = (uint32_t)len;
            CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled), NOT_TCP);
        }
        for (size_t len = 0; len < header_len; len++) {
            packet.captured_len = packet.original_len = (uint32_t)len;
            (void)frame_decode(&packet, NULL, &segment, &reassembled);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_in_clear_lead_to_ip),
        cmocka_unit_test(check_sequence_is_no_text),
        cmocka_unit_test(short_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
