#pragma once
#include <calotype/image.h>

#include <string>
#include <string_view>

#include "config_tree.h"

namespace calotype {

/// RFC 4648: padded, no bits left over, 32 MiB of text at most; ASCII white space does not count. Throws Error
/// (bad_data): `name: ...`.
std::string decode_base64(std::string_view text, const std::string& name);

/// Where a picture of a config comes from, checked as far as no byte of it must be read: an absolute path of a file
/// that is there, else base64 or a data URI as it was written. `name` is the key's. Throws Error (config, no_input).
std::string read_picture_source(const ConfigTree& tree, const yaml::Node& node, const std::string& name);

/// The picture of such a source. Throws Error (no_input, io, bad_data), whose text begins with `name` and, for a file,
/// its path.
Image load_picture(const std::string& source, const std::string& name);

}  // namespace calotype
