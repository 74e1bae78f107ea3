#pragma once
#include <string>

namespace calotype::networks {

/// Refuses .ckpt, .pt, .pth and .bin: these are Python programs in disguise. Throws Error (bad_data) that tells how to
/// convert.
void refuse_pickle(const std::string& path);

}  // namespace calotype::networks
