# wf_layer(NAME DEPENDS… LIBRARIES…): one static library from all sources of the current folder NAME.
# The folder is the layer: a new .cpp file needs no entry here, nor one in a list of like things (passes/, rules/).
set(WF_UNITY_LAYERS ast schema sema lint ir bytecode vm engine CACHE STRING "Layers compiled a few files at a time")

# In sanitizer builds optimising these costs more than it saves: commands, sockets and the glue between them.
set(WF_PLAIN_LAYERS http api channels CACHE STRING "Layers that sanitizer builds do not optimise")
function(wf_compile_plainly target)
  if(WF_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# In debug builds, where a change of a shared header costs most, these are compiled a few files at a time: names in
# their anonymous namespaces must differ.
function(wf_compile_together target)
  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
endfunction()

function(wf_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp)
  get_filename_component(side ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(target wf_${side}_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    if(name IN_LIST WF_PLAIN_LAYERS)
      wf_compile_plainly(${target})
    endif()
    if(name IN_LIST WF_UNITY_LAYERS)
      wf_compile_together(${target})
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} wf_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
endfunction()
