#include "host/prompt_expansion.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/normal_form.h"
#include "base/spelling.h"
#include "base/utf8.h"
#include "host/image_request.h"

namespace calotype {
namespace fs = std::filesystem;
namespace {

constexpr int kMostDeep = 100, kMostChoices = 10000;
constexpr size_t kMostFileBytes = 16 << 20, kMostFolderFiles = 10000, kMostText = 1 << 20;

/// The n-th number of the sequence that `key` begins: Steele, Lea and Flood 2014, SplitMix64, which needs no state.
uint64_t mixed(uint64_t key, uint64_t n) {
  uint64_t z = key + (n + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

constexpr uint64_t kOne = 1'000'000;  // weights are counted in millionths, so that no rounding differs between machines
constexpr double kMostWeight = 1e6;

/// The weight that an alternative begins with, "3::", in millionths.
std::optional<uint64_t> take_weight(std::string_view& text) {
  const size_t end = text.find("::");
  if (end == 0 || end == text.npos || text.find_first_not_of("0123456789.") != end) return std::nullopt;
  double weight = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + end, weight);
  if (error != std::errc() || stop != text.data() + end || weight > kMostWeight) return std::nullopt;
  text.remove_prefix(end + 2);
  return uint64_t(weight * double(kOne) + 0.5);
}

bool is_in_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '/' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

/// The numbers that one prompt's choices take, in order.
class PromptExpander::Choices {
 public:
  Choices(uint64_t seed, uint64_t stream, std::string key) : key_(mixed(seed, stream)), name_(std::move(key)) {}

  /// 0 to count - 1, each as often.
  uint64_t below(uint64_t count) {
    if (++count_ > kMostChoices)
      fail("want at most " + std::to_string(kMostChoices) + " choices from braces and wildcards, got more");
    return uint64_t((static_cast<unsigned __int128>(mixed(key_, uint64_t(count_))) * count) >> 64);
  }
  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::config, name_ + ": " + what); }
  /// Counts what is put together, before it is.
  void add(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > kMostText)
      fail("want at most " + std::to_string(kMostText) + " bytes from braces and wildcards, got more");
  }
  void check_depth(int depth) const {
    if (depth > kMostDeep)
      fail("want at most " + std::to_string(kMostDeep) + " braces and wildcards within each other, got more");
  }

 private:
  uint64_t key_;
  int count_ = 0;
  size_t bytes_ = 0;
  std::string name_;
};

/// A prompt, or a line of a file.
class PromptExpander::Text {
 public:
  Text(PromptExpander& expander, Choices& choices, std::string_view text, int depth)
      : expander_(expander), choices_(choices), text_(text), depth_(depth), closing_(text.size(), kNone) {
    choices.check_depth(depth);
    choices.add(text.size());
    find_closing();
  }
  std::string expanded() { return expanded(0, text_.size(), depth_); }

 private:
  static constexpr size_t kNone = size_t(-1);

  void find_closing() {
    std::vector<size_t> braces, brackets;
    for (size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') ++i;
      if (c == '{' || c == '[') (c == '{' ? braces : brackets).push_back(i);
      auto& open = c == '}' ? braces : brackets;
      if ((c != '}' && c != ']') || open.empty()) continue;
      closing_[open.back()] = i;
      open.pop_back();
    }
  }

  std::string expanded(size_t from, size_t to, int depth) {
    std::string out;
    for (size_t i = from; i < to; ++i) {
      const char next = text_[i] == '\\' && i + 1 < to ? text_[i + 1] : '\0';
      if (next == '{' || next == '}' || (next == '|' && depth > depth_)) {
        out += text_[++i];
      } else if (next) {
        out.append(text_.substr(i++, 2));
      } else if (text_[i] == '{' && closing_[i] != kNone) {
        out += chosen(i + 1, closing_[i], depth + 1);
        i = closing_[i];
      } else if (const size_t size = wildcard_at(i, to)) {
        out += line(std::string(text_.substr(i + 2, size - 4)), depth + 1);
        i += size - 1;
      } else {
        out += text_[i];
      }
    }
    return out;
  }

  struct Alternative {
    size_t from, to;
    uint64_t weight;
  };
  /// Of the braces around [from,to).
  std::vector<Alternative> alternatives(size_t from, size_t to) const {
    std::vector<Alternative> out;
    for (size_t i = from; i <= to; ++i) {
      const char c = text_[i];
      if (i < to && (c == '{' || c == '[') && closing_[i] < to) i = closing_[i];
      if (c == '\\') ++i;
      if (i < to && c != '|') continue;
      const size_t end = std::min(i, to);
      std::string_view part = text_.substr(from, end - from);
      const uint64_t weight = take_weight(part).value_or(kOne);
      out.push_back({end - part.size(), end, weight});
      from = i + 1;
    }
    return out;
  }

