#pragma once
#include <calotype/image.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calotype {

/// A PNG with these keyword-text pairs right after its header: tEXt where Latin-1 can write the text, else iTXt.
std::string encode_png(const Image& image, const std::vector<std::pair<std::string, std::string>>& texts);

/// A PNG with one more such pair.
std::string with_png_text(std::string png, const std::string& key, const std::string& text);

/// The texts of a PNG (tEXt, zTXt, iTXt) as UTF-8, by keyword. Throws Error (bad_data) for what is no PNG or is
/// damaged, and for more than 64 MB of text.
std::map<std::string, std::string> read_png_texts(std::string_view bytes, const std::string& name);

}  // namespace calotype
