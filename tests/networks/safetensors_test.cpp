#include "networks/files/safetensors.h"

#include <calotype/error.h>
#include <doctest/doctest.h>

#include "temporary_folder.h"

using calotype::Error;
using calotype::ErrorCode;
using calotype::networks::SafetensorsFile;

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
  CHECK_THROWS_WITH_AS(SafetensorsFile(folder.path()), (folder.path() + ": want a file, got a folder").c_str(), Error);
  CHECK_THROWS_WITH_AS(SafetensorsFile(folder.path("none")),
                       (folder.path("none") + ": cannot be read, No such file or directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(SafetensorsFile("/dev/null"), "/dev/null: want a file, got a device or pipe", Error);
}

TEST_CASE("safetensors: what was saved in a model's place is named") {
  const std::string pointer = "want a safetensors file, got a pointer of Git LFS to one; to fetch it: git lfs pull";
  CHECK(error_of_bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n") == pointer);
  const std::string page = "want a safetensors file, got a web page; download it again, by the link of the file itself";
  for (const char* text : {"<!DOCTYPE html>\n", "<!doctype html><html>", "\n <html lang=en>", "<HTML><head>"})
    CHECK(error_of_bytes(text) == page);
  CHECK(error_of_bytes("<xml>...") != page);
}

TEST_CASE("safetensors rule 1: eight bytes at least") {
  CHECK(error_of_bytes("") == "too short for a safetensors file: want at least 8 bytes, got 0");
  CHECK(error_of_bytes("1234567") == "too short for a safetensors file: want at least 8 bytes, got 7");
}

TEST_CASE("safetensors rule 2: a header of at most 100 MB") {
  const std::string large = "\x01\xe1\xf5\x05" + std::string(4, '\0');
  CHECK(error_of_bytes(large) == "header is too long: want at most 100000000 bytes, got 100000001");
  CHECK(error_of_bytes(std::string(8, '\xff') + "{}") ==
        "header is too long: want at most 100000000 bytes, got 18446744073709551615");
}

TEST_CASE("safetensors rule 3: the header fits in the file") {
  CHECK(error_of_bytes(std::string("\x03\0\0\0\0\0\0\0{}", 10)) == "header is cut off: want 3 bytes, got 2");
}

TEST_CASE("safetensors rule 4: the header is UTF-8 without zeros") {
  CHECK(error_of("{\"a\xff\":1}") == "header is not UTF-8 text: want UTF-8 without zeros, got the byte 255 at byte 3");
  CHECK(error_of("{\"\xc0\xaf\":1}") ==
        "header is not UTF-8 text: want UTF-8 without zeros, got the byte 192 at byte 2");
  CHECK(error_of(std::string("{}\0}", 4)) ==
        "header is not UTF-8 text: want UTF-8 without zeros, got the byte 0 at byte 2");
}

TEST_CASE("safetensors rule 5: the header begins with a brace") {
  CHECK(error_of("") == "header does not begin an object: want \"{\", got \"\"");
  CHECK(error_of(" {}") == "header does not begin an object: want \"{\", got \" \"");
  CHECK(error_of("[]") == "header does not begin an object: want \"{\", got \"[\"");
}

TEST_CASE("safetensors rule 6: the header is one JSON object, and spaces") {
  CHECK(error_of("{\"a\":}") ==
        "header is not JSON at byte 6: want one JSON object, and only spaces after it, got \"\"a\":}\"");
  CHECK(error_of("{}{}") ==
        "header is not JSON at byte 3: want one JSON object, and only spaces after it, got \"{}{\"");
  CHECK(error_of("{}\n") == "header does not end as an object: want \"}\", and only spaces after it, got \"\\x0a\"");
  CHECK(error_of("{\"__metadata__\":{}") ==
        "header is not JSON at byte 19: want one JSON object, and only spaces after it, got \"\"__metadata__\":{}\"");
  CHECK(error_of("{//\n}") ==
        "header is not JSON at byte 2: want one JSON object, and only spaces after it, got \"{/\"");
}

TEST_CASE("safetensors rule 7: metadata are texts") {
  CHECK(error_of(R"({"__metadata__":{"k":1}})") == R"(value of "k" in __metadata__: want a text, got 1)");
  CHECK(error_of(R"({"__metadata__":{"k":{}}})") == R"(value of "k" in __metadata__: want a text, got an object)");
  CHECK(error_of(R"({"__metadata__":{"k":[]}})") == R"(value of "k" in __metadata__: want a text, got an array)");
  CHECK(error_of(R"({"__metadata__":"x"})") == R"(__metadata__: want an object, got the text "x")");
}

TEST_CASE("safetensors rule 8: no key twice") {
  CHECK(error_of("{" + tensor("a", 0, 8) + "," + tensor("a", 8, 16) + "}") ==
        R"(tensor "a": want it once, got it twice)");
  CHECK(error_of(R"({"__metadata__":{"k":"1","k":"2"}})") == R"(key "k" of __metadata__: want it once, got it twice)");
  CHECK(error_of(R"({"__metadata__":{},"__metadata__":{}})") == R"(key "__metadata__": want it once, got it twice)");
  CHECK(error_of_tensor(R"("dtype":"U8","dtype":"U8")") == R"(tensor "a": key "dtype": want it once, got it twice)");
}

TEST_CASE("safetensors rule 9: a known dtype") {
  CHECK(error_of_tensor(R"("dtype":"F33","shape":[4],"data_offsets":[0,16])") ==
        R"(tensor "a": unknown dtype: want F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, )"
        R"(BOOL, F8_E4M3, F8_E5M2, F8_E8M0, C64, F6_E2M3, F6_E3M2 or F4, got "F33")");
  CHECK(error_of_tensor(R"("dtype":5)") == R"(tensor "a": dtype: want a text, got 5)");
  CHECK(error_of_tensor(R"("dtype":["F32"])") == R"(tensor "a": dtype: want a text, got an array)");
}

TEST_CASE("safetensors rule 10: shapes are unsigned integers whose product does not overflow") {
  const auto error = [](const std::string& shape) {
    return error_of_tensor(R"("dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,16])");
  };
  CHECK(error("[-1]") == R"(tensor "a": shape: want unsigned integers, got -1)");
  CHECK(error("[1.9]") == R"(tensor "a": shape: want unsigned integers, got 1.9)");
  CHECK(error("[4e0]") == R"(tensor "a": shape: want unsigned integers, got 4e0)");
  CHECK(error("[\"4\"]") == R"(tensor "a": shape: want unsigned integers, got the text "4")");
  CHECK(error("[true]") == R"(tensor "a": shape: want unsigned integers, got true)");
  CHECK(error("[null]") == R"(tensor "a": shape: want unsigned integers, got null)");
  CHECK(error("4") == R"(tensor "a": shape: want a list of unsigned integers, got 4)");
  CHECK(error("[18446744073709551616]") == R"(tensor "a": shape: want unsigned integers, got 18446744073709551616)");
  CHECK(error("[9223372036854775808]") ==
        R"(tensor "a": shape: want at most 9223372036854775807, got 9223372036854775808)");
  CHECK(error("[4294967296,4294967296]") ==
        R"(tensor "a": size overflows: want less than 2^64 bits, got F32 [4294967296,4294967296])");
}

TEST_CASE("safetensors rule 11: the bits do not overflow and are whole bytes") {
  CHECK(error_of_tensor(R"("dtype":"F32","shape":[576460752303423488],"data_offsets":[0,0])") ==
        R"(tensor "a": size overflows: want less than 2^64 bits, got F32 [576460752303423488])");
  CHECK(error_of_tensor(R"("dtype":"F4","shape":[3],"data_offsets":[0,2])") ==
        R"(tensor "a": no whole number of bytes: want a multiple of 8 bits, got F4 [3], 12)");
}

TEST_CASE("safetensors rule 12: the offsets hold what dtype and shape ask for") {
  const auto error = [](const std::string& offsets) {
    return error_of_tensor(R"("dtype":"F32","shape":[2,2],"data_offsets":)" + offsets);
  };
  CHECK(error("[0,12]") == R"(tensor "a": data_offsets do not hold F32 [2,2]: want 16 bytes, got [0,12])");
  CHECK(error("[16,0]") == R"(tensor "a": data_offsets fall: want a begin that is not after the end, got [16,0])");
  CHECK(error("[0]") == R"(tensor "a": data_offsets: want 2 numbers, got 1)");
  CHECK(error("[0,16,16]") == R"(tensor "a": data_offsets: want 2 numbers, got more)");
  CHECK(error("[-16,0]") == R"(tensor "a": data_offsets: want unsigned integers, got -16)");
}

TEST_CASE("safetensors rule 13: tensors lie one after the other from 0") {
  CHECK(error_of("{" + tensor("a", 4, 16) + "}") == R"(tensor "a": hole before its data: want offset 0, got 4)");
  CHECK(error_of("{" + tensor("a", 0, 4) + "," + tensor("b", 8, 16) + "}") ==
        R"(tensor "b": hole before its data: want offset 4, got 8)");
  CHECK(error_of("{" + tensor("a", 0, 12) + "," + tensor("b", 8, 16) + "}") ==
        R"(tensor "b": overlaps tensor "a": want offset 12, got 8)");
  CHECK(error_of("{" + tensor("a", 0, 16) + "," + tensor("b", 0, 16) + "}") ==
        R"(tensor "b": overlaps tensor "a": want offset 16, got 0)");
  CHECK(error_of("{" + tensor("a", 0, 16) + "," + tensor("b", 8, 8) + "}") ==
        R"(tensor "b": overlaps tensor "a": want offset 16, got 8)");
}

TEST_CASE("safetensors rule 14: the last tensor ends where the file does") {
  CHECK(error_of("{" + tensor("a", 0, 12) + "}") == "bytes after the last tensor: want 12 bytes of data, got 16");
  CHECK(error_of("{" + tensor("a", 0, 20) + "}") == R"(tensor "a": data is cut off: want 20 bytes of data, got 16)");
  CHECK(error_of("{}", 1) == "bytes after the last tensor: want 0 bytes of data, got 1");
}

TEST_CASE("safetensors: a tensor has its three keys and no other") {
  CHECK(error_of_tensor(R"("dtype":"U8","shape":[16])") == R"(tensor "a": want data_offsets, got none)");
  CHECK(error_of_tensor(R"("extra":1)") ==
        R"(tensor "a": unknown key: want dtype, shape and data_offsets, got "extra")");
  CHECK(error_of(R"({"a":[]})") == R"(tensor "a": want an object, got an array)");
  CHECK(error_of(R"({"a":null})") == R"(tensor "a": want an object, got null)");
}

TEST_CASE("safetensors: nothing is nested deeper than the format has it") {
  CHECK(error_of(R"({"a":{"shape":)" + std::string(1'000'000, '[') + "}}") ==
        R"(tensor "a": shape: want unsigned integers, got an array)");
  CHECK(error_of(R"({"a":{"dtype":{"x":1}}})") == R"(tensor "a": dtype: want a text, got an object)");
}

TEST_CASE("safetensors: at most eight dimensions, 1 KiB of name, 100,000 tensors and as many metadata") {
  CHECK(error_of_tensor(R"("dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1])") ==
        R"(tensor "a": too many dimensions: want at most 8, got more)");
  CHECK(error_of("{" + tensor(std::string(1025, 'n'), 0, 16) + "}") ==
        "tensor \"" + std::string(64, 'n') + "...\": name is too long: want at most 1024 bytes, got 1025");
  std::string many;
  for (int i = 0; i <= 100'000; ++i) many += (i ? "," : "{") + tensor(std::to_string(i), 0, 0);
  CHECK(error_of(many + "}", 0) == "too many tensors: want at most 100000, got more");
  std::string texts;
  for (int i = 0; i <= 100'000; ++i) texts += (i ? ",\"" : "{\"") + std::to_string(i) + R"(":"")";
  CHECK(error_of(R"({"__metadata__":)" + texts + "}}", 0) == "too many metadata: want at most 100000, got more");
}
