/* SPDX-License-Identifier: MIT
 *
 * The eleven states in words, for people who meet one in a report. What the states do is data
 * elsewhere; nothing here decides anything.
 */
#include "flowstate/flowstate.h"

static const struct fst_state_info states[FST_STATE_COUNT] = {
    [FST_CLOSED] =
        {
            FST_CLOSED,
            "The endpoint keeps nothing about this connection: before it began, or after it ended.",
            "It is where every endpoint starts. Back here after 2 MSL in TIME-WAIT, when the last "
            "FIN is acknowledged, on a reset, on a time-out, or when a program gives up.",
            "A program opens it: actively by sending a SYN, or passively by listening.",
            "Nothing. A segment that reaches it is answered by a RST, which is what a refused "
            "connection looks like.",
            "3.3.2",
        },
    [FST_LISTEN] =
        {
            FST_LISTEN,
            "The endpoint waits for anybody's SYN; no peer is known yet.",
            "A program opened the port passively. A passive opener also comes back here when its "
            "half-made connection is reset.",
            "A SYN arrives and is answered by a SYN-ACK (SYN-RECEIVED), the program sends first "
            "(SYN-SENT), or it closes the port (CLOSED).",
            "Normal for a server. SYNs that stay unanswered here mean a full backlog, or a filter "
            "between the capture point and the server.",
            "3.10.7.2",
        },
    [FST_SYN_SENT] =
        {
            FST_SYN_SENT,
            "The endpoint has sent a SYN and waits for the peer's.",
            "A program opened the connection actively.",
            "A SYN-ACK for its SYN arrives (ESTABLISHED), a bare SYN arrives (SYN-RECEIVED: both "
            "opened at once), it is refused, or it gives up (CLOSED).",
            "The other side is not there, or a firewall drops the SYN or its answer. The SYN is "
            "repeated after about 1, 3, 7, 15 ... seconds.",
            "3.10.7.3",
        },
    [FST_SYN_RECEIVED] =
        {
            FST_SYN_RECEIVED,
            "The endpoint has both SYNs, has answered, and waits for the acknowledgment of its "
            "own.",
            "A SYN reached a listener, or crossed with its own SYN.",
            "The acknowledgment of its SYN arrives (ESTABLISHED), its program closes at once "
            "(FIN-WAIT-1), or the peer resets (LISTEN or CLOSED).",
            "The SYN-ACK or the ACK that should follow is lost, or nobody is behind the client's "
            "address: many of these at once are a SYN flood.",
            "3.10.7.4",
        },
    [FST_ESTABLISHED] =
        {
            FST_ESTABLISHED,
            "The connection is open; data may flow both ways.",
            "Its own SYN has been acknowledged and the peer's has arrived.",
            "Its program closes and a FIN is sent (FIN-WAIT-1), the peer's FIN arrives "
            "(CLOSE-WAIT), or a reset ends it (CLOSED).",
            "Normal, for as long as the programs like. When the peer has silently gone away it can "
            "stay so until a keep-alive or a retransmission fails.",
            "3.3.2",
        },
    [FST_FIN_WAIT_1] =
        {
            FST_FIN_WAIT_1,
            "The endpoint has closed its sending side; its FIN is not acknowledged yet.",
            "Its program closed first, or at the same time as the peer.",
            "The FIN is acknowledged (FIN-WAIT-2), the peer's FIN arrives alone (CLOSING) or "
            "together with that acknowledgment (TIME-WAIT).",
            "The peer does not answer any more, or its window is shut and unsent data waits before "
            "the FIN. Many of these: peers that vanish or refuse to read.",
            "3.6",
        },
    [FST_FIN_WAIT_2] =
        {
            FST_FIN_WAIT_2,
            "The endpoint has closed and the peer knows it; the peer may still send.",
            "Its FIN has been acknowledged.",
            "The peer's FIN arrives (TIME-WAIT), or a timer of the operating system gives up on "
            "an orphan (CLOSED).",
            "The peer's program has not closed its socket: look for CLOSE-WAIT on the other side. "
            "Fine when the peer still has data to send.",
            "3.6",
        },
    [FST_CLOSE_WAIT] =
        {
            FST_CLOSE_WAIT,
            "The peer has closed; this endpoint may still send and has yet to close.",
            "The peer's FIN arrived while the connection was open.",
            "Its program closes the socket and a FIN is sent (LAST-ACK).",
            "The local program does not close its socket: nearly always a leak in that program. "
            "TCP never leaves this state by itself.",
            "3.6",
        },
    [FST_CLOSING] =
        {
            FST_CLOSING,
            "Both sides closed at once; the endpoint has the peer's FIN, but no acknowledgment of "
            "its own.",
            "The peer's FIN arrived in FIN-WAIT-1 and did not acknowledge this side's FIN.",
            "The acknowledgment of its FIN arrives (TIME-WAIT).",
            "The acknowledgment is lost again and again. Rare, and short in a healthy network.",
            "3.6",
        },
    [FST_LAST_ACK] =
        {
            FST_LAST_ACK,
            "Both sides have closed, the peer first; the endpoint waits for the acknowledgment of "
            "its FIN.",
            "Its program closed the socket in CLOSE-WAIT.",
            "The acknowledgment of its FIN arrives (CLOSED).",
            "The peer has gone, or what it sends does not arrive. The FIN is repeated until a "
            "time-out.",
            "3.6",
        },
    [FST_TIME_WAIT] =
        {
            FST_TIME_WAIT,
            "All is done; the endpoint stays on for 2 MSL to acknowledge a repeated FIN and to let "
            "old segments die.",
            "Both FINs have been exchanged and this side closed first, or both closed at once.",
            "2 MSL pass (CLOSED). A new SYN that is clearly newer may open the next connection "
            "early.",
            "Normal on the side that closes first. The RFC says four minutes, Linux keeps one. "
            "Many "
            "of them only matter when a client runs out of ports.",
            "3.6.1",
        },
};

const char *fst_state_name(enum fst_state state)
{
    static const char *const names[FST_STATE_COUNT] = {
#define FST_X(name, text) [FST_##name] = text,
        FST_STATE_MAP(FST_X)
#undef FST_X
    };

    return (unsigned)state < FST_STATE_COUNT ? names[state] : "?";
}

const struct fst_state_info *fst_state_info(enum fst_state state)
{
    return (unsigned)state < FST_STATE_COUNT ? &states[state] : NULL;
}
