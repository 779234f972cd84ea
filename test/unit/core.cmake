# The core, folder by folder, and its public side: the analyzer.
set(core flowstate_flow flowstate_tcp flowstate_rules flowstate_decode flowstate_base)

flowstate_library(flowstate_test_memory ${PROJECT_SOURCE_DIR}/test/support/memory.c)
target_include_directories(flowstate_test_memory PRIVATE ${PROJECT_SOURCE_DIR}/test)
target_link_libraries(flowstate_test_memory PRIVATE PkgConfig::CMOCKA)

flowstate_unit_test(siphash)
flowstate_unit_test(digits)
foreach(name possible catalogue marks lives key index trie tale extra findings domains order path_log)
  flowstate_unit_test(${name} ${core} flowstate_test_memory)
endforeach()

# Connections through the public side, made here or recorded.
flowstate_unit_test(analyzer ${core} flowstate_test_memory)
target_sources(test_analyzer PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)
target_compile_definitions(test_analyzer PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

flowstate_unit_test(age ${core} flowstate_test_memory)
target_sources(test_age PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)

flowstate_unit_test(twice ${core})
target_sources(test_twice PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)

# Packed beside whole, on every capture and scenario of the project.
flowstate_unit_test(pack ${core} flowstate_test_memory flowstate_scenario)
target_sources(test_pack PRIVATE ${PROJECT_SOURCE_DIR}/test/support/wire.c)
target_compile_definitions(test_pack PRIVATE FST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
