# The core, folder by folder, and its public side: the analyzer.
set(core flowstate_flow flowstate_tcp flowstate_rules flowstate_decode flowstate_base)

flowstate_library(flowstate_test_memory ${PROJECT_SOURCE_DIR}/test/support/memory.c)
target_include_directories(flowstate_test_memory PRIVATE ${PROJECT_SOURCE_DIR}/test)
target_link_libraries(flowstate_test_memory PRIVATE PkgConfig::CMOCKA)

flowstate_unit_test(siphash)
flowstate_unit_test(digits)
foreach(name huge possible catalogue marks lives key shape precedent index trie tale extra findings domains order path_log pool table runs)
  flowstate_unit_test(${name} ${core} flowstate_test_memory)
endforeach()

# Connections through the public side, made here or recorded.
flowstate_unit_test(analyzer ${core} flowstate_test_memory)
target_sources(test_analyzer PRIVATE
  ${PROJECT_SOURCE_DIR}/test/support/account.c ${PROJECT_SOURCE_DIR}/test/support/wire.c)
target_compile_definitions(test_analyzer PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

flowstate_unit_test(age ${core} flowstate_test_memory)
target_sources(test_age PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)
flowstate_unit_test(dwell ${core} flowstate_test_memory)
target_sources(test_dwell PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)

flowstate_unit_test(twice ${core} flowstate_test_memory)
target_sources(test_twice PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)

# Packed beside whole, on every capture and scenario of the project.
flowstate_unit_test(pack ${core} flowstate_test_memory flowstate_scenario)
target_sources(test_pack PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)
target_compile_definitions(test_pack PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

# Connections in parts beside the same ones whole, by one thread and by several.
flowstate_library(flowstate_test_crowd ${PROJECT_SOURCE_DIR}/test/support/crowd.c
  ${PROJECT_SOURCE_DIR}/test/support/account.c ${PROJECT_SOURCE_DIR}/test/support/wire.c)
target_include_directories(flowstate_test_crowd PRIVATE ${PROJECT_SOURCE_DIR}/test)
target_compile_definitions(flowstate_test_crowd PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(flowstate_test_crowd PRIVATE PkgConfig::CMOCKA)
flowstate_unit_test(parts ${core} flowstate_test_memory flowstate_scenario flowstate_test_crowd)
flowstate_unit_test(divided flowstate_reading flowstate_capture ${core} flowstate_scenario
  flowstate_test_crowd)
target_link_libraries(test_divided PRIVATE $<TARGET_PROPERTY:flowstate_capture,LINK_LIBRARIES>
  Threads::Threads)

# One thread beside two, on every capture of the project and on some that are made for it.
foreach(name reading abreast)
  flowstate_unit_test(${name} flowstate_reading flowstate_capture ${core} flowstate_test_memory
    flowstate_test_captures flowstate_test_frames)
  target_sources(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/test/support/account.c
    ${PROJECT_SOURCE_DIR}/test/support/two_ways.c ${PROJECT_SOURCE_DIR}/test/support/wire.c)
  target_compile_definitions(test_${name} PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(test_${name} PRIVATE $<TARGET_PROPERTY:flowstate_capture,LINK_LIBRARIES>
    Threads::Threads)
  target_link_options(test_${name} PRIVATE -Wl,--wrap=pthread_create)
endforeach()
target_link_options(test_abreast PRIVATE -Wl,--wrap=pread -Wl,--wrap=aligned_alloc)

# The same once more with a sanitizer that cannot be together with the others.
add_test(NAME unit.reading_threads
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/threads.sh ${PROJECT_SOURCE_DIR}
    ${CMAKE_CURRENT_BINARY_DIR}/threads ${CMAKE_C_COMPILER} "${CMAKE_GENERATOR}")
set_tests_properties(unit.reading_threads PROPERTIES SKIP_RETURN_CODE 77)
