# wf_layer(NAME DEPENDS… LIBRARIES…): one static library from all sources of the current folder NAME.
# The folder is the layer: a new .cpp file needs no entry here, nor one in a list of like things (passes/, rules/).
function(wf_layer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp)
  get_filename_component(side ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(target wf_${side}_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} wf_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
endfunction()
