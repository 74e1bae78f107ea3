#include "networks/text/prompt_schedule.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "networks/text/prompt_syntax.h"

namespace calotype::networks {
namespace {

class Schedule {
 public:
  Schedule(std::string_view prompt, int steps) : prompt_(prompt), steps_(steps), partner_(prompt.size(), kNone) {
    find_partners();
  }

  /// Where the text may change.
  std::set<int> last_steps() const {
    std::set<int> out{steps_};
    for (size_t i = 0; i < prompt_.size(); ++i) {
      if (prompt_[i] != '[' || partner_[i] == kNone) continue;
      const Group group = group_at(i);
      if (group.changes_each_step)
        for (int step = 1; step <= steps_; ++step) out.insert(step);
      if (group.when && *group.when >= 1) out.insert(*group.when);
    }
    return out;
  }

  std::string text(int step) const {
    std::string out;
    append({0, prompt_.size()}, step, out);
    return out;
  }

 private:
  static constexpr size_t kNone = size_t(-1);
  struct Span {
    size_t from, to;
  };
  /// What stands between a pair of square brackets.
  struct Group {
    std::vector<Span> parts;
    std::optional<int> when;  ///< the last step of the first of two parts
    bool changes_each_step = false;
  };

  void find_partners() {
    std::vector<size_t> open;
    for (size_t i = 0; i < prompt_.size(); ++i) {
      const char c = prompt_[i];
      if (c == '\\') ++i;
      if (c == '(' || c == '[') open.push_back(i);
      if (open.size() > kMostOpenBrackets) fail_too_deep();
      if ((c != ')' && c != ']') || open.empty()) continue;
      if ((prompt_[open.back()] == '(') != (c == ')')) {
        open.clear();  // none of these closes any more
        continue;
      }
      partner_[open.back()] = i;
      open.pop_back();
    }
  }

  Group group_at(size_t bracket) const {
    Group group;
    size_t bars = 0, from = bracket + 1;
    const size_t end = partner_[bracket];
    for (size_t i = from; i <= end; ++i) {
      const char c = prompt_[i];
      if (i < end && partner_[i] != kNone) i = partner_[i];
      if (c == '\\') ++i;
      if (i < end && c != ':' && c != '|') continue;
      bars += c == '|';
      group.parts.push_back({from, std::min(i, end)});
      from = i + 1;
    }
    const size_t colons = group.parts.size() - 1 - bars;
    group.changes_each_step = bars > 0 && colons == 0;
    if (bars == 0 && (colons == 1 || colons == 2)) set_when(group);
    return group;
  }

  void set_when(Group& group) const {
    const Span last = group.parts.back();
    const auto number = decimal(prompt_.substr(last.from, last.to - last.from));
    if (!number) return;
    group.when = int(std::clamp(*number < 1 ? *number * steps_ : *number, -1.0, double(steps_)));
    group.parts.pop_back();
    if (group.parts.size() == 1) group.parts.insert(group.parts.begin(), {0, 0});
  }

  void append(Span span, int step, std::string& out) const {
    for (size_t i = span.from; i < span.to; ++i) {
      if (prompt_[i] == '\\' && i + 1 < span.to) out += prompt_[i++];
      const bool is_group = prompt_[i] == '[' && partner_[i] != kNone;
      const Group group = is_group ? group_at(i) : Group{};
      if (!group.when && !group.changes_each_step) {
        out += prompt_[i];
        continue;
      }
      const size_t turn = group.when ? size_t(step > *group.when) : size_t(step - 1) % group.parts.size();
      append(group.parts[turn], step, out);
      i = partner_[i];
    }
  }

  std::string_view prompt_;
  int steps_;
  std::vector<size_t> partner_;  // of each opening bracket: the one that closes it
};

}  // namespace

std::vector<ScheduledText> prompt_schedule(std::string_view prompt, int steps) {
  const Schedule schedule(prompt, steps);
  std::vector<ScheduledText> out;
  for (const int step : schedule.last_steps()) out.push_back({step, schedule.text(step)});
  return out;
}

}  // namespace calotype::networks
