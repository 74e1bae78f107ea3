#pragma once
#include <calotype/request.h>

#include <optional>
#include <string>

namespace calotype::networks {

namespace keys {
inline constexpr Setting kPrompt2 = text("prompt_2", "", "for the second text encoder; absent: prompt")
                                        .optional()
                                        .expanded_like("prompt")
                                        .listed_after("prompt");
inline constexpr Setting kNegativePrompt2 =
    text("negative_prompt_2", "", "for the second text encoder; absent: negative_prompt")
        .optional()
        .expanded_like("negative_prompt")
        .wanting("negative_prompt")
        .listed_after("negative_prompt");
inline constexpr Setting kDeepCache = integer("deep_cache", 1, 1, 100,
                                              "one step of so many runs the whole UNet, the others its outermost "
                                              "blocks: docs/performance.md; 1: all are whole")
                                          .rare()
                                          .listed_after("guidance_end");
inline constexpr Setting kTokenMerging = number("token_merging", 0, 0, 0.75,
                                                "the share of tokens that the UNet's self-attention merges at its "
                                                "highest resolution (ToMe): docs/performance.md")
                                             .rare()
                                             .listed_after("deep_cache");
inline constexpr Setting kClipSkip =
    integer("clip_skip", 0, 0, 24, "text encoder layers left out before the one that the UNet reads")
        .listed_after("token_merging");
}  // namespace keys

/// A request with the keys that the loaders of latent diffusion models declare, or some of them.
struct LatentRequest : Request {
  LatentRequest(const Request& request)
      : Request(request),
        prompt_2(text_of(keys::kPrompt2)),
        negative_prompt_2(text_of(keys::kNegativePrompt2)),
        deep_cache(options.integer(keys::kDeepCache)),
        clip_skip(options.integer(keys::kClipSkip)),
        token_merging(options[keys::kTokenMerging]) {}

  std::optional<std::string> prompt_2, negative_prompt_2;
  int deep_cache, clip_skip;
  double token_merging;

 private:
  std::optional<std::string> text_of(const Setting& key) const {
    return options.has(key) ? std::optional<std::string>(options.text(key)) : std::nullopt;
  }
};

}  // namespace calotype::networks
