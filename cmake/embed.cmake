# cmake -DFOLDER=stdlib -DPATTERN=*.wf -DPREFIX=stdlib/ -DFUNCTION=standard_library -DHEADER=compiler/compile.hpp
#       -DNAMESPACE=wf::compiler -DOUTPUT=FILE -P embed.cmake
# A C++ file whose function gives the files below a folder as text: std::vector<compiler::SourceText>. Patterns are
# separated by `|`.
cmake_policy(SET CMP0009 NEW)  # links are not followed
string(REPLACE "|" ";" patterns "${PATTERN}")
set(globs ${patterns})
list(TRANSFORM globs PREPEND ${FOLDER}/)
file(GLOB_RECURSE files ${globs})
list(SORT files)
set(rows "")
foreach(path IN LISTS files)
  file(RELATIVE_PATH name ${FOLDER} ${path})
  file(READ ${path} content)
  string(APPEND rows "      {\"${PREFIX}${name}\", R\"wf_source(${content})wf_source\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new "// Generated from the files ${PATTERN} of ${PREFIX}.
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
