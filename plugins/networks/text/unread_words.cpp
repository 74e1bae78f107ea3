#include "networks/text/unread_words.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "networks/files/quote.h"
#include "networks/text/prompt_syntax.h"
#include "networks/text/unicode.h"

namespace calotype::networks {
namespace {

using Found = std::vector<std::string_view>;
constexpr size_t kNone = std::string_view::npos;

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// <lora:name:1>, <hypernet:name:1> and their like.
Found networks(std::string_view text) {
  Found out;
  for (size_t at = 0; (at = text.find('<', at)) != kNone; ++at) {
    size_t end = at + 1;
    while (end < text.size() && is_letter(text[end])) ++end;
    const size_t close = text.find_first_of("<>\n", end);
    const bool is_word = end > at + 2 && end < text.size() && text[end] == ':';
    if (is_word && close != kNone && text[close] == '>') out.push_back(text.substr(at, close + 1 - at));
  }
  return out;
}

Found embeddings(std::string_view text) {
  constexpr std::string_view kWord = "embedding:";
  Found out;
  for (size_t at = 0; (at = text.find(kWord, at)) != kNone; at += kWord.size()) {
    const size_t end = std::min(text.find_first_of(" \t\r\n,:()[]{}", at + kWord.size()), text.size());
    if (end > at + kWord.size() && !ends_in_word(text.substr(0, at))) out.push_back(text.substr(at, end - at));
  }
  return out;
}

/// Where `word` stands between two others.
Found between_words(std::string_view text, std::string_view word) {
  Found out;
  for (size_t at = 0; (at = text.find(word, at)) != kNone; at += word.size()) {
    const std::string_view before = text.substr(0, at), after = text.substr(at + word.size());
    const bool is_whole = !ends_in_word(before) && !begins_with_word(after);
    if (is_whole && !without_spaces_around(before).empty() && !without_spaces_around(after).empty())
      out.push_back(text.substr(at, word.size()));
  }
  return out;
}

/// A prompt all in capitals has its AND in them too.
Found composed_by_and(std::string_view text, PromptSyntax syntax) {
  const bool has_small = std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return syntax == PromptSyntax::plain && !has_small ? Found() : between_words(text, "AND");
}

/// __name__ and nothing but a name between the lines.
Found wildcards(std::string_view text) {
  Found out;
  for (size_t at = 0; (at = text.find("__", at)) != kNone;) {
    const size_t close = text.find("__", at + 2);
    const std::string_view name = close == kNone ? std::string_view() : text.substr(at + 2, close - at - 2);
    const bool is_name = !name.empty() && name.find_first_of(" \t\r\n,()[]{}|<>:") == kNone;
    if (is_name) out.push_back(text.substr(at, close + 2 - at));
    at = is_name ? close + 2 : at + 2;
  }
  return out;
}

/// The innermost pairs of these brackets, of whose insides `fits` is true.
template <class Fits>
Found pairs(std::string_view text, char open, char close, Fits fits) {
  Found out;
  size_t start = kNone;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == open) start = i;
    if (text[i] != close || start == kNone) continue;
    if (fits(text.substr(start + 1, i - start - 1))) out.push_back(text.substr(start, i + 1 - start));
    start = kNone;
  }
  return out;
}

bool ends_in_number(std::string_view inside) {
  const size_t colon = inside.rfind(':');
  return colon != kNone && colon > 0 && decimal(inside.substr(colon + 1));
}

bool has_bar(std::string_view inside) {
  return inside.find('|') != kNone;
}

/// What a1111 or comfyui would read, and plain does not.
Found syntax_of_others(std::string_view text) {
  Found out = pairs(text, '(', ')', ends_in_number);
  const Found drawn = pairs(text, '{', '}', has_bar);
  out.insert(out.end(), drawn.begin(), drawn.end());
  return out;
}

/// What a1111 alone would read.
Found syntax_of_a1111(std::string_view text) {
  Found out = pairs(text, '[', ']', [](std::string_view inside) { return has_bar(inside) || ends_in_number(inside); });
  const Found breaks = between_words(text, "BREAK");
  out.insert(out.end(), breaks.begin(), breaks.end());
  return out;
}

/// "a", "b" and 2 more
std::string listed(const Found& found) {
  constexpr size_t kMost = 3;
  std::string out;
  for (size_t i = 0; i < std::min(found.size(), kMost); ++i) out += (i ? ", " : "") + quote(found[i]);
  return found.size() > kMost ? out + " and " + std::to_string(found.size() - kMost) + " more" : out;
}

void add(const char* key, std::string_view text, PromptSyntax syntax, std::vector<std::string>& out) {
  const auto say = [&](const Found& found, const char* why) {
    if (!found.empty())
      out.push_back(std::string(key) + ": " + listed(found) + (found.size() == 1 ? " is" : " are") +
                    " read as words; " + why);
  };
  say(networks(text), "LoRAs and other networks are not loaded from prompts; merge them into the model's file");
  say(embeddings(text), "embeddings are not loaded");
  say(composed_by_and(text, syntax), "prompts are not put together by AND");
  say(wildcards(text), "name the folder of their files in wildcards, and prompt_syntax: a1111 or comfyui");
  if (syntax == PromptSyntax::plain) say(syntax_of_others(text), "prompt_syntax: a1111 or comfyui takes it for more");
  if (syntax != PromptSyntax::a1111) say(syntax_of_a1111(text), "prompt_syntax: a1111 takes it for more");
}

}  // namespace

std::vector<std::string> unread_words(const LatentRequest& request, const DenoiserUse& use) {
  std::vector<std::string> out;
  add("prompt", request.prompt, request.prompt_syntax, out);
  if (request.prompt_2) add("prompt_2", *request.prompt_2, request.prompt_syntax, out);
  if (!request.takes_negative(use)) return out;
  if (request.negative_prompt) add("negative_prompt", *request.negative_prompt, request.prompt_syntax, out);
  if (request.negative_prompt_2) add("negative_prompt_2", *request.negative_prompt_2, request.prompt_syntax, out);
  return out;
}

}  // namespace calotype::networks
