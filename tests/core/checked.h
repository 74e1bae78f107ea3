#pragma once
// Runs `plugin check` and reads what it found.
#include <sys/wait.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace checked_test {

using Texts = std::vector<std::string>;

/// What a plugin's checks came to.
struct Checked {
  std::string name;
  int code = -1;
  Texts failed, skipped;                         ///< "check: entry: why"
  std::map<std::string, std::string> sentences;  ///< of each check that was made
};

/// `command`: the program, "check", the file and options.
inline Checked run_check(const std::string& command) {
  Checked out;
  std::FILE* const pipe = popen((command + " --json 2>&1").c_str(), "r");
  std::string text;
  for (char part[4096]; const size_t n = std::fread(part, 1, sizeof part, pipe);) text.append(part, n);
  out.code = WEXITSTATUS(pclose(pipe));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto o = nlohmann::json::parse(line, nullptr, false);
    if (o.is_discarded()) {
      out.failed.push_back("no JSON: " + line);
      continue;
    }
    const std::string id = o["check"], verdict = o["verdict"];
    out.sentences[id] = o["sentence"];
    if (verdict != "passed")
      (verdict == "failed" ? out.failed : out.skipped)
          .push_back(id + ": " + o["entry"].get<std::string>() + ": " + o["why"].get<std::string>());
  }
  return out;
}

/// In the pattern * stands for anything.
inline bool is_like(std::string_view text, std::string_view pattern) {
  const size_t star = pattern.find('*');
  if (star == pattern.npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  for (size_t from = star; from <= text.size(); ++from)
    if (is_like(text.substr(from), pattern.substr(star + 1))) return true;
  return false;
}

inline std::string joined(const Texts& texts) {
  std::string out;
  for (const auto& t : texts) out += t + "\n";
  return out;
}

}  // namespace checked_test
