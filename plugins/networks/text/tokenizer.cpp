#include "networks/text/tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <calotype/error.h>
#include <pcre2.h>

#include <algorithm>
#include <queue>

#include "networks/files/quote.h"
#include "networks/text/unicode.h"

namespace calotype::networks {
namespace {

constexpr std::string_view kBegin = "<|startoftext|>", kEnd = "<|endoftext|>", kWordEnd = "</w>";

// What a word is. U+180E is white space for PCRE2, not for Unicode. Group 1: a special token that lower-casing made; it
// stays three words.
constexpr std::string_view kPattern =
    R"(<\|(startoftext|endoftext)\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|(?:\x{180E}|[^\s\p{L}\p{N}])+)";

std::shared_ptr<const void> compile(std::string_view pattern) {
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP,
                                   &error, &offset, nullptr);
  if (!code) throw Error("PCRE2 without Unicode support: error " + std::to_string(error));
  return {code, [](const void* p) { pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p))); }};
}

/// Calls `word` on each word of valid UTF-8 until it returns false.
template <class F>
void for_each_word(const void* pattern, std::string_view text, F word) {
  const auto* code = static_cast<const pcre2_code*>(pattern);
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code, nullptr), pcre2_match_data_free);
  const size_t* at = pcre2_get_ovector_pointer(match.get());
  const auto part = [&](size_t from, size_t to) { return word(text.substr(from, to - from)); };
  for (size_t from = 0; from < text.size(); from = at[1]) {
    const int found = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                  PCRE2_NO_UTF_CHECK, match.get(), nullptr);
    if (found < 1) return;
    const bool more = found == 1 ? part(at[0], at[1]) : part(at[0], at[2]) && part(at[2], at[3]) && part(at[3], at[1]);
    if (!more) return;
  }
}

/// The bytes in the order of their ids: first those that are printable in Latin-1, which stand for themselves.
std::array<uint8_t, 256> byte_order() {
  const auto printable = [](int b) { return (b > 32 && b < 127) || (b > 160 && b != 173); };
  std::array<uint8_t, 256> order;
  for (int b = 0; b < 256; ++b) order[size_t(b)] = uint8_t(b);
  std::stable_partition(order.begin(), order.end(), printable);
  return order;
}

/// The tokens by their spelling in merges.txt, and the id of each.
class Spelling {
 public:
  explicit Spelling(const std::array<uint8_t, 256>& order) {
    for (int32_t id = 0; id < 256; ++id) {
      const std::string symbol = utf8(id < kPrintable ? order[size_t(id)] : char32_t(256 + id - kPrintable));
      ids_[symbol] = id;
      ids_[symbol + std::string(kWordEnd)] = 256 + id;
    }
  }
  void add(std::string token, int32_t id) { ids_[std::move(token)] = id; }
  /// -1 where there is none.
  int32_t id(const std::string& token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? -1 : found->second;
  }

 private:
  static constexpr int32_t kPrintable = 188;
  std::unordered_map<std::string, int32_t> ids_;
};

constexpr int32_t kNone = -1;

/// A part of a word in the making.
struct Symbol {
  int32_t id;              // kNone: merged into the one before
  int32_t previous, next;  // places of the neighbours
};

/// The symbol at `place` and its next may become `id`; the lowest rank goes first, then the leftmost.
struct Candidate {
  int32_t rank, place, id;
  bool operator<(const Candidate& other) const { return std::pair(rank, place) > std::pair(other.rank, other.place); }
};

std::vector<Symbol> symbols_of(std::string_view word, const std::array<int32_t, 256>& byte_ids) {
  std::vector<Symbol> symbols;
  for (const char byte : word) {
    const auto place = int32_t(symbols.size());
    symbols.push_back({byte_ids[uint8_t(byte)], place - 1, place + 1});
  }
  symbols.back().id += 256;
  symbols.back().next = kNone;
  return symbols;
}

uint64_t pair_key(int32_t left, int32_t right) {
  return uint64_t(left) << 32 | uint32_t(right);
}

}  // namespace

