#pragma once
#include <string>
#include <string_view>

namespace calotype {

/// Decodes RFC 4648: padded, no bits left over, at most 32 MiB of text; ASCII white space is ignored. Throws Error
/// (bad_data): `name: ...`.
std::string decode_base64(std::string_view text, const std::string& name);

}  // namespace calotype
