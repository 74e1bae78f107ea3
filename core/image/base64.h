#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// RFC 4648: padded, no bits left over, 32 MiB of text at most; ASCII white space does not count. Throws Error
/// (bad_data): `name: ...`.
std::string decode_base64(std::string_view text, const std::string& name);

}  // namespace calotype
