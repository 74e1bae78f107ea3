#include "networks/text/tokenizer.h"

#include "target.h"

using namespace calotype;

CALOTYPE_FUZZ(tokenizer) {
  static const networks::Merges merges = [] {
    auto all = networks::read_merges(CALOTYPE_SOURCE "/plugins/networks/data/clip_merges.txt");
    all.resize(48894);
    return all;
  }();
  static const networks::Tokenizer first({merges, "<|endoftext|>"}, "first"), second({merges, "!"}, "second");
  for (const auto* tokenizer : {&first, &second}) {
    const auto ids = (*tokenizer)(input, 77).ids, words = tokenizer->words(input);
    if (ids.size() != 77) fuzz::found("another length than was asked for");
    if (words.size() > 3 * input.size() + 8) fuzz::found("more tokens than bytes can make");
    for (const auto* all : {&ids, &words})
      for (const int64_t id : *all)
        if (id < 0 || id >= tokenizer->size()) fuzz::found("a token that the vocabulary does not have");
  }
}
