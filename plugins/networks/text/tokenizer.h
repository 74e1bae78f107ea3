#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "networks/text/merges.h"

namespace calotype::networks {

/// What tells one CLIP tokenizer from another.
struct Vocabulary {
  Merges merges;
  std::string pad_token = "<|endoftext|>";  ///< "!" for SDXL's second encoder
  std::string merges_file{}, pad_file{};    ///< where they are from, for messages; empty: from no file of the model
};

/// A text as a text encoder reads it.
struct Tokens {
  std::vector<int64_t> ids;  ///< begin, text, end, padding
  int64_t end;               ///< position of the first end-of-text token
};

/// CLIP's byte-pair encoding (Radford et al. 2021), the way transformers' CLIPTokenizer has it: Unicode NFC, lower
/// case, words by a pattern, the bytes of each word merged by rank. Ids: the 256 bytes, the same as the last of a word,
/// one for each rule, start of text, end of text. The begin, end and padding tokens are also known where they stand in
/// the text; so "!" has another id for the encoder that pads with it. Bytes that are no UTF-8 count as U+FFFD.
/// Immutable.
class Tokenizer {
 public:
  /// Throws Error (bad_data): `where: rule 3: want two known symbols, got "a"`, `where: pad_token: ...`, with the file
  /// in place of `where` if there is one.
  Tokenizer(const Vocabulary& vocabulary, const std::string& where);

  /// The ids of `text`, cut or padded to `length` >= 2.
  Tokens operator()(std::string_view text, size_t length) const;
  /// The ids of `text` alone, however many. The padding token is not known in it, so "!" is a word to every encoder.
  std::vector<int64_t> words(std::string_view text) const;
  /// Begin, ids, end and padding up to `length`, which is ids.size() + 2 at least.
  Tokens framed(std::span<const int64_t> ids, size_t length) const;
  /// How many ids operator() would have of `text` alone, if there were room.
  size_t count(std::string_view text) const;
  /// The id of "," as a word.
  int64_t comma() const { return byte_ids_[','] + 256; }
  int64_t size() const { return end_ + 1; }

 private:
  struct Rule {
    int32_t rank, id;
  };
  using Ids = std::vector<int64_t>;
  using Special = std::pair<std::string, int64_t>;
  void append(std::string_view text, std::span<const Special> specials, size_t limit, Ids& ids) const;
  void append_text(std::string_view text, size_t limit, Ids& ids) const;
  void append_word(std::string_view word, Ids& ids) const;
  const Rule* rule(int32_t left, int32_t right) const;

  std::array<int32_t, 256> byte_ids_{};
  std::unordered_map<uint64_t, Rule> rules_;  ///< of (left << 32 | right)
  int64_t begin_, end_, pad_;
  std::vector<Special> specials_;  ///< begin, end, and padding where it is another
  std::shared_ptr<const void> pattern_;
};

}  // namespace calotype::networks
