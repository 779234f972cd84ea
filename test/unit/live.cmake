# What live captures are made of.
foreach(name held ids patience ring)
  flowstate_unit_test(${name} flowstate_live flowstate_report flowstate_expect flowstate_words flowstate
    Threads::Threads)
endforeach()
