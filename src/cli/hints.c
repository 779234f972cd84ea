/* SPDX-License-Identifier: MIT */
#include "cli/hints.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

#define LOOK_AT 64 /* packets that tell whether a capture is of tagged frames */

/* Display filter fields on the left, "" for words that are kept or become a pcap-filter word. */
static const struct {
    const char *from, *to;
    bool field; /* "== VALUE" follows */
} words[] = {
    {"tcp.port", "tcp port", true},
    {"tcp.srcport", "tcp src port", true},
    {"tcp.dstport", "tcp dst port", true},
    {"ip.addr", "host", true},
    {"ip.src", "src host", true},
    {"ip.dst", "dst host", true},
    {"ipv6.addr", "host", true},
    {"ipv6.src", "src host", true},
    {"ipv6.dst", "dst host", true},
    {"vlan.id", "vlan", true},
    {"eth.addr", "ether host", true},
    {"tcp", "tcp", false},
    {"&&", "and", false},
    {"and", "and", false},
    {"||", "or", false},
    {"or", "or", false},
    {"not", "not", false},
    {"!", "not", false},
    {"(", "(", false},
    {")", ")", false},
};

#define WORD_CHARS  "abcdefghijklmnopqrstuvwxyz0123456789._"
#define VALUE_CHARS "0123456789abcdefABCDEF.:/"

/** Octets of the word or sign that the text begins with, 0 if it begins with neither. */
static size_t word_length(const char *text)
{
    size_t len = strspn(text, WORD_CHARS);

    if (len > 0)
        return len;
    if (strncmp(text, "&&", 2) == 0 || strncmp(text, "||", 2) == 0)
        return 2;
    return *text != '\0' && strchr("()!", *text) ? 1 : 0;
}

/** The value after "==" or "eq"; *text moves behind it. @return its length, 0 if there is none. */
static size_t take_value(const char **text, const char **value)
{
    const char *at = *text + strspn(*text, " ");
    size_t len;

    if (strncmp(at, "==", 2) != 0 && strncmp(at, "eq ", 3) != 0)
        return 0;
    at += 2 + strspn(at + 2, " ");
    len = strspn(at, VALUE_CHARS);
    *value = at;
    *text = at + len;
    return len;
}

/** One word of the filter, and its value; false if it has no equivalent. */
static bool translate_word(const char **text, char *to, size_t size)
{
    size_t len = word_length(*text), count = sizeof(words) / sizeof(words[0]), i = 0;
    const char *value = "";
    int written;

    while (i < count && (strlen(words[i].from) != len || strncmp(words[i].from, *text, len) != 0))
        i++;
    if (len == 0 || i == count)
        return false;
    *text += len;
    len = words[i].field ? take_value(text, &value) : 0;
    if (words[i].field && len == 0)
        return false;
    written = snprintf(to, size, "%s%s%.*s ", words[i].to, len > 0 ? " " : "", (int)len, value);
    return written > 0 && (size_t)written < size;
}

bool fst_from_display_filter(const char *filter, char *text, size_t size)
{
    size_t len = 0;

    text[0] = '\0';
    while (*(filter += strspn(filter, " ")) != '\0') {
        if (!translate_word(&filter, text + len, size - len))
            return false;
        len += strlen(text + len);
    }
    if (len == 0)
        return false;
    text[len - 1] = '\0'; /* the blank after the last */
    return true;
}

/** Whether there is a name with a point in it, such as "tcp.flags", or a comparison. */
static bool looks_like_display_filter(const char *filter)
{
    static const char *const marks[] = {"tcp.", "ip.", "ipv6.", "eth.", "frame.", "vlan.", "udp."};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strstr(filter, marks[i]))
            return true;
    return false;
}

void fst_hint_display_filter(const char *filter)
{
    char text[256];

    if (!looks_like_display_filter(filter))
        return;
    if (fst_from_display_filter(filter, text, sizeof(text)))
        fst_complain("that is a display filter of Wireshark; here pcap-filter(7) is meant: \"%s\"",
                     text);
    else
        fst_complain("that looks like a display filter of Wireshark; here pcap-filter(7) is meant: "
                     "\"tcp port 80 and host 10.0.0.9\"");
}

/** Whether an Ethernet frame's type announces a VLAN tag. */
static bool is_tagged(const struct fst_packet *packet)
{
    unsigned type;

    if (packet->link_type != 1 || packet->captured_len < 14)
        return false;
    type = (unsigned)packet->data[12] << 8 | packet->data[13];
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static bool begins_with_tagged(const char *path)
{
    struct fst_packet packets[LOOK_AT];
    struct fst_capture *capture;
    size_t count = 0;
    bool found = false;

    if (fst_capture_open(&capture, path, NULL) != 0)
        return false;
    if (fst_capture_read(capture, packets, LOOK_AT, &count, NULL) != 0)
        count = 0;
    for (size_t i = 0; i < count; i++)
        found |= is_tagged(&packets[i]);
    fst_capture_close(capture);
    return found;
}

void fst_hint_vlan(const char *path, const char *filter, const struct fst_capture_info *info)
{
    if (!filter || info->packets == 0 || info->filtered_out < info->packets ||
        strcmp(path, "-") == 0 || strstr(filter, "vlan") || !begins_with_tagged(path))
        return;
    fst_complain("the filter left out every packet, and they carry VLAN tags; try: "
                 "\"vlan and (%s)\"",
                 filter);
}

static bool is_repeated(const struct fst_capture_info *info, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (info->interfaces[i].link_type == info->interfaces[index].link_type)
            return true;
    return false;
}

void fst_complain_link_types(const char *path, const struct fst_capture_info *info)
{
    char types[256] = "";
    size_t len = 0;

    for (size_t i = 0; i < info->interface_count && len < sizeof(types); i++) {
        uint16_t type = info->interfaces[i].link_type;
        const char *name = fst_link_type_name(type);

        if (fst_link_type_supported(type) || is_repeated(info, i))
            continue;
        len += (size_t)snprintf(types + len, sizeof(types) - len, "%s%s (%u)", len ? ", " : "",
                                name ? name : "unnamed", type);
    }
    fst_complain("%s: only packets of a link type in which no TCP is looked for: %s", path, types);
}
