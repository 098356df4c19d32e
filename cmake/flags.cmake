# Compiler flags common to every target.
add_library(wf_flags INTERFACE)
target_include_directories(wf_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(wf_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
  -fstack-protector-strong)
target_compile_definitions(wf_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # -g1 keeps line tables for sanitizer reports at a third of the size of -g.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
endif()
if(WF_SANITIZE)
  list(JOIN WF_SANITIZE "," wf_sanitizers)
  add_compile_options(-fsanitize=${wf_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1)
  add_link_options(-fsanitize=${wf_sanitizers})
endif()
if(WF_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
# lld links the many test programs in a fraction of the time of the default linker. Not what is optimised: there
# version 14 makes programs that abort when an exception leaves the parser's rules; gold and bfd do not.
find_program(WF_LLD ld.lld)
find_program(WF_GOLD ld.gold)
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND WF_LLD)
  add_link_options(-fuse-ld=lld)
elseif(WF_GOLD AND NOT WF_FUZZ)
  add_link_options(-fuse-ld=gold)
endif()

# wf_fast_allocator(TARGET): a program that allocates much; docs/internals/performance.md has the measurements.
# Sanitizers bring their own allocator.
function(wf_fast_allocator target)
  if(WF_SANITIZE)
    return()
  endif()
  find_package(mimalloc REQUIRED)
  target_link_libraries(${target} PRIVATE mimalloc)
  target_compile_definitions(${target} PRIVATE WF_MIMALLOC)
endfunction()
