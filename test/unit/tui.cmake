# The live screen and the expressions of its filter; without a terminal.
if(TARGET flowstate_tui)
  foreach(name where canvas columns pager tui_model tui_words)
    flowstate_unit_test(${name} flowstate_test_conversations flowstate_tui flowstate_where flowstate_report flowstate_expect
      flowstate_words flowstate)
    target_sources(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/test/tui/screen_fake.c)
  endforeach()
endif()
