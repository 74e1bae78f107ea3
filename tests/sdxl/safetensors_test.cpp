#include "files/safetensors.h"

#include <calotype/error.h>
#include <doctest/doctest.h>

#include "temporary_folder.h"

using calotype::Error;
using calotype::ErrorCode;
using calotype::sdxl::SafetensorsFile;

namespace {

/// What is said of a file with these bytes; its path left out, empty where the file is good.
std::string error_of_bytes(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("t.safetensors", bytes);
  try {
    SafetensorsFile file(path);
  } catch (const Error& e) {
    CHECK(e.code() == ErrorCode::bad_data);
    const std::string text = e.what();
    REQUIRE(text.starts_with(path + ": "));
    return text.substr(path.size() + 2);
  }
  return "";
}

std::string error_of(const std::string& header, size_t data_bytes = 16) {
  return error_of_bytes(safetensors(header, data_bytes));
}

/// The error of one tensor "a".
std::string error_of_tensor(const std::string& members) {
  return error_of(R"({"a":{)" + members + "}}");
}

std::string tensor(const std::string& name, int begin, int end) {
  return '"' + name + R"(":{"dtype":"U8","shape":[)" + std::to_string(end - begin) + R"(],"data_offsets":[)" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}

const std::string kGood =
    R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[2,4],"data_offsets":[0,16]}}  )";

}  // namespace

TEST_CASE("safetensors: a good file gives its tensors and metadata") {
  const TemporaryFolder folder;
  std::string bytes = safetensors(kGood, 16);
  bytes.back() = 7;
  const SafetensorsFile file(folder.write("t.safetensors", bytes));
  REQUIRE(file.tensors().size() == 1);
  const auto& a = file.tensors().at("a");
  CHECK(a.dtype == "F16");
  CHECK(a.shape == std::vector<int64_t>{2, 4});
  CHECK(a.data.size() == 16);
  CHECK(a.data[15] == std::byte(7));
  CHECK(file.metadata().at("format") == "pt");
}

