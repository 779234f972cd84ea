/* SPDX-License-Identifier: MIT
 *
 * The public enums as words. FST_VERSION comes from the build.
 */
#include "flowstate/flowstate.h"

const char *fst_version(void)
{
    return FST_VERSION;
}

const char *fst_error_text(int error)
{
    switch (error) {
    case 0:
        return "no error";
#define FST_X(name, value, text)                                                                   \
    case value:                                                                                    \
        return text;
        FST_ERROR_MAP(FST_X)
#undef FST_X
    default:
        return "unknown error";
    }
}

const char *fst_class_name(enum fst_class class_)
{
    switch (class_) {
#define FST_X(name, text)                                                                          \
    case FST_##name:                                                                               \
        return text;
        FST_CLASS_MAP(FST_X)
#undef FST_X
    case FST_CLASS_COUNT:
        break;
    }
    return "?";
}

const char *fst_orientation_name(enum fst_orientation orientation)
{
    switch (orientation) {
#define FST_X(name, text)                                                                          \
    case FST_ORIENTED_BY_##name:                                                                   \
        return text;
        FST_ORIENTATION_MAP(FST_X)
#undef FST_X
    }
    return "?";
}

const char *fst_coverage_name(enum fst_coverage coverage)
{
    switch (coverage) {
#define FST_X(name, text)                                                                          \
    case FST_COVERAGE_##name:                                                                      \
        return text;
        FST_COVERAGE_MAP(FST_X)
#undef FST_X
    }
    return "?";
}

const char *fst_end_kind_name(enum fst_end_kind kind)
{
    switch (kind) {
#define FST_X(name, text)                                                                          \
    case FST_END_##name:                                                                           \
        return text;
        FST_END_MAP(FST_X)
#undef FST_X
    }
    return "?";
}
