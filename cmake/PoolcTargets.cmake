# poolc_library, poolc_tool, poolc_unittest: how each kind of target is built.

add_library(poolc_options INTERFACE)
target_compile_options(poolc_options INTERFACE
  -fno-exceptions -fno-semantic-interposition -ffunction-sections -fdata-sections
  -Wall -Wextra -Wno-unused-parameter -Wimplicit-fallthrough -Wnon-virtual-dtor)
target_link_options(poolc_options INTERFACE -fuse-ld=lld -Wl,--gc-sections)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_options(poolc_options INTERFACE -Wl,--icf=all -Wl,-O2)
endif()
if(POOLC_SANITIZE)
  target_compile_options(poolc_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr,function -fno-omit-frame-pointer)
  target_link_options(poolc_options INTERFACE -fsanitize=address,undefined)
endif()
if(POOLC_FUZZ)
  # A finding ends the run: nobody reads the log of one that goes on.
  target_compile_options(poolc_options INTERFACE
    -fsanitize=fuzzer-no-link -fno-sanitize-recover=all)
endif()

# poolc_library(NAME SOURCES file... [LINK library...] [DEPENDS tablegen-target...])
function(poolc_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE poolc_options)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# poolc_tool(NAME SOURCES file... LINK library...)
function(poolc_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} poolc_options)
  if(NOT POOLC_SANITIZE)
    # So that the program runs on any machine with a C library; that one stays
    # dynamic because the CUDA driver is loaded with dlopen.
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# poolc_unittest(NAME SOURCES file... LINK library...): a GoogleTest program
# under test/unit, run by lit together with the other tests.
function(poolc_unittest name)
  if(NOT name MATCHES "Tests$")
    message(FATAL_ERROR "poolc_unittest: expected a name that ends in Tests, which lit looks for, got ${name}")
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main GTest::gmock poolc_options)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/unit)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY POOLC_TEST_TARGETS ${name})
endfunction()
