# What every target of the project shares: language level, warnings, sanitizers, visibility.

add_library(flowstate_settings INTERFACE)
target_compile_features(flowstate_settings INTERFACE c_std_11)
target_compile_definitions(flowstate_settings INTERFACE _POSIX_C_SOURCE=200809L)
target_include_directories(flowstate_settings INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/src>)
target_compile_options(flowstate_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wno-missing-field-initializers
  -fvisibility=hidden
  -fno-semantic-interposition
  $<$<BOOL:${FLOWSTATE_WERROR}>:-Werror>)

if(FLOWSTATE_SANITIZE)
  target_compile_options(flowstate_settings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(flowstate_settings INTERFACE -fsanitize=address,undefined)
endif()

# flowstate_library(NAME SOURCES...): an object library of one folder.
function(flowstate_library name)
  add_library(${name} OBJECT ${ARGN})
  set_target_properties(${name} PROPERTIES C_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PRIVATE flowstate_settings)
endfunction()
