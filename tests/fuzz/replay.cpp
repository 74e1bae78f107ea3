// Every input of the corpus through its target: seeds, and whatever fuzzing found. `test_fuzz TARGET FILE...` for some.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "target.h"

using namespace calotype::fuzz;
namespace fs = std::filesystem;

TEST_CASE("fuzz: every input of the corpus ends well") {
  for (const auto& [name, target] : targets()) {
    CAPTURE(name);
    int inputs = 0;
    target({});
    for (const auto& entry : fs::directory_iterator(CALOTYPE_SOURCE "/tests/fuzz/corpus/" + name)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      std::fprintf(stderr, "%s\n", entry.path().c_str());  // doctest prints nothing of what ends the process
      target(bytes);
      // cut short, and with a byte turned
      target(std::string_view(bytes).substr(0, bytes.size() / 2));
      std::string turned = bytes;
      if (!turned.empty()) turned[turned.size() / 3] = char(turned[turned.size() / 3] ^ 0x20);
      target(turned);
      ++inputs;
    }
    CHECK(inputs > 0);
  }
  CHECK(targets().size() == CALOTYPE_FUZZ_TARGETS);
}
