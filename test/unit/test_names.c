/* SPDX-License-Identifier: MIT
 *
 * Every public enum has its words, also for numbers that are none of it.
 */
#include "flowstate/flowstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void states_are_spelled_as_in_the_rfc(void **state)
{
    (void)state;
    assert_string_equal(fst_state_name(FST_CLOSED), "CLOSED");
    assert_string_equal(fst_state_name(FST_SYN_RECEIVED), "SYN-RECEIVED");
    assert_string_equal(fst_state_name(FST_FIN_WAIT_1), "FIN-WAIT-1");
    assert_string_equal(fst_state_name(FST_TIME_WAIT), "TIME-WAIT");
    assert_string_equal(fst_state_name(FST_STATE_COUNT), "?");
}

static void every_state_is_explained(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FST_STATE_COUNT; i++) {
        const struct fst_state_info *info = fst_state_info((enum fst_state)i);

        assert_non_null(info);
        assert_int_equal(info->state, i);
        assert_true(strlen(info->meaning) > 20 && strlen(info->entered) > 20);
        assert_true(strlen(info->left) > 20 && strlen(info->lingering) > 20);
        assert_int_equal(info->rfc[0], '3');
    }
    assert_null(fst_state_info(FST_STATE_COUNT));
}

static void errors_classes_and_ends(void **state)
{
    (void)state;
    assert_string_equal(fst_error_text(0), "no error");
    assert_string_equal(fst_error_text(FST_ENOMEM), "out of memory");
    assert_string_equal(fst_error_text(-1000), "unknown error");
    assert_string_equal(fst_class_name(FST_ILLEGAL), "illegal");
    assert_string_equal(fst_class_name(FST_CLASS_COUNT), "?");
    assert_string_equal(fst_orientation_name(FST_ORIENTED_BY_SYN_ACK), "syn-ack");
    assert_string_equal(fst_end_kind_name(FST_END_HALF_CLOSED), "half-closed");
    assert_string_equal(fst_coverage_name(FST_COVERAGE_ONE_SIDED), "one-sided");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_spelled_as_in_the_rfc),
        cmocka_unit_test(every_state_is_explained),
        cmocka_unit_test(errors_classes_and_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
