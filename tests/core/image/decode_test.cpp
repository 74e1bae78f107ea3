// Images that come in: every form of them against what Pillow reads, and bytes that mean harm.
#include <calotype/error.h>
#include <calotype/host/encode.h>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <zlib.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

#include "image/decode_base64.h"
#include "image/image_io.h"
#include "image/load_image.h"
#include "networks/files/safetensors.h"

using namespace calotype;

namespace {

const std::string kFolder = CALOTYPE_TEST_DATA "/images/";

std::string file_bytes(const std::string& name) {
  std::ifstream in(kFolder + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string big_endian(uint32_t v) {
  return {char(v >> 24), char(v >> 16), char(v >> 8), char(v)};
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const auto* bytes = reinterpret_cast<const Bytef*>(body.data());
  return big_endian(uint32_t(data.size())) + body + big_endian(uint32_t(crc32(0, bytes, uInt(body.size()))));
}

std::string deflated(const std::string& raw) {
  uLongf size = compressBound(uLong(raw.size()));
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(raw.data()), uLong(raw.size()),
            9);
  out.resize(size);
  return out;
}

/// 8-bit RGB of that size, whose pixels are `raw`, whatever it holds.
std::string png(uint32_t width, uint32_t height, const std::string& raw) {
  const std::string header = big_endian(width) + big_endian(height) + std::string("\x08\x02\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", deflated(raw)) + chunk("IEND", "");
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

std::string decode_error(const std::string& bytes) {
  return error_of([&] { decode_image(bytes, "image: a.png"); });
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("decode: every form of PNG, JPEG and WebP has the pixels that Pillow reads") {
  const networks::SafetensorsFile goldens(kFolder + "decoded.safetensors");
  for (const auto& [name, golden] : goldens.tensors()) {
    CAPTURE(name);
    const bool is_alpha = name.ends_with(".alpha");
    const Image image = decode_image(file_bytes(is_alpha ? name.substr(0, name.size() - 6) : name), name);
    CHECK(image.height == golden.shape[0]);
    CHECK(image.width == golden.shape[1]);
    const auto& got = is_alpha ? image.alpha : image.rgb;
    REQUIRE(got.size() == golden.data.size());
    int worst = 0;
    for (size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::abs(int(got[i]) - int(golden.data[i])));
    const bool is_lossy = name.find(".jpg") != name.npos || name == "lossy.webp";
    CHECK(worst <= (is_lossy ? 3 : 0));
    CHECK(image.alpha.empty() == !goldens.tensors().contains(is_alpha ? name : name + ".alpha"));
  }
}

TEST_CASE("decode: what is no image, or a damaged one, says so") {
  const std::string whole = file_bytes("rgb.png"),
                    neither = "image: a.png: want a PNG, JPEG or WebP, got neither of these";
  CHECK(decode_error("") == neither);
  CHECK(decode_error("a text") == neither);
  CHECK(decode_error(whole.substr(0, 20)) == "image: a.png: PNG is cut short at byte 8");
  CHECK(decode_error(whole.substr(0, 200)) == "image: a.png: PNG is cut short at byte 33");
  CHECK(decode_error(png(1u << 25, 8, "")) == "image: a.png: want at most 64 million pixels, got 33554432 x 8");
  CHECK(decode_error(png(10'000, 10'000, "")) == "image: a.png: want at most 64 million pixels, got 10000 x 10000");
  CHECK(decode_error(png(0, 8, "")).starts_with("image: a.png: the image is damaged: "));
  CHECK(decode_error(png(8, 8, "too few")) == "image: a.png: the image is damaged: fewer pixels than its size has");
}

TEST_CASE("decode: a pixel of a colour that the palette does not have is refused") {
  const auto of = [](const std::string& pixels) {
    const std::string header = big_endian(uint32_t(pixels.size())) + big_endian(1) + std::string("\x08\x03\0\0\0", 5);
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", "\x01\x02\x03\x04\x05\x06") +
           chunk("IDAT", deflated(std::string(1, '\0') + pixels)) + chunk("IEND", "");
  };
  CHECK(decode_image(of(std::string("\0\1", 2)), "a.png").rgb == std::vector<uint8_t>{1, 2, 3, 4, 5, 6});
  for (const char index : {'\2', '\7'})
    CHECK(decode_error(of(std::string(1, index))) == "image: a.png: the image is damaged: a pixel is of colour " +
                                                         std::to_string(int(index)) + ", and its palette ends with 1");
}

TEST_CASE("decode: other formats are refused by their names, with what would work") {
  const auto refusal = [](const std::string& what) {
    return "image: a.png: want a PNG, JPEG or WebP, got " + what + "; save it as one of these, PNG loses nothing";
  };
  CHECK(decode_error("GIF89a and so on") == refusal("a GIF"));
  CHECK(decode_error("BM" + std::string(60, '\0')) == refusal("a BMP"));
  CHECK(decode_error(std::string("\0\0\0\x1c", 4) + "ftypavif") == refusal("an AVIF"));
  CHECK(decode_error(std::string("\0\0\0\x18", 4) + "ftypheic") == refusal("a HEIC"));
  CHECK(decode_error(std::string("II*\0", 4)) == refusal("a TIFF"));
  CHECK(decode_error(std::string("\0\0\0\x0cJXL ", 8)) == refusal("a JPEG XL"));
  CHECK(decode_error("P6 2 2 255\n") == refusal("a Netpbm image (PPM)"));
  CHECK(decode_error(file_bytes("animated.webp")) ==
        "image: a.png: want a still image, got an animated WebP; save one frame as PNG");
}

TEST_CASE("decode: a file cut at any byte is refused, and one with a byte changed is never a crash") {
  for (const char* name :
       {"rgba.png", "palette.png", "progressive.jpg", "baseline.jpg", "cmyk.jpg", "lossy.webp", "rgba.webp"}) {
    CAPTURE(name);
    const std::string whole = file_bytes(name);
    for (size_t n = 0; n < whole.size(); n += 3) {
      CAPTURE(n);
      CHECK(decode_error(whole.substr(0, n)).starts_with("image: a.png: "));
    }
    for (size_t at = 8; at < whole.size(); at += 5) {
      std::string broken = whole;
      broken[at] = char(broken[at] ^ 0x55);
      decode_error(broken);
    }
  }
}

TEST_CASE("decode: a PNG with any byte of its chunks changed is refused") {
  const std::string whole = file_bytes("rgb.png");
  for (size_t at = 8; at < whole.size(); ++at) {
    CAPTURE(at);
    std::string broken = whole;
    broken[at] = char(broken[at] ^ 1);
    CHECK(decode_error(broken).find("PNG is ") != std::string::npos);
  }
}

TEST_CASE("decode: pixels whose own sum is wrong are refused, though the chunk's is right") {
  std::string pixels = deflated(std::string(8 * 25, '\x01'));
  pixels.back() = char(pixels.back() ^ 1);  // of Adler-32
  const std::string header = big_endian(8) + big_endian(8) + std::string("\x08\x02\0\0\0", 5);
  const std::string file = "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", pixels) + chunk("IEND", "");
  CHECK(decode_error(file) == "image: a.png: the image is damaged: incorrect data check");
}

TEST_CASE("decode: a JPEG with a Huffman table of more codes than there are bytes is refused") {
  std::string jpeg = file_bytes("baseline.jpg");
  const size_t table = jpeg.find("\xff\xc4");
  REQUIRE(table != jpeg.npos);
  jpeg[table + 20] = '\xff';  // how many codes have 16 bits
  jpeg[table + 19] = '\x02';
  CHECK(decode_error(jpeg) == "image: a.png: the image is damaged: Bogus Huffman table definition");
  // behind a byte that fills, and behind what is no segment
  CHECK(decode_error("\xff" + jpeg) == "image: a.png: want a PNG, JPEG or WebP, got neither of these");
  CHECK(decode_error("\xff\xd8\xff" + jpeg.substr(2)) ==
        "image: a.png: the image is damaged: Bogus Huffman table definition");
}

TEST_CASE("decode: 8 x 8 pixels that inflate to a gigabyte are refused within a few megabytes") {
  const std::string bomb = png(8, 8, std::string(size_t(256) << 20, '\0'));  // 256 MB in 260 kB
  CHECK(bomb.size() < 1 << 20);
  const long before = peak_kib();
  CHECK(decode_error(bomb) == "image: a.png: the image is damaged: more pixels than its size has");
  CHECK(peak_kib() - before < 16 << 10);
}

TEST_CASE("decode: base64 is taken strictly, but for white space") {
  const auto error = [](std::string_view text) { return error_of([&] { decode_base64(text, "image"); }); };
  CHECK(decode_base64("aGVsbG8=", "image") == "hello");
  CHECK(decode_base64("aGVsbA==", "image") == "hell");
  CHECK(decode_base64("aGVsbG8h", "image") == "hello!");
  const std::string bytes = file_bytes("rgba.png");
  CHECK(decode_base64(to_base64(bytes), "image") == bytes);
  CHECK(error("") == "image: want a multiple of 4 characters of base64, got 0");
  CHECK(error("aGVsbG8") == "image: want a multiple of 4 characters of base64, got 7");
  CHECK(decode_base64("aGVs\r\nb G8h\t\n", "image") == "hello!");
  CHECK(decode_base64("aGVs\nbA=\n=\n", "image") == "hell");
  CHECK(error("aGVs\nG8=") == "image: want a multiple of 4 characters of base64, got 7");
  CHECK(error("\n") == "image: want a multiple of 4 characters of base64, got 0");
  CHECK(error("aGVs\n-8=") == "image: base64: character 6 is none of it");
  CHECK(error("aGVs-") == "image: base64: character 5 is none of it");
  CHECK(error("aGVs\xa0") == "image: base64: character 5 is none of it");
  CHECK(error("aGVs=G8=") == "image: base64: character 5 is none of it");
  CHECK(error("aGV-bG8=") == "image: base64: character 4 is none of it");
  CHECK(error("aG==aG==") == "image: base64: character 3 is none of it");
  CHECK(error("aGVsbG9=") == "image: base64: bits are left over at its end");
  CHECK(error("aGVsbB==") == "image: base64: bits are left over at its end");
  CHECK(error(std::string((32 << 20) + 4, 'A')) == "image: want at most 33554432 characters of base64, got 33554436");
}

TEST_CASE("decode: an image comes by path, in base64 or as a data URI") {
  const std::string path = kFolder + "rgb.png", text = to_base64(file_bytes("rgb.png"));
  const Image image = load_image(path, "image");
  CHECK(load_image(text, "image").rgb == image.rgb);
  CHECK(load_image("data:image/png;base64," + text, "image").rgb == image.rgb);
  CHECK(load_image("\n " + text, "image").rgb == image.rgb);
  CHECK(load_image(to_base64(file_bytes("lossless.webp")), "image").rgb == image.rgb);
  CHECK(load_image("data:image/webp;base64," + to_base64(file_bytes("lossless.webp")), "image").rgb == image.rgb);
  CHECK(load_image("data:image/jpeg;base64," + to_base64(file_bytes("gray.jpg")), "image").width == 30);
  const auto error = [](const std::string& source) { return error_of([&] { load_image(source, "mask"); }); };
  CHECK(error("data:image/gif;base64,R0lGOD") ==
        "mask: want a data URI of image/png, image/jpeg or image/webp in base64, got \"data:image/gif;base64\"");
  CHECK(error("data:image/png,abc") ==
        "mask: want a data URI of image/png, image/jpeg or image/webp in base64, got \"data:image/png\"");
  CHECK(error("data:image/png;base64,AAAA") == "mask: want a PNG, JPEG or WebP, got neither of these");
  CHECK(error(kFolder + "README.md") ==
        "mask: " + kFolder + "README.md: want a PNG, JPEG or WebP, got neither of these");
}
