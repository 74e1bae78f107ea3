// Prompts that change over the steps, and what a step then takes. Expected texts: the examples in A1111's
// prompt_parser.py where a test says so, the others by hand from the rule.
#include "networks/text/prompt_schedule.h"

#include <ATen/ops/full.h>

#include "networks/golden_tensors.h"
#include "networks/model/conditioning_schedule.h"

// for the messages of failed checks
namespace calotype::networks {
std::ostream& operator<<(std::ostream& out, const ScheduledText& t) {
  return out << '"' << t.text << "\" to " << t.last_step;
}
}  // namespace calotype::networks

namespace {
using namespace calotype::networks;
using Texts = std::vector<ScheduledText>;
}  // namespace

TEST_CASE("prompt schedule: the examples in A1111's parser, over 10 steps") {
  const std::vector<std::pair<std::string, Texts>> rows{
      {"test", {{10, "test"}}},
      {"a [b:3]", {{3, "a "}, {10, "a b"}}},
      {"a [b: 3]", {{3, "a "}, {10, "a b"}}},
      {"a [[[b]]:2]", {{2, "a "}, {10, "a [[b]]"}}},
      {"[(a:2):3]", {{3, ""}, {10, "(a:2)"}}},
      {"a [b : c : 1] d", {{1, "a b  d"}, {10, "a  c  d"}}},
      {"a[b:[c:d:2]:1]e", {{1, "abe"}, {2, "ace"}, {10, "ade"}}},
      {"a [unbalanced", {{10, "a [unbalanced"}}},
      {"a [b:.5] c", {{5, "a  c"}, {10, "a b c"}}},
      {"((a][:b:c [d:3]", {{3, "((a][:b:c "}, {10, "((a][:b:c d"}}},
  };
  for (const auto& [prompt, texts] : rows) {
    CAPTURE(prompt);
    CHECK(prompt_schedule(prompt, 10) == texts);
  }
}

TEST_CASE("prompt schedule: alternatives take turns, as in the examples in A1111's parser") {
  CHECK(prompt_schedule("[a|(b:1.1)]", 3) == Texts{{1, "a"}, {2, "(b:1.1)"}, {3, "a"}});
  CHECK(prompt_schedule("[fe|]male", 3) == Texts{{1, "female"}, {2, "male"}, {3, "female"}});
  CHECK(prompt_schedule("[fe|||]male", 5) ==
        Texts{{1, "female"}, {2, "male"}, {3, "male"}, {4, "male"}, {5, "female"}});
  CHECK(prompt_schedule("[a|[b:c:2]]", 4) == Texts{{1, "a"}, {2, "b"}, {3, "a"}, {4, "c"}});
}

TEST_CASE("prompt schedule: fractions, counts, and what is none") {
  CHECK(prompt_schedule("[a::0.4]x", 20) == Texts{{8, "ax"}, {20, "x"}});
  CHECK(prompt_schedule("[:b:0.4]", 20) == Texts{{8, ""}, {20, "b"}});
  CHECK(prompt_schedule("[a:b:0.4]", 3) == Texts{{1, "a"}, {3, "b"}});
  CHECK(prompt_schedule("[a:b:0]", 3) == Texts{{3, "b"}});
  CHECK(prompt_schedule("[a:b:-0.5]", 3) == Texts{{3, "b"}});
  CHECK(prompt_schedule("[a:b:7]", 3) == Texts{{3, "a"}});
  CHECK(prompt_schedule("[a:b:1e400] [a:b:x] [a:b] [a:b:c:1] [a|b:1]", 3) ==
        Texts{{3, "[a:b:1e400] [a:b:x] [a:b] [a:b:c:1] [a|b:1]"}});
  CHECK(prompt_schedule(R"(\[a:b:1\] [a\]:b\::1])", 3) == Texts{{1, R"(\[a:b:1\] a\])"}, {3, R"(\[a:b:1\] b\:)"}});
  CHECK(prompt_schedule("a | b [c:d:1]", 3) == Texts{{1, "a | b c"}, {3, "a | b d"}});
}

TEST_CASE("conditioning schedule: a call belongs to the step that its sigma falls in") {
  const auto conditioning = [](double value) { return Unet::Conditioning{{at::full({1, 1, 1}, value)}, {}}; };
  const ConditioningSchedule schedule({conditioning(0), conditioning(1)}, {0, 1, 0, 1}, {8, 4, 2, 1, 0});
  const auto at = [&](double sigma) { return schedule.at(sigma).context.encoded.item<double>(); };
  CHECK(at(9) == 0);  // noise that a sampler has added on top
  CHECK(at(8) == 0);
  CHECK(at(4.001) == 0);  // in the middle of the first step
  CHECK(at(4 + 1e-9) == 1);
  CHECK(at(4) == 1);
  CHECK(at(3) == 1);
  CHECK(at(2) == 0);
  CHECK(at(1) == 1);
  CHECK(at(0.1) == 1);
}

TEST_CASE("conditioning schedule: sigmas that do not fit are refused") {
  CHECK(error_of([] { ConditioningSchedule({{}, {}}, {0, 1}, {1, 0}); }) ==
        "sigmas: want 3 for a prompt that changes over 2 steps, got 2");
}
