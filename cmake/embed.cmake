# cmake -DFOLDER=stdlib -DOUTPUT=FILE -P embed.cmake: a C++ file that holds the *.wf files of a folder as text.
file(GLOB files ${FOLDER}/*.wf)
list(SORT files)
set(rows "")
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME)
  file(READ ${path} content)
  string(APPEND rows "      {\"stdlib/${name}\", R\"wf_source(${content})wf_source\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from stdlib/*.wf.
#include \"compiler/compile.hpp\"

namespace wf::compiler {

const std::vector<SourceText>& standard_library() {
  static const std::vector<SourceText> files = {
${rows}  };
  return files;
}

}  // namespace wf::compiler
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
