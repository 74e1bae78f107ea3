#pragma once
#include <calotype/image.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calotype {

/// A PNG with these pairs of keyword and text right after its header: as tEXt if Latin-1 can represent the text, else
/// as iTXt.
std::string encode_png(const Image& image, const std::vector<std::pair<std::string, std::string>>& texts);

/// The PNG with one more such pair.
std::string with_png_text(std::string png, const std::string& key, const std::string& text);

/// The texts of a PNG (tEXt, zTXt, iTXt) as UTF-8, by keyword. Throws Error (bad_data) if it is not a PNG or damaged,
/// or has more than 64 MB of text.
std::map<std::string, std::string> read_png_texts(std::string_view bytes, const std::string& name);

}  // namespace calotype
