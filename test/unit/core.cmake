# The core, folder by folder, and its public side: the analyzer.
set(core flowstate_flow flowstate_tcp flowstate_rules flowstate_decode flowstate_base)


foreach(name possible)
  flowstate_unit_test(${name} ${core})
endforeach()
