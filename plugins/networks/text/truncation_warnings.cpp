#include "networks/text/truncation_warnings.h"

#include <algorithm>

#include "networks/files/quote.h"

namespace calotype::networks {
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

std::vector<std::string> truncation_warnings(const LatentRequest& request, const DenoiserUse& use,
                                             const std::vector<PromptReader>& readers) {
  std::vector<std::string> out;
  if (request.prompt_syntax != PromptSyntax::plain) return out;
  const auto add = [&](const char* key, std::string_view text, const PromptReader& reader) {
    if (reader.length < 2) return;
    const std::string_view cut = cut_off(text, reader.tokenizer, reader.length - 2);
    if (!cut.empty())
      out.push_back(std::string(key) + ": the text encoder reads " + std::to_string(reader.length - 2) +
                    " tokens and not " + quote(cut) + "; prompt_syntax: a1111 or comfyui reads all of it");
  };
  const auto add_all = [&](const char* key, const std::string& text, const char* key_2,
                           const std::optional<std::string>& text_2) {
    for (const PromptReader& reader : readers) {
      const bool is_own = reader.is_second && text_2;
      if (is_own || &reader == &readers.front()) add(is_own ? key_2 : key, is_own ? *text_2 : text, reader);
    }
  };
  add_all("prompt", request.prompt, "prompt_2", request.prompt_2);
  if (request.takes_negative(use))
    add_all("negative_prompt", request.negative_prompt.value_or(""), "negative_prompt_2", request.negative_prompt_2);
  return out;
}

}  // namespace calotype::networks
