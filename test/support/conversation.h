/* SPDX-License-Identifier: MIT
 *
 * A TCP connection written down as text and fed to an analyzer as captured packets.
 *
 *     "> S 0 - 0; < S. 0 1 0; > . 1 1 0; 3x > P. 1 1 10; < . 1 11 0 wnd=0"
 *
 * A segment: who sends (> the client, < the server), flags (S . P F R, - for none), sequence
 * number, acknowledgment number (- for none) and octets of text; then wnd=N, or `bad` for a wrong
 * checksum. Numbers are relative to an ISN of the sender's own; Nx sends the same N times. Segments
 * are 10 ms apart.
 */
#ifndef FST_TEST_SUPPORT_CONVERSATION_H
#define FST_TEST_SUPPORT_CONVERSATION_H

#include "flowstate/flowstate.h"

#define CLIENT_ISN 1000u
#define SERVER_ISN 500000u

/** Feed the segments of `text`: from 10.0.0.1 and `client_port` to 10.0.0.2 port `server_port`. */
void converse(struct fst_analyzer *analyzer, uint16_t client_port, uint16_t server_port,
              const char *text);

#endif
