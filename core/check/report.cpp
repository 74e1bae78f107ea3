#include "check/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace calotype::check {
namespace {

std::string_view name_of(Verdict v) {
  return v == Verdict::passed ? "passed" : v == Verdict::failed ? "failed" : "skipped";
}

long count(const std::vector<Outcome>& outcomes, Verdict v) {
  return std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome& o) { return o.verdict == v; });
}

/// Text for XML 1.0, which cannot contain most control characters, nor bytes that are not UTF-8.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

}  // namespace

std::string to_text(const Outcome& o) {
  std::string id(o.check->id), verdict(name_of(o.verdict));
  verdict.resize(8, ' ');
  id.resize(std::max<size_t>(id.size() + 1, 34), ' ');
  std::string out = verdict + id + (o.entry.empty() ? "" : o.entry + ": ") + std::string(o.check->sentence) + "\n";
  if (!o.why.empty()) out += "          " + o.why + "\n";
  if (!o.output.empty()) out += "          it wrote: " + o.output.substr(0, o.output.find_last_not_of("\n") + 1) + "\n";
  return out;
}

std::string to_json(const Outcome& o) {
  nlohmann::ordered_json out{{"check", o.check->id},
                             {"entry", o.entry},
                             {"verdict", name_of(o.verdict)},
                             {"sentence", o.check->sentence},
                             {"seconds", o.seconds}};
  if (!o.why.empty()) out["why"] = o.why;
  if (o.is_crash) out["last_call"] = o.last_call;
  if (o.signal) out["signal"] = o.signal;
  if (!o.output.empty()) out["said"] = o.output;
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string summary(const std::vector<Outcome>& outcomes) {
  return std::to_string(count(outcomes, Verdict::passed)) + " passed, " +
         std::to_string(count(outcomes, Verdict::failed)) + " failed, " +
         std::to_string(count(outcomes, Verdict::skipped)) + " skipped";
}

std::string to_junit(const std::string& file, const std::vector<Outcome>& outcomes) {
  double seconds = 0;
  for (const auto& o : outcomes) seconds += o.seconds;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" + escaped(file) + "\" tests=\"" +
                    std::to_string(outcomes.size()) + "\" failures=\"" +
                    std::to_string(count(outcomes, Verdict::failed)) + "\" skipped=\"" +
                    std::to_string(count(outcomes, Verdict::skipped)) + "\" time=\"" + seconds_text(seconds) + "\">\n";
  for (const auto& o : outcomes) {
    const std::string about = o.entry.empty() ? "library" : o.entry;
    out += "  <testcase classname=\"" + escaped(about) + "\" name=\"" + std::string(o.check->id) + "\" time=\"" +
           seconds_text(o.seconds) + "\"";
    if (o.verdict == Verdict::passed)
      out += "/>\n";
    else if (o.verdict == Verdict::skipped)
      out += "><skipped message=\"" + escaped(o.why) + "\"/></testcase>\n";
    else
      out += "><failure message=\"" + escaped(o.why) + "\">" +
             escaped(std::string(o.check->sentence) + "\n" + o.output) + "</failure></testcase>\n";
  }
  return out + "</testsuite>\n";
}

}  // namespace calotype::check
