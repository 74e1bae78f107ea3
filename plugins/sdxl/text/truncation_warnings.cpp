#include "text/truncation_warnings.h"

#include <algorithm>

#include "files/quote.h"

namespace calotype::sdxl {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";

/// From the first word on of which a token is cut off: no token has parts of two words.
std::string_view cut_off(std::string_view text, const Tokenizer& tokenizer, size_t most) {
  text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
  size_t tokens = 0;
  for (size_t at = text.find_first_not_of(kSpaces); at < text.size();) {
    const size_t end = std::min(text.find_first_of(kSpaces, at), text.size());
    tokens += tokenizer.count(text.substr(at, end - at));
    if (tokens > most) return text.substr(at);
    at = text.find_first_not_of(kSpaces, end);
  }
  return {};
}

}  // namespace

std::vector<std::string> truncation_warnings(const SdxlRequest& request, const DenoiserUse& use, const Tokenizer* first,
                                             const Tokenizer& second, size_t length) {
  std::vector<std::string> out;
  if (request.prompt_syntax != PromptSyntax::plain || length < 2) return out;
  const auto add = [&](const char* key, std::string_view text, const Tokenizer& tokenizer) {
    const std::string_view cut = cut_off(text, tokenizer, length - 2);
    if (!cut.empty())
      out.push_back(std::string(key) + ": the text encoder reads " + std::to_string(length - 2) + " tokens and not " +
                    quote(cut) + "; prompt_syntax: a1111 or comfyui reads all of it");
  };
  const auto add_both = [&](const char* key, const std::string& text, const char* key_2,
                            const std::optional<std::string>& text_2) {
    if (first) add(key, text, *first);
    if (!first || text_2) add(text_2 ? key_2 : key, text_2.value_or(text), second);
  };
  add_both("prompt", request.prompt, "prompt_2", request.prompt_2);
  if (request.takes_negative(use))
    add_both("negative_prompt", request.negative_prompt.value_or(""), "negative_prompt_2", request.negative_prompt_2);
  return out;
}

}  // namespace calotype::sdxl
