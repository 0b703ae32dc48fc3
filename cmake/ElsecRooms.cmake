# Flags every target shares, and the two ways a target is declared: a room (library) and its tests.

add_library(elsec_flags INTERFACE)
target_include_directories(elsec_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(elsec_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  # Members left out of a designated initialiser are meant to keep their defaults.
  -Wno-missing-field-initializers
  -fstack-protector-strong -fno-omit-frame-pointer
  # Everywhere, as some libraries ask for it: a precompiled header fits only where the same flags are.
  -pthread)
if(CMAKE_UNITY_BUILD)  # a source included by another looks like a header, whose types must not use unnamed namespaces
  target_compile_options(elsec_flags INTERFACE -Wno-subobject-linkage)
endif()
target_compile_definitions(elsec_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(NOT ELSEC_SANITIZE)  # the checked copies of _FORTIFY_SOURCE would hide the memory functions from the sanitizers
  target_compile_definitions(elsec_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
target_link_options(elsec_flags INTERFACE -Wl,-z,relro,-z,now)

# For what runs once or only asks others to work: -O2 would take a third more time to compile and save none.
add_library(elsec_quick INTERFACE)
target_compile_options(elsec_quick INTERFACE $<$<CONFIG:Release>:-O1>)

find_program(ELSEC_MOLD mold)
if(ELSEC_MOLD AND NOT ELSEC_SANITIZE)
  target_link_options(elsec_flags INTERFACE -fuse-ld=mold)
endif()
find_program(ELSEC_CCACHE ccache)
if(ELSEC_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ELSEC_CCACHE}")
endif()

if(ELSEC_SANITIZE)
  target_compile_options(elsec_flags INTERFACE -fsanitize=${ELSEC_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(elsec_flags INTERFACE -fsanitize=${ELSEC_SANITIZE})
endif()

# elsec_room(NAME SOURCES a.cpp… USES room… LIBRARIES target… [PRECOMPILE header…])
# One room = one library. USES names the only other rooms it may link; tools/lint checks the includes against the same table.
function(elsec_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES;PRECOMPILE" ${ARGN})
  add_library(elsec_${name} STATIC ${arg_SOURCES})
  target_link_libraries(elsec_${name} PUBLIC elsec_flags)
  foreach(room IN LISTS arg_USES)
    target_link_libraries(elsec_${name} PUBLIC elsec_${room})
  endforeach()
  target_link_libraries(elsec_${name} PUBLIC ${arg_LIBRARIES})
  if(arg_PRECOMPILE)
    target_precompile_headers(elsec_${name} PRIVATE ${arg_PRECOMPILE})
  endif()
endfunction()

# elsec_test(NAME SOURCES a.cpp… USES room… [LIBRARIES target…]): one Boost.Test executable, `test_NAME`.
function(elsec_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  if(ELSEC_SANITIZE)
    target_sources(test_${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/leaks_of_libraries.cpp)
    set_source_files_properties("${CMAKE_SOURCE_DIR}/cmake/leaks_of_libraries.cpp" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endif()
  target_link_libraries(test_${name} PRIVATE elsec_test_main ${arg_LIBRARIES})
  foreach(room IN LISTS arg_USES)
    target_link_libraries(test_${name} PRIVATE elsec_${room})
  endforeach()
  target_precompile_headers(test_${name} REUSE_FROM elsec_test_main)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
endfunction()
