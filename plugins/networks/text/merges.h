#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace calotype::networks {

/// The rules of a byte-pair encoding, the most frequent first: "i n", "th e</w>". Bytes are spelt as in CLIP's own
/// file.
using Merges = std::vector<std::string>;

/// The tokens that are not from a rule: the 256 bytes, the same as the last of a word, start and end of text.
constexpr int64_t kFixedTokens = 514;

/// The first rules of a merges.txt, `most` at most; a first line that begins with "#version" is stepped over. Throws
/// Error (no_input).
Merges read_merges(const std::string& path, size_t most = size_t(-1));

/// CLIP's rules, which ship next to this library, for a model that brings none. A smaller vocabulary is CLIP's cut to
/// its first rules: as many as `token_embeddings` (rows of the embedding) leaves room for. Throws Error (bad_data,
/// no_input).
Merges clip_merges(int64_t token_embeddings);

}  // namespace calotype::networks
