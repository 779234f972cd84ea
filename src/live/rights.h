/* SPDX-License-Identifier: MIT
 *
 * Rights that only the opening of a capture needs, given up as soon as it is open.
 */
#ifndef FST_LIVE_RIGHTS_H
#define FST_LIVE_RIGHTS_H

#include "flowstate/flowstate.h"

/**
 * Give up every right that an ordinary program of this user has not: all capabilities, for good. A
 * program that sudo started becomes its user's, so that files it writes are that user's too.
 * Call before a thread is started.
 *
 * @return 0, or FST_EOPEN with the reason: something is still held.
 */
int fst_rights_drop(struct fst_diag *diag);

#endif