Tokenizer::Tokenizer(const Vocabulary& vocabulary, const std::string& where) : pattern_(compile(kPattern)) {
  const auto order = byte_order();
  for (int32_t id = 0; id < 256; ++id) byte_ids_[order[size_t(id)]] = id;
  Spelling spelling(order);
  int32_t rank = 0;
  for (const std::string& merge : vocabulary.merges) {
    const size_t space = std::min(merge.find(' '), merge.size());
    const std::string left = merge.substr(0, space), right = merge.substr(std::min(space + 1, merge.size()));
    const int32_t left_id = spelling.id(left), right_id = spelling.id(right), id = 512 + rank;
    if (left_id < 0 || right_id < 0)
      throw Error(ErrorCode::bad_data, (vocabulary.merges_file.empty() ? where : vocabulary.merges_file) + ": rule " +
                                           std::to_string(rank + 1) + ": want two known symbols, got " + quote(merge));
    spelling.add(left + right, id);
    rules_.try_emplace(pair_key(left_id, right_id), Rule{rank++, id});
  }
  begin_ = 512 + rank, end_ = begin_ + 1;
  spelling.add(std::string(kBegin), int32_t(begin_));
  spelling.add(std::string(kEnd), int32_t(end_));
  pad_ = spelling.id(vocabulary.pad_token);
  if (pad_ < 0)
    throw Error(ErrorCode::bad_data, (vocabulary.pad_file.empty() ? where : vocabulary.pad_file) +
                                         ": pad_token: want a token of the vocabulary, got " +
                                         quote(vocabulary.pad_token));
  specials_ = {{std::string(kBegin), begin_}, {std::string(kEnd), end_}};
  if (pad_ < begin_) specials_.emplace_back(vocabulary.pad_token, pad_);
}

Tokens Tokenizer::operator()(std::string_view text, size_t length) const {
  Ids ids{begin_};
  append(text, specials_, length - 1, ids);
  ids.resize(std::min(ids.size(), length - 1));
  return framed(std::span(ids).subspan(1), length);
}

std::vector<int64_t> Tokenizer::words(std::string_view text) const {
  Ids ids;
  append(text, std::span(specials_).first(2), size_t(-1), ids);
  return ids;
}

size_t Tokenizer::count(std::string_view text) const {
  Ids ids;
  append(text, specials_, size_t(-1), ids);
  return ids.size();
}

Tokens Tokenizer::framed(std::span<const int64_t> words, size_t length) const {
  Ids ids{begin_};
  ids.insert(ids.end(), words.begin(), words.end());
  ids.push_back(end_);
  const int64_t end = std::find(ids.begin(), ids.end(), end_) - ids.begin();
  ids.resize(length, pad_);
  return {std::move(ids), end};
}

void Tokenizer::append(std::string_view text, std::span<const Special> specials, size_t limit, Ids& ids) const {
  while (!text.empty() && ids.size() < limit) {
    size_t next = text.size();
    const Special* special = nullptr;
    for (const Special& candidate : specials)
      if (const size_t place = text.find(candidate.first); place < next) next = place, special = &candidate;
    append_text(text.substr(0, next), limit, ids);
    if (special) ids.push_back(special->second);
    text.remove_prefix(next + (special ? special->first.size() : 0));
  }
}

void Tokenizer::append_text(std::string_view text, size_t limit, Ids& ids) const {
  if (text.empty()) return;
  const std::string normal = normalized(text);
  for_each_word(pattern_.get(), normal, [&](std::string_view word) {
    append_word(word, ids);
    return ids.size() < limit;
  });
}

const Tokenizer::Rule* Tokenizer::rule(int32_t left, int32_t right) const {
  const auto found = rules_.find(pair_key(left, right));
  return found == rules_.end() ? nullptr : &found->second;
}

void Tokenizer::append_word(std::string_view word, Ids& ids) const {
  std::vector<Symbol> symbols = symbols_of(word, byte_ids_);
  const auto rule_at = [&](int32_t place) -> const Rule* {
    if (place == kNone || symbols[size_t(place)].id == kNone || symbols[size_t(place)].next == kNone) return nullptr;
    return rule(symbols[size_t(place)].id, symbols[size_t(symbols[size_t(place)].next)].id);
  };
  std::priority_queue<Candidate> queue;
  const auto offer = [&](int32_t place) {
    if (const Rule* r = rule_at(place)) queue.push({r->rank, place, r->id});
  };
  for (size_t i = 0; i < symbols.size(); ++i) offer(int32_t(i));
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const Rule* r = rule_at(best.place);
    if (!r || r->id != best.id) continue;  // one of the two has changed since
    Symbol& left = symbols[size_t(best.place)];
    Symbol& right = symbols[size_t(left.next)];
    left.id = best.id, left.next = right.next, right.id = kNone;
    if (left.next != kNone) symbols[size_t(left.next)].previous = best.place;
    offer(left.previous);
    offer(best.place);
  }
  for (const Symbol& symbol : symbols)
    if (symbol.id != kNone) ids.push_back(symbol.id);
}

}  // namespace calotype::networks
