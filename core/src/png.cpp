#include "png.h"

#include <calotype/error.h>
#include <calotype/host/encode.h>
#include <zlib.h>

#include <cstdint>
#include <optional>

#include "border.h"
#include "png_rows.h"

namespace calotype {
namespace {

constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);

std::string big_endian(uint32_t v) { return {char(v >> 24), char(v >> 16), char(v >> 8), char(v)}; }

uint32_t big_endian(std::string_view s) {
  return uint32_t(uint8_t(s[0])) << 24 | uint32_t(uint8_t(s[1])) << 16 | uint32_t(uint8_t(s[2])) << 8 | uint8_t(s[3]);
}

uint32_t checksum(std::string_view s) { return uint32_t(crc32(0, reinterpret_cast<const Bytef*>(s.data()), uInt(s.size()))); }

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(uint32_t(data.size())) + type + data + big_endian(checksum(type + data));
}

/// UTF-8 as Latin-1, or nothing where a character has none.
std::optional<std::string> latin1(std::string_view utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = uint8_t(utf8[i]);
    if (c < 0x80) {
      out += char(c);
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < utf8.size()) {
      out += char((c & 3) << 6 | (uint8_t(utf8[++i]) & 0x3f));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::string utf8(std::string_view latin1) {
  std::string out;
  for (const char ch : latin1) {
    const auto c = uint8_t(ch);
    if (c < 0x80) out += ch;
    else out += char(0xc0 | c >> 6), out += char(0x80 | (c & 0x3f));
  }
  return out;
}

std::string text_chunk(const std::string& key, const std::string& text) {
  if (const auto plain = latin1(text)) return chunk("tEXt", key + '\0' + *plain);
  return chunk("iTXt", key + std::string("\0\0\0\0\0", 5) + text);
}

/// A zlib stream; empty where there is no memory for it.
std::string deflated(const std::vector<uint8_t>& data, int level, int strategy) {
  std::string out(compressBound(uLong(data.size())), '\0');
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, 15, 8, strategy) != Z_OK) return {};
  stream.next_in = const_cast<Bytef*>(data.data()), stream.avail_in = uInt(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data()), stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string packed(const std::vector<uint8_t>& rows) {
  // What filters leave of a photograph is noise: to look for repeats takes ten times as long, and those found are chance,
  // which makes it larger. Drawings shrink much more, and have repeats that are worth it.
  std::string out = deflated(rows, 6, Z_RLE);
  if (out.size() >= rows.size() / 4) return out;
  std::string searched = deflated(rows, 6, Z_DEFAULT_STRATEGY);
  return searched.size() < out.size() ? searched : out;
}

}  // namespace

std::string to_png(const Picture& picture) {
  return at_border("", [&] {
    std::vector<std::pair<std::string, std::string>> texts{{"parameters", picture.parameters}, {"calotype", picture.record}};
    std::string fallbacks;
    for (const auto& step : picture.fallbacks) fallbacks += (fallbacks.empty() ? "" : ", ") + step;
    if (!fallbacks.empty()) texts.emplace_back("fallbacks", fallbacks);
    return encode_png(picture.image, texts);
  });
}

std::string encode_png(const Image& image, const std::vector<std::pair<std::string, std::string>>& texts) {
  const std::string data = packed(png_rows(image));
  const std::string size = std::to_string(image.width) + " x " + std::to_string(image.height);
  if (data.empty()) throw Error(ErrorCode::out_of_memory, "no memory to write a PNG of " + size);
  const std::string eight_bits_rgb("\x08\x02\0\0\0", 5);
  const std::string sides = big_endian(uint32_t(image.width)) + big_endian(uint32_t(image.height));
  std::string out = std::string(kSignature) + chunk("IHDR", sides + eight_bits_rgb);
  for (const auto& [key, text] : texts) out += text_chunk(key, text);
  out += chunk("IDAT", data) + chunk("IEND", "");
  return out;
}

std::string with_png_text(std::string png, const std::string& key, const std::string& text) {
  constexpr size_t header = 25;  // a length, IHDR, its 13 bytes and their sum
  return png.insert(kSignature.size() + header, text_chunk(key, text));
}

std::map<std::string, std::string> read_png_texts(std::string_view bytes, const std::string& name) {
  const auto damaged = [&](const std::string& why) { return Error(ErrorCode::bad_data, name + ": " + why); };
  if (!bytes.starts_with(kSignature)) throw damaged("not a PNG");
  std::map<std::string, std::string> out;
  for (size_t at = kSignature.size();;) {
    if (bytes.size() - at < 12) throw damaged("PNG is cut short at byte " + std::to_string(at));
    const uint32_t length = big_endian(bytes.substr(at, 4));
    if (length > bytes.size() - at - 12) throw damaged("PNG is cut short at byte " + std::to_string(at));
    const auto type = bytes.substr(at + 4, 4), data = bytes.substr(at + 8, length);
    if (type == "IEND") return out;
    if (type == "tEXt" || type == "iTXt") {
      if (checksum(bytes.substr(at + 4, 4 + length)) != big_endian(bytes.substr(at + 8 + length, 4)))
        throw damaged("PNG is damaged at byte " + std::to_string(at));
      const size_t end = data.find('\0');
      if (end == std::string_view::npos) throw damaged("PNG is damaged at byte " + std::to_string(at));
      const std::string key(data.substr(0, end));
      if (type == "tEXt") {
        out[key] = utf8(data.substr(end + 1));
      } else if (data.size() >= end + 5 && data[end + 1] == 0) {  // not compressed
        const size_t language = data.find('\0', end + 3);
        const size_t keyword = language == std::string_view::npos ? language : data.find('\0', language + 1);
        if (keyword != std::string_view::npos) out[key] = data.substr(keyword + 1);
      }
    }
    at += 12 + size_t(length);
  }
}

}  // namespace calotype