  std::string chosen(size_t from, size_t to, int depth) {
    choices_.check_depth(depth);
    const auto all = alternatives(from, to);
    uint64_t sum = 0;
    for (const Alternative& a : all) sum += a.weight;
    if (!sum)
      choices_.fail("{" + one_line(text_.substr(from, to - from)) + "}: want a weight of more than 0, got none");
    uint64_t at = all.size() == 1 ? 0 : choices_.below(sum);
    auto chosen = all.begin();
    for (; at >= chosen->weight; ++chosen) at -= chosen->weight;
    return expanded(chosen->from, chosen->to, depth);
  }

  /// The length of the __name__ that begins here, or 0.
  size_t wildcard_at(size_t i, size_t to) const {
    if (expander_.folder_.empty() || !text_.substr(i, to - i).starts_with("__")) return 0;
    size_t end = i + 2;
    while (end < to && is_in_name(text_[end]) && !text_.substr(end, to - end).starts_with("__")) ++end;
    const bool is_closed = end > i + 2 && text_.substr(end, to - end).starts_with("__");
    return is_closed ? end + 2 - i : 0;
  }

  std::string line(const std::string& name, int depth) {
    const auto& lines = expander_.lines(name, choices_);
    return Text(expander_, choices_, lines[choices_.below(lines.size())], depth).expanded();
  }

  PromptExpander& expander_;
  Choices& choices_;
  std::string_view text_;
  int depth_;                    // of this text within others
  std::vector<size_t> closing_;  // of each opening brace or bracket: the one that closes it
};

const std::vector<std::string>& PromptExpander::lines(const std::string& name, const Choices& choices) {
  if (const auto found = files_.find(name); found != files_.end()) return found->second;
  const std::string path = path_of(name);
  const bool leads_away = ("/" + name + "/").find("/../") != std::string::npos || name.starts_with('/');
  if (!leads_away && is_there(path) && !is_file(path))
    choices.fail("want a file of lines, got none in \"" + path + "\"");
  if (leads_away || !is_file(path))
    choices.fail("no file \"" + path + "\": " + unknown_name("wildcard", name, known()));
  std::string text = read_file(path, kMostFileBytes);
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // a byte order mark, as editors on Windows write it
  if (find_invalid_utf8(text) != std::string::npos)
    throw Error(ErrorCode::bad_data, path + ": want UTF-8, got other bytes");
  std::vector<std::string> lines;
  for (size_t from = 0; from < text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    std::string line = text.substr(from, end - from);
    line.erase(0, line.find_first_not_of(" \t\r"));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    if (!line.empty() && line[0] != '#') lines.push_back(std::move(line));
    from = end + 1;
  }
  if (lines.empty()) throw Error(ErrorCode::bad_data, path + ": want lines to choose from, got none");
  return files_[name] = std::move(lines);
}

std::string PromptExpander::path_of(const std::string& name) const {
  const std::string path = (fs::path(folder_) / (name + ".txt")).string();
  if (is_there(path)) return path;
  for (const auto& other : known())  // a letter and its accent may be one character, or two
    if (other != name && composed(other) == composed(name)) return (fs::path(folder_) / (other + ".txt")).string();
  return path;
}

std::vector<std::string> PromptExpander::known() const {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::recursive_directory_iterator file(folder_, failed), end; file != end && names.size() < kMostFolderFiles;
       file.increment(failed))
    if (file->path().extension() == ".txt" && file->is_regular_file(failed))
      names.push_back(file->path().lexically_relative(folder_).replace_extension().string());
  std::sort(names.begin(), names.end());
  return names;
}

Prompts PromptExpander::operator()(const ResolvedConfig& config, int image) {
  Prompts out = prompts_of(config);
  const auto expand = [&](const std::string& key, uint64_t stream, std::string& text) {
    Choices choices(config.request.seed_of(image), stream, key);
    text = Text(*this, choices, text, 0).expanded();
  };
  expand("prompt", 0, out.prompt);
  if (out.negative_prompt) expand("negative_prompt", 1, *out.negative_prompt);
  for (const EntryInfo* entry : {&config.loader.entry, &config.pipeline.entry})
    for (const SettingInfo& key : entry->request)
      if (const auto text = out.declared.find(key.name); text != out.declared.end())
        expand(key.name, key.expands_like == "negative_prompt" ? 1 : 0, text->second);
  return out;
}

}  // namespace calotype
