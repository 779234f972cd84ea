# Names, numbers and strings as they are printed.
flowstate_unit_test(sha1 flowstate_base)
flowstate_unit_test(sha256)
target_sources(test_sha256 PRIVATE ${PROJECT_SOURCE_DIR}/src/base/sha256.c)

# The report and the program see the library from outside, so their tests link it as a user does.
if(TARGET flowstate)
  foreach(name names format escape wording ladder out progress)
    flowstate_unit_test(${name} flowstate flowstate_words flowstate_expect flowstate_report)
  endforeach()
  target_sources(test_progress PRIVATE ${PROJECT_SOURCE_DIR}/src/cli/progress.c)
  target_link_libraries(test_progress PRIVATE flowstate_files)
  if(FLOWSTATE_SECCOMP AND TARGET PkgConfig::SECCOMP)
    flowstate_unit_test(sandbox flowstate_sandbox flowstate_files flowstate flowstate_words
      flowstate_expect flowstate_report)
    target_compile_definitions(test_sandbox PRIVATE _GNU_SOURCE)
  endif()
  flowstate_unit_test(suggest flowstate_words)
  flowstate_unit_test(expect flowstate flowstate_expect flowstate_words)
  flowstate_unit_test(pcapng_write flowstate)
  flowstate_unit_test(merge flowstate flowstate_test_captures)
endif()