TEST_CASE("safetensors: no tensors, scalars and tensors of no size are good") {
  CHECK(error_of("{}", 0) == "");
  CHECK(error_of(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", 4) == "");
  CHECK(error_of("{" + tensor("a", 0, 0) + "," + tensor("b", 0, 16) + "," + tensor("c", 16, 16) + "}") == "");
}

TEST_CASE("safetensors: every truncation of a file is an error") {
  const std::string bytes = safetensors(kGood, 16);
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(error_of_bytes(bytes.substr(0, size)) != "");
  }
}

TEST_CASE("safetensors: every change of one byte of the header is read or refused, never worse") {
  const std::string good = safetensors(kGood, 16);
  for (size_t i = 0; i < good.size() - 16; ++i)
    for (const char c : {'\0', '\xff', '"', '9', '{', ']'}) {
      std::string bytes = good;
      bytes[i] = c;
      (void)error_of_bytes(bytes);
    }
}

TEST_CASE("safetensors: what is no file") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(SafetensorsFile(folder.path()), (folder.path() + ": found a folder, wanted a file").c_str(),
                       Error);
  CHECK_THROWS_WITH_AS(SafetensorsFile(folder.path("none")),
                       (folder.path("none") + ": cannot be read, No such file or directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(SafetensorsFile("/dev/null"), "/dev/null: found a device or pipe, wanted a file", Error);
}

TEST_CASE("safetensors: what was saved in a model's place is named") {
  const std::string pointer =
      "found a pointer of Git LFS, wanted the file that it stands for; to fetch it: git lfs pull";
  CHECK(error_of_bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n") == pointer);
  const std::string page =
      "found a web page, wanted a safetensors file; download it again, by the link of the file itself";
  for (const char* text : {"<!DOCTYPE html>\n", "<!doctype html><html>", "\n <html lang=en>", "<HTML><head>"})
    CHECK(error_of_bytes(text) == page);
  CHECK(error_of_bytes("<xml>...") != page);
}

TEST_CASE("safetensors rule 1: eight bytes at least") {
  CHECK(error_of_bytes("") == "too short for a safetensors file, found 0 bytes, wanted at least 8");
  CHECK(error_of_bytes("1234567") == "too short for a safetensors file, found 7 bytes, wanted at least 8");
}

TEST_CASE("safetensors rule 2: a header of at most 100 MB") {
  const std::string large = "\x01\xe1\xf5\x05" + std::string(4, '\0');
  CHECK(error_of_bytes(large) == "header is too long, found 100000001 bytes, wanted at most 100000000");
  CHECK(error_of_bytes(std::string(8, '\xff') + "{}") ==
        "header is too long, found 18446744073709551615 bytes, wanted at most 100000000");
}

TEST_CASE("safetensors rule 3: the header fits in the file") {
  CHECK(error_of_bytes(std::string("\x03\0\0\0\0\0\0\0{}", 10)) == "header is cut off, found 2 bytes, wanted 3");
}

TEST_CASE("safetensors rule 4: the header is UTF-8 without zeros") {
  CHECK(error_of("{\"a\xff\":1}") ==
        "header is not UTF-8 text, found the byte 255 at byte 3, wanted UTF-8 without zeros");
  CHECK(error_of("{\"\xc0\xaf\":1}") ==
        "header is not UTF-8 text, found the byte 192 at byte 2, wanted UTF-8 without zeros");
  CHECK(error_of(std::string("{}\0}", 4)) ==
        "header is not UTF-8 text, found the byte 0 at byte 2, wanted UTF-8 without zeros");
}

TEST_CASE("safetensors rule 5: the header begins with a brace") {
  CHECK(error_of("") == "header does not begin an object, found \"\", wanted \"{\"");
  CHECK(error_of(" {}") == "header does not begin an object, found \" \", wanted \"{\"");
  CHECK(error_of("[]") == "header does not begin an object, found \"[\", wanted \"{\"");
}

TEST_CASE("safetensors rule 6: the header is one JSON object, and spaces") {
  CHECK(error_of("{\"a\":}") ==
        "header is not JSON at byte 6, found \"\"a\":}\", wanted one JSON object, and only spaces after it");
  CHECK(error_of("{}{}") ==
        "header is not JSON at byte 3, found \"{}{\", wanted one JSON object, and only spaces after it");
  CHECK(error_of("{}\n") ==
        "header does not end as an object, found \"\\x0a\", wanted \"}\", and only spaces after it");
  CHECK(
      error_of("{\"__metadata__\":{}") ==
      "header is not JSON at byte 19, found \"\"__metadata__\":{}\", wanted one JSON object, and only spaces after it");
  CHECK(error_of("{//\n}") ==
        "header is not JSON at byte 2, found \"{/\", wanted one JSON object, and only spaces after it");
}

TEST_CASE("safetensors rule 7: metadata are texts") {
  CHECK(error_of(R"({"__metadata__":{"k":1}})") == R"(value of "k" in __metadata__, found 1, wanted a text)");
  CHECK(error_of(R"({"__metadata__":{"k":{}}})") == R"(value of "k" in __metadata__, found an object, wanted a text)");
  CHECK(error_of(R"({"__metadata__":{"k":[]}})") == R"(value of "k" in __metadata__, found an array, wanted a text)");
  CHECK(error_of(R"({"__metadata__":"x"})") == R"(__metadata__, found the text "x", wanted an object)");
}

TEST_CASE("safetensors rule 8: no key twice") {
  CHECK(error_of("{" + tensor("a", 0, 8) + "," + tensor("a", 8, 16) + "}") ==
        R"(tensor "a", found it twice, wanted it once)");
  CHECK(error_of(R"({"__metadata__":{"k":"1","k":"2"}})") ==
        R"(key "k" of __metadata__, found it twice, wanted it once)");
  CHECK(error_of(R"({"__metadata__":{},"__metadata__":{}})") ==
        R"(key "__metadata__", found it twice, wanted it once)");
  CHECK(error_of_tensor(R"("dtype":"U8","dtype":"U8")") ==
        R"(tensor "a": key "dtype", found it twice, wanted it once)");
}

TEST_CASE("safetensors rule 9: a known dtype") {
  CHECK(error_of_tensor(R"("dtype":"F33","shape":[4],"data_offsets":[0,16])") ==
        R"(tensor "a": unknown dtype, found "F33", wanted F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, )"
        "BOOL, F8_E4M3, F8_E5M2, F8_E8M0, C64, F6_E2M3, F6_E3M2 or F4");
  CHECK(error_of_tensor(R"("dtype":5)") == R"(tensor "a": dtype, found 5, wanted a text)");
  CHECK(error_of_tensor(R"("dtype":["F32"])") == R"(tensor "a": dtype, found an array, wanted a text)");
}

TEST_CASE("safetensors rule 10: shapes are unsigned integers whose product does not overflow") {
  const auto error = [](const std::string& shape) {
    return error_of_tensor(R"("dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,16])");
  };
  CHECK(error("[-1]") == R"(tensor "a": shape, found -1, wanted unsigned integers)");
  CHECK(error("[1.9]") == R"(tensor "a": shape, found 1.9, wanted unsigned integers)");
  CHECK(error("[4e0]") == R"(tensor "a": shape, found 4e0, wanted unsigned integers)");
  CHECK(error("[\"4\"]") == R"(tensor "a": shape, found the text "4", wanted unsigned integers)");
  CHECK(error("[true]") == R"(tensor "a": shape, found true, wanted unsigned integers)");
  CHECK(error("[null]") == R"(tensor "a": shape, found null, wanted unsigned integers)");
  CHECK(error("4") == R"(tensor "a": shape, found 4, wanted a list of unsigned integers)");
  CHECK(error("[18446744073709551616]") ==
        R"(tensor "a": shape, found 18446744073709551616, wanted unsigned integers)");
  CHECK(error("[9223372036854775808]") ==
        R"(tensor "a": shape, found 9223372036854775808, wanted at most 9223372036854775807)");
  CHECK(error("[4294967296,4294967296]") ==
        R"(tensor "a": size overflows, found F32 [4294967296,4294967296], wanted less than 2^64 bits)");
}

TEST_CASE("safetensors rule 11: the bits do not overflow and are whole bytes") {
  CHECK(error_of_tensor(R"("dtype":"F32","shape":[576460752303423488],"data_offsets":[0,0])") ==
        R"(tensor "a": size overflows, found F32 [576460752303423488], wanted less than 2^64 bits)");
  CHECK(error_of_tensor(R"("dtype":"F4","shape":[3],"data_offsets":[0,2])") ==
        R"(tensor "a": no whole number of bytes, found F4 [3], 12 bits, wanted a multiple of 8)");
}

TEST_CASE("safetensors rule 12: the offsets hold what dtype and shape ask for") {
  const auto error = [](const std::string& offsets) {
    return error_of_tensor(R"("dtype":"F32","shape":[2,2],"data_offsets":)" + offsets);
  };
  CHECK(error("[0,12]") == R"(tensor "a": data_offsets do not hold F32 [2,2], found [0,12], wanted 16 bytes)");
  CHECK(error("[16,0]") == R"(tensor "a": data_offsets fall, found [16,0], wanted a begin that is not after the end)");
  CHECK(error("[0]") == R"(tensor "a": data_offsets, found 1 numbers, wanted 2)");
  CHECK(error("[0,16,16]") == R"(tensor "a": data_offsets, found more than 2 numbers, wanted 2)");
  CHECK(error("[-16,0]") == R"(tensor "a": data_offsets, found -16, wanted unsigned integers)");
}

TEST_CASE("safetensors rule 13: tensors lie one after the other from 0") {
  CHECK(error_of("{" + tensor("a", 4, 16) + "}") == R"(tensor "a": hole before its data, found offset 4, wanted 0)");
  CHECK(error_of("{" + tensor("a", 0, 4) + "," + tensor("b", 8, 16) + "}") ==
        R"(tensor "b": hole before its data, found offset 8, wanted 4)");
  CHECK(error_of("{" + tensor("a", 0, 12) + "," + tensor("b", 8, 16) + "}") ==
        R"(tensor "b": overlaps tensor "a", found offset 8, wanted 12)");
  CHECK(error_of("{" + tensor("a", 0, 16) + "," + tensor("b", 0, 16) + "}") ==
        R"(tensor "b": overlaps tensor "a", found offset 0, wanted 16)");
  CHECK(error_of("{" + tensor("a", 0, 16) + "," + tensor("b", 8, 8) + "}") ==
        R"(tensor "b": overlaps tensor "a", found offset 8, wanted 16)");
}

TEST_CASE("safetensors rule 14: the last tensor ends where the file does") {
  CHECK(error_of("{" + tensor("a", 0, 12) + "}") == "bytes after the last tensor, found 16 bytes of data, wanted 12");
  CHECK(error_of("{" + tensor("a", 0, 20) + "}") ==
        R"(tensor "a": data is cut off, found 16 bytes of data, wanted 20)");
  CHECK(error_of("{}", 1) == "bytes after the last tensor, found 1 bytes of data, wanted 0");
}

TEST_CASE("safetensors: a tensor has its three keys and no other") {
  CHECK(error_of_tensor(R"("dtype":"U8","shape":[16])") == R"(tensor "a", found no data_offsets, wanted one)");
  CHECK(error_of_tensor(R"("extra":1)") ==
        R"(tensor "a": unknown key, found "extra", wanted dtype, shape and data_offsets)");
  CHECK(error_of(R"({"a":[]})") == R"(tensor "a", found an array, wanted an object)");
  CHECK(error_of(R"({"a":null})") == R"(tensor "a", found null, wanted an object)");
}

TEST_CASE("safetensors: nothing is nested deeper than the format has it") {
  CHECK(error_of(R"({"a":{"shape":)" + std::string(1'000'000, '[') + "}}") ==
        R"(tensor "a": shape, found an array, wanted unsigned integers)");
  CHECK(error_of(R"({"a":{"dtype":{"x":1}}})") == R"(tensor "a": dtype, found an object, wanted a text)");
}

TEST_CASE("safetensors: at most eight dimensions, 1 KiB of name, 100,000 tensors and as many metadata") {
  CHECK(error_of_tensor(R"("dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1])") ==
        R"(tensor "a": too many dimensions, found more than 8, wanted at most as many)");
  CHECK(error_of("{" + tensor(std::string(1025, 'n'), 0, 16) + "}") ==
        "tensor \"" + std::string(64, 'n') + "...\": name is too long, found 1025 bytes, wanted at most 1024");
  std::string many;
  for (int i = 0; i <= 100'000; ++i) many += (i ? "," : "{") + tensor(std::to_string(i), 0, 0);
  CHECK(error_of(many + "}", 0) == "too many tensors, found more than 100000, wanted at most as many");
  std::string texts;
  for (int i = 0; i <= 100'000; ++i) texts += (i ? ",\"" : "{\"") + std::to_string(i) + R"(":"")";
  CHECK(error_of(R"({"__metadata__":)" + texts + "}}", 0) ==
        "too many metadata, found more than 100000, wanted at most as many");
}
