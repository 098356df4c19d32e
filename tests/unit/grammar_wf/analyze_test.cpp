// The grammar itself: no rule may loop without consuming.
#include <catch2/catch.hpp>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/wf/errors.hpp"
#include "grammar/wf/file.hpp"

TEST_CASE("the grammar has no loop that consumes nothing") {
  CHECK(tao::pegtl::analyze<wf::grammar::rules::file>(1) == 0);
}
