#include "networks/text/prompt_chunks.h"

#include <algorithm>

namespace calotype::networks {
namespace {

constexpr size_t kCommaReach = 20, kLargeWord = 8;

/// Fills chunks one after the other.
class Chunks {
 public:
  Chunks(const Tokenizer& tokenizer, size_t length) : tokenizer_(tokenizer), length_(length), room_(length - 2) {}

  size_t room() const { return room_ - ids_.size(); }
  void add(int64_t id, double weight) {
    ids_.push_back(id);
    weights_.push_back(weight);
  }
  /// Ends the chunk; what stands from `keep` on begins the next one.
  void next(size_t keep) {
    std::vector<int64_t> kept(ids_.begin() + long(keep), ids_.end());
    std::vector<double> kept_weights(weights_.begin() + long(keep), weights_.end());
    ids_.resize(keep), weights_.resize(keep);
    weights_.insert(weights_.begin(), 1);
    weights_.resize(length_, 1);
    done_.push_back({tokenizer_.framed(ids_, length_), std::move(weights_)});
    ids_ = std::move(kept), weights_ = std::move(kept_weights);
  }
  void next() { next(ids_.size()); }
  size_t size() const { return ids_.size(); }
  std::vector<Chunk> take() {
    if (!ids_.empty() || done_.empty()) next();
    return std::move(done_);
  }

 private:
  const Tokenizer& tokenizer_;
  size_t length_, room_;
  std::vector<int64_t> ids_;
  std::vector<double> weights_;
  std::vector<Chunk> done_;
};

std::vector<Chunk> a1111_chunks(const Tokenizer& tokenizer, std::string_view prompt, size_t length) {
  constexpr size_t kNone = size_t(-1);
  Chunks chunks(tokenizer, length);
  size_t after_comma = kNone;
  const auto next = [&](size_t keep) {
    chunks.next(keep);
    after_comma = kNone;
  };
  for (const WeightedText& part : parse_a1111(prompt)) {
    if (part.is_break) {
      next(chunks.size());
      continue;
    }
    for (const int64_t id : tokenizer.words(part.text)) {
      const bool is_comma = id == tokenizer.comma();
      const bool breaks_at_comma = !is_comma && after_comma != kNone && chunks.size() < after_comma + kCommaReach;
      if (is_comma) after_comma = chunks.size() + 1;
      if (chunks.room() == 0) next(breaks_at_comma ? after_comma : chunks.size());
      chunks.add(id, part.weight);
    }
  }
  return chunks.take();
}

/// A word that a chunk holds together, or a long one that is cut where the chunk ends.
void add_word(Chunks& chunks, const std::vector<int64_t>& word, double weight) {
  if (word.size() < kLargeWord && word.size() > chunks.room()) chunks.next();
  for (const int64_t id : word) {
    if (chunks.room() == 0) chunks.next();
    chunks.add(id, weight);
  }
}

std::vector<Chunk> comfyui_chunks(const Tokenizer& tokenizer, std::string_view prompt, size_t length) {
  Chunks chunks(tokenizer, length);
  for (const WeightedText& part : parse_comfyui(prompt)) {
    const std::string& text = part.text;
    for (size_t from = 0; from < text.size();) {
      const size_t end = std::min(text.find_first_of(" \n", from), text.size());
      add_word(chunks, tokenizer.words(std::string_view(text).substr(from, end - from)), part.weight);
      from = end + 1;
    }
  }
  return chunks.take();
}

}  // namespace

std::vector<Chunk> chunks_of(const Tokenizer& tokenizer, std::string_view prompt, PromptSyntax syntax, size_t length) {
  return syntax == PromptSyntax::a1111 ? a1111_chunks(tokenizer, prompt, length)
                                       : comfyui_chunks(tokenizer, prompt, length);
}

Chunk empty_chunk(const Tokenizer& tokenizer, size_t length) {
  return {tokenizer.framed({}, length), std::vector<double>(length, 1)};
}

}  // namespace calotype::networks
