#include "networks/text/merges.h"

#include <calotype/error.h>
#include <calotype/file_kind.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "networks/files/shipped_file.h"

namespace calotype::networks {
namespace {

constexpr int64_t kClipMerges = 48'894;
constexpr uintmax_t kMostBytes = 64'000'000;  // CLIP's are half a million

}  // namespace

Merges read_merges(const std::string& path, size_t most) {
  // a pipe would be waited for
  if (!is_file(path)) throw Error(ErrorCode::no_input, path + ": no such file, want the merge rules of a tokenizer");
  std::ifstream file(path);
  if (!file.is_open()) throw Error(ErrorCode::io, path + ": cannot be read: " + std::strerror(errno));
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) throw Error(ErrorCode::io, path + ": cannot be read: " + failed.message());
  if (size > kMostBytes)
    throw Error(ErrorCode::bad_data, path + ": want at most " + std::to_string(kMostBytes) +
                                         " bytes of merge rules, got " + std::to_string(size));
  Merges merges;
  for (std::string line; merges.size() < most && std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || (merges.empty() && line.starts_with("#version"))) continue;
    merges.push_back(std::move(line));
  }
  if (file.bad()) throw Error(ErrorCode::io, path + ": cannot be read to its end");
  return merges;
}

Merges clip_merges(int64_t token_embeddings) {
  const int64_t wanted = token_embeddings - kFixedTokens;
  if (wanted < 0 || wanted > kClipMerges)
    throw Error(ErrorCode::bad_data, "token_embedding: want " + std::to_string(kFixedTokens) + " to " +
                                         std::to_string(kClipMerges + kFixedTokens) +
                                         " rows where the model brings no merges.txt, got " +
                                         std::to_string(token_embeddings));
  Merges merges = read_merges(shipped_file("clip_merges.txt"), size_t(wanted));
  merges.resize(size_t(wanted));
  return merges;
}

}  // namespace calotype::networks
