// What is printed of texts that are anybody's.
#include <doctest/doctest.h>

#include <locale>
#include <string>

#include "base/normal_form.h"
#include "base/parse_number.h"
#include "base/utf8.h"

using namespace calotype;

TEST_CASE("printable: control characters of C0, DEL and C1 are escaped, line feeds and tabs stay") {
  CHECK(printable("a\x1b[31m\tb\nc\r\x07") == "a\\x1b[31m\tb\nc\\x0d\\x07");
  CHECK(printable("\x7f\xc2\x9b"
                  "1m\xc2\x80") == "\\x7f\\x9b1m\\x80");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
}

TEST_CASE("printable: marks that turn the direction, and separators of lines, are escaped") {
  CHECK(printable("a\u202eb\u2066c\u200ed\u061ce") == "a\\u202eb\\u2066c\\u200ed\\u061ce");
  CHECK(printable("a\u2028b\u2029c\ufeffd") == "a\\u2028b\\u2029c\\ufeffd");
}

TEST_CASE("printable: bytes that are no UTF-8 are escaped, letters and emojis stay") {
  CHECK(printable("caf\xe9/\xc3\xa9") == "caf\\xe9/\xc3\xa9");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
  CHECK(printable("\U0001F469\u200d\U0001F52C \u65e5\u672c") == "\U0001F469\u200d\U0001F52C \u65e5\u672c");
}

TEST_CASE("printable: on one line a line feed is an escape too; of a path bytes stay") {
  CHECK(printable_line("a\nb\tc") == "a\\nb\\tc");
  CHECK(printable_path("caf\xe9\n\x1b") == "caf\xe9\\n\\x1b");
  CHECK(one_line(std::string(70, 'x')) == std::string(60, 'x') + "...");
  CHECK(one_line("a\u202e") == "a\\u202e");
}

TEST_CASE("printable: JSON keeps its meaning") {
  CHECK(printable_json("{\"a\":\"\x7f\xc2\x9b\u202e\"}") == "{\"a\":\"\\u007f\\u009b\\u202e\"}");
}

TEST_CASE("numbers: a locale with a comma, which a program may have set, changes none") {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  CHECK(format_short(4.5) == "4.5");
  CHECK(format_short(1234567) == "1.23457e+06");
  CHECK(format_short(100000) == "100000");
  CHECK(format_number(1234567.25) == "1234567.25");
  std::locale::global(before);
}

TEST_CASE("normal form: a letter and its accent become one, what is no UTF-8 stays") {
  CHECK(composed("cafe\u0301") == "caf\u00e9");
  CHECK(composed("caf\u00e9") == "caf\u00e9");
  CHECK(composed("caf\xe9") == "caf\xe9");
}
