# cmake -DFOLDER=stdlib -DPATTERN=*.wf -DPREFIX=stdlib/ -DFUNCTION=standard_library -DHEADER=compiler/compile.hpp
#       -DNAMESPACE=wf::compiler -DOUTPUT=FILE -P embed.cmake
# A C++ file whose function gives the files of a folder as text: std::vector<compiler::SourceText>.
file(GLOB files ${FOLDER}/${PATTERN})
list(SORT files)
set(rows "")
foreach(path IN LISTS files)
  get_filename_component(name ${path} NAME)
  file(READ ${path} content)
  string(APPEND rows "      {\"${PREFIX}${name}\", R\"wf_source(${content})wf_source\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from ${PREFIX}${PATTERN}.
#include \"${HEADER}\"

namespace ${NAMESPACE} {

const std::vector<compiler::SourceText>& ${FUNCTION}() {
  static const std::vector<compiler::SourceText> files = {
${rows}  };
  return files;
}

}  // namespace ${NAMESPACE}
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
