#include "networks/files/safetensors_header.h"

#include <calotype/error.h>
#include <utf8proc.h>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "networks/files/quote.h"

namespace calotype::networks {
namespace {

constexpr size_t kMostTensors = 100'000, kMostMetadata = 100'000, kHighestRank = 8, kLongestName = 1024;

struct TypeBits {
  std::string_view name;
  uint64_t bits;
};
constexpr std::array<TypeBits, 20> kTypes{{{"F64", 64},    {"F32", 32}, {"F16", 16},    {"BF16", 16},   {"I64", 64},
                                           {"I32", 32},    {"I16", 16}, {"I8", 8},      {"U64", 64},    {"U32", 32},
                                           {"U16", 16},    {"U8", 8},   {"BOOL", 8},    {"F8_E4M3", 8}, {"F8_E5M2", 8},
                                           {"F8_E8M0", 8}, {"C64", 64}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4}}};
constexpr std::string_view kTypeNames =
    "F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, F8_E4M3, F8_E5M2, F8_E8M0, C64, F6_E2M3, F6_E3M2 "
    "or "
    "F4";

std::optional<uint64_t> bits_of(std::string_view dtype) {
  for (const auto& type : kTypes)
    if (type.name == dtype) return type.bits;
  return std::nullopt;
}

/// Passes the JSON as it is parsed. Anything but the format's own three levels is refused where it begins, so depth is
/// bounded.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& where) : where_(where) {}
  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (place_ == Place::outside) return enter(Place::header);
    if (place_ != Place::header) unexpected("an object");
    return enter(name_ == "__metadata__" ? Place::metadata : Place::tensor);
  }
  bool key(std::string& key) override {
    if (place_ == Place::header) return key_of_header(key);
    if (place_ == Place::metadata) {
      if (!header_.metadata.emplace(key, "").second)
        fail("key " + quote(key) + " of __metadata__", "it once", "it twice");
      if (header_.metadata.size() > kMostMetadata)
        fail("too many metadata", "at most " + std::to_string(kMostMetadata), "more");
    } else {
      key_of_tensor(key);
    }
    key_ = key;
    return true;
  }
  bool end_object() override {
    if (place_ == Place::tensor) end_tensor();
    return enter(place_ == Place::header ? Place::outside : Place::header);
  }
  bool start_array(size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") unexpected("an array");
    return enter(Place::array);
  }
  bool end_array() override {
    if (key_ == "data_offsets" && offsets_ != 2)
      fail(tensor() + ": data_offsets", "2 numbers", std::to_string(offsets_));
    return enter(Place::tensor);
  }
  bool string(std::string& value) override {
    if (place_ == Place::metadata) {
      header_.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") unexpected("the text " + quote(value));
    if (!bits_of(value)) fail(tensor() + ": unknown dtype", std::string(kTypeNames), quote(value));
    tensor_.dtype = value;
    return true;
  }
  bool number_unsigned(uint64_t value) override {
    if (place_ != Place::array) unexpected(std::to_string(value));
    return key_ == "shape" ? dimension(value) : offset(value);
  }
  bool number_integer(int64_t value) override { return unexpected(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { return unexpected(text); }
  bool null() override { return unexpected("null"); }
  bool boolean(bool value) override { return unexpected(value ? "true" : "false"); }
  bool binary(nlohmann::json::binary_t&) override { return unexpected("binary data"); }
  bool parse_error(size_t position, const std::string& last_token, const nlohmann::json::exception&) override {
    fail("header is not JSON at byte " + std::to_string(position), "one JSON object, and only spaces after it",
         quote(last_token));
  }

 private:
  enum class Place { outside, header, metadata, tensor, array };

  [[noreturn]] void fail(const std::string& what, const std::string& wanted, const std::string& got) const {
    throw Error(ErrorCode::bad_data, where_ + ": " + what + ": want " + wanted + ", got " + got);
  }
  [[noreturn]] bool unexpected(const std::string& found) const {
    switch (place_) {
      case Place::outside:
        fail("header is no JSON object", "an object", found);
      case Place::header:
        fail(name_ == "__metadata__" ? "__metadata__" : tensor(), "an object", found);
      case Place::metadata:
        fail("value of " + quote(key_) + " in __metadata__", "a text", found);
      case Place::array:
        fail(tensor() + ": " + key_, "unsigned integers", found);
      case Place::tensor:
        break;
    }
    fail(tensor() + ": " + key_, key_ == "dtype" ? "a text" : "a list of unsigned integers", found);
  }
  std::string tensor() const { return "tensor " + quote(name_); }
  bool enter(Place place) {
    place_ = place;
    return true;
  }
  bool key_of_header(const std::string& key) {
    name_ = key;
    if (key == "__metadata__") {
      if (std::exchange(has_metadata_, true)) fail("key \"__metadata__\"", "it once", "it twice");
      return true;
    }
    if (key.size() > kLongestName)
      fail(tensor() + ": name is too long", "at most " + std::to_string(kLongestName) + " bytes",
           std::to_string(key.size()));
    if (header_.tensors.contains(key)) fail(tensor(), "it once", "it twice");
    if (header_.tensors.size() == kMostTensors)
      fail("too many tensors", "at most " + std::to_string(kMostTensors), "more");
    tensor_ = {};
    keys_.clear();
    offsets_ = 0;
    return true;
  }
  void key_of_tensor(const std::string& key) {
    if (key != "dtype" && key != "shape" && key != "data_offsets")
      fail(tensor() + ": unknown key", "dtype, shape and data_offsets", quote(key));
    if (keys_.find(key + ' ') != std::string::npos) fail(tensor() + ": key " + quote(key), "it once", "it twice");
    keys_ += key + ' ';
  }
  bool dimension(uint64_t value) {
    if (tensor_.shape.size() == kHighestRank)
      fail(tensor() + ": too many dimensions", "at most " + std::to_string(kHighestRank), "more");
    if (value > uint64_t(std::numeric_limits<int64_t>::max()))
      fail(tensor() + ": shape", "at most 9223372036854775807", std::to_string(value));
    tensor_.shape.push_back(int64_t(value));
    return true;
  }
  bool offset(uint64_t value) {
    (offsets_ == 0 ? tensor_.begin : tensor_.end) = value;
    if (++offsets_ > 2) fail(tensor() + ": data_offsets", "2 numbers", "more");
    return true;
  }
  void end_tensor() {
    for (const char* key : {"dtype", "shape", "data_offsets"})
      if (keys_.find(std::string(key) + ' ') == std::string::npos) fail(tensor(), key, "none");
    tensor_.size = bytes(tensor_);
    if (tensor_.begin > tensor_.end)
      fail(tensor() + ": data_offsets fall", "a begin that is not after the end", range());
    if (tensor_.end - tensor_.begin != tensor_.size)
      fail(tensor() + ": data_offsets do not hold " + type(), std::to_string(tensor_.size) + " bytes", range());
    header_.tensors.emplace(name_, std::move(tensor_));
  }
  uint64_t bytes(const TensorEntry& t) const {
    uint64_t bits = *bits_of(t.dtype);
    for (const auto n : t.shape)
      if (__builtin_mul_overflow(bits, uint64_t(n), &bits))
        fail(tensor() + ": size overflows", "less than 2^64 bits", type());
    if (bits % 8 != 0)
      fail(tensor() + ": no whole number of bytes", "a multiple of 8 bits", type() + ", " + std::to_string(bits));
    return bits / 8;
  }
  std::string type() const {
    std::string text = tensor_.dtype + " [";
    for (size_t i = 0; i < tensor_.shape.size(); ++i) text += (i ? "," : "") + std::to_string(tensor_.shape[i]);
    return text + "]";
  }
  std::string range() const { return "[" + std::to_string(tensor_.begin) + "," + std::to_string(tensor_.end) + "]"; }

  const std::string& where_;
  SafetensorsHeader header_;
  Place place_ = Place::outside;
  std::string name_, key_, keys_;  // the tensor, its key, and the keys that it has had
  TensorEntry tensor_;
  size_t offsets_ = 0;
  bool has_metadata_ = false;
};

void check_utf8(std::string_view text, const std::string& where) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t point;
    const auto step = utf8proc_iterate(bytes + i, utf8proc_ssize_t(std::min<size_t>(text.size() - i, 4)), &point);
    if (step > 0 && point != 0) {
      i += size_t(step);
      continue;
    }
    throw Error(ErrorCode::bad_data, where + ": header is not UTF-8 text: want UTF-8 without zeros, got the byte " +
                                         std::to_string(bytes[i]) + " at byte " + std::to_string(i));
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& where) {
  check_utf8(text, where);
  if (text.empty() || text.front() != '{')
    throw Error(ErrorCode::bad_data,
                where + ": header does not begin an object: want \"{\", got " + quote(text.substr(0, 1)));
  const size_t last = text.find_last_not_of(' ');
  if (text[last] != '}')
    throw Error(ErrorCode::bad_data,
                where + ": header does not end as an object: want \"}\", and only spaces after it, got " +
                    quote(text.substr(last, 1)));
  HeaderReader reader(where);
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  return reader.take();
}

}  // namespace calotype::networks
