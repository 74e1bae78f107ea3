#include "image/png_metadata.h"

#include <calotype/error.h>
#include <calotype/host/encode.h>
#include <zlib.h>

#include <cstdint>
#include <optional>

#include "base/error_boundary.h"
#include "image/png_chunks.h"
#include "image/png_rows.h"

namespace calotype {
namespace {

constexpr size_t kMostText = 64'000'000;  // limit for all texts of a file, because a few bytes may inflate to gigabytes

std::string big_endian(uint32_t v) {
  return {char(v >> 24), char(v >> 16), char(v >> 8), char(v)};
}

uint32_t checksum(std::string_view s) {
  return uint32_t(crc32(0, reinterpret_cast<const Bytef*>(s.data()), uInt(s.size())));
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(uint32_t(data.size())) + type + data + big_endian(checksum(type + data));
}

/// Converts UTF-8 to Latin-1; nothing if a character has no Latin-1 form.
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
    if (c < 0x80)
      out += ch;
    else
      out += char(0xc0 | c >> 6), out += char(0x80 | (c & 0x3f));
  }
  return out;
}

std::string text_chunk(const std::string& key, const std::string& text) {
  if (const auto plain = latin1(text)) return chunk("tEXt", key + '\0' + *plain);
  return chunk("iTXt", key + std::string("\0\0\0\0\0", 5) + text);
}

/// A zlib stream; empty if memory is short.
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
  // Filtered rows of a photograph look like noise: searching for repeats takes ten times as long, and the few that are
  // found make the file larger. Drawings have repeats that are worth it and shrink much more.
  std::string out = deflated(rows, 6, Z_RLE);
  if (out.size() >= rows.size() / 4) return out;
  std::string searched = deflated(rows, 6, Z_DEFAULT_STRATEGY);
  return searched.size() < out.size() ? searched : out;
}

}  // namespace

std::string to_png(const GeneratedImage& image) {
  return at_border("", [&] {
    std::vector<std::pair<std::string, std::string>> texts{{"parameters", image.parameters},
                                                           {"calotype", image.record}};
    std::string fallbacks;
    for (const auto& step : image.fallbacks) fallbacks += (fallbacks.empty() ? "" : ", ") + step;
    if (!fallbacks.empty()) texts.emplace_back("fallbacks", fallbacks);
    return encode_png(image.image, texts);
  });
}

std::string encode_png(const Image& image, const std::vector<std::pair<std::string, std::string>>& texts) {
  const std::string data = packed(png_rows(image));
  const std::string size = std::to_string(image.width) + " x " + std::to_string(image.height);
  if (data.empty()) throw Error(ErrorCode::out_of_memory, "no memory to write a PNG of " + size);
  const std::string eight_bits_rgb("\x08\x02\0\0\0", 5);
  const std::string sides = big_endian(uint32_t(image.width)) + big_endian(uint32_t(image.height));
  std::string out = std::string(kPngSignature) + chunk("IHDR", sides + eight_bits_rgb);
  for (const auto& [key, text] : texts) out += text_chunk(key, text);
  out += chunk("IDAT", data) + chunk("IEND", "");
  return out;
}

std::string with_png_text(std::string png, const std::string& key, const std::string& text) {
  constexpr size_t header = 25;  // the bytes of a length, IHDR, its 13 bytes and its checksum
  return png.insert(kPngSignature.size() + header, text_chunk(key, text));
}

namespace {

struct ZlibStream {
  z_stream state{};
  bool is_ready = inflateInit(&state) == Z_OK;
  ZlibStream() = default;
  ZlibStream(const ZlibStream&) = delete;
  ZlibStream& operator=(const ZlibStream&) = delete;
  ~ZlibStream() { inflateEnd(&state); }
};

/// Inflates a zlib stream, a little more than `most` bytes of it; nothing if it is damaged.
std::optional<std::string> inflated(std::string_view bytes, size_t most) {
  ZlibStream stream;
  if (!stream.is_ready) return std::nullopt;
  std::string out;
  char block[1 << 14];
  stream.state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.state.avail_in = uInt(bytes.size());
  for (int status = Z_OK; status == Z_OK;) {
    stream.state.next_out = reinterpret_cast<Bytef*>(block), stream.state.avail_out = sizeof block;
    status = inflate(&stream.state, Z_NO_FLUSH);
    out.append(block, sizeof block - stream.state.avail_out);
    if (status == Z_STREAM_END || out.size() > most) return out;
  }
  return std::nullopt;
}

/// Removes the part of a chunk up to the next zero byte, and returns it without the zero; nothing if there is none.
std::optional<std::string_view> take_word(std::string_view& data) {
  const size_t end = data.find('\0');
  if (end == data.npos) return std::nullopt;
  const std::string_view word = data.substr(0, end);
  data.remove_prefix(end + 1);
  return word;
}

/// The text of tEXt, zTXt or iTXt after its keyword; nothing if it is damaged.
std::optional<std::string> text_of(std::string_view type, std::string_view data, size_t most) {
  if (type == "tEXt") return utf8(data);
  const bool is_latin1 = type == "zTXt";
  const size_t head = is_latin1 ? 1 : 2;  // the method of compression, after the flag
  if (data.size() < head) return std::nullopt;
  const bool is_compressed = is_latin1 || data[0] != 0;
  if (is_compressed && data[head - 1] != 0) return std::nullopt;
  data.remove_prefix(head);
  if (!is_latin1 && (!take_word(data) || !take_word(data))) return std::nullopt;  // its language, and the keyword in it
  std::optional<std::string> text = is_compressed ? inflated(data, most) : std::optional(std::string(data));
  if (text && is_latin1) text = utf8(*text);
  return text;
}

}  // namespace

std::map<std::string, std::string> read_png_texts(std::string_view bytes, const std::string& name) {
  std::map<std::string, std::string> out;
  size_t sum = 0;
  for (const PngChunk& chunk : png_chunks(bytes, name)) {
    if (chunk.type != "tEXt" && chunk.type != "zTXt" && chunk.type != "iTXt") continue;
    std::string_view data = chunk.data;
    const auto key = take_word(data);
    const auto text = key ? text_of(chunk.type, data, kMostText - sum) : std::nullopt;
    if (!text) throw Error(ErrorCode::bad_data, name + ": PNG is damaged at byte " + std::to_string(chunk.at));
    sum += text->size();
    if (sum > kMostText)
      throw Error(ErrorCode::bad_data,
                  name + ": want at most " + std::to_string(kMostText) + " bytes of text, got more");
    out[std::string(*key)] = *text;
  }
  return out;
}

}  // namespace calotype
