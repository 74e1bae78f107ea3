#include "yaml/yaml.h"

#include <calotype/host/config_errors.h>

#include <chrono>

#include "core/config_fixture.h"

using config_test::message_of;
using namespace calotype;

namespace {

std::string message(const std::string& text) {
  return message_of([&] { yaml::parse(text, "a.yaml"); });
}

std::string repeated(const std::string& text, size_t times) {
  std::string out;
  while (times--) out += text;
  return out;
}

std::string alias_bomb() {
  std::string text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string to = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(to + " ,", 9) + to + " ]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("yaml: values keep their position, their order and whether they were quoted") {
  const auto root = yaml::parse("steps: 30\nscheduler: {id: 'karras', rho: 7}\nsize:\n  - 512\n  - 384\n", "a.yaml");
  REQUIRE(root.members.size() == 3);
  CHECK(yaml::position(root.members[0].second) == "a.yaml:1:8");
  CHECK(yaml::position(root.members[1].first) == "a.yaml:2:1");
  CHECK(root.find("scheduler")->find("id")->quoted);
  CHECK_FALSE(root.find("scheduler")->find("rho")->quoted);
  CHECK(root.find("size")->items[1].text == "384");
  CHECK(yaml::position(root.find("size")->items[1]) == "a.yaml:5:5");
}

TEST_CASE("yaml: an empty value stands at its key") {
  const auto root = yaml::parse("a: 1\nprompt:\nb: ~\n", "a.yaml");
  CHECK(root.find("prompt")->kind == yaml::Node::Kind::null);
  CHECK(yaml::position(*root.find("prompt")) == "a.yaml:2:1");
  CHECK(yaml::position(*root.find("b")) == "a.yaml:3:1");
}

TEST_CASE("yaml: aliases are expanded, and stand where they are used") {
  const auto root = yaml::parse("a: &x {b: 1}\nc: *x\n", "a.yaml");
  CHECK(root.find("c")->find("b")->text == "1");
  CHECK(yaml::position(*root.find("c")) == "a.yaml:2:4");
}

TEST_CASE("yaml: a byte order mark, Windows line ends, comments and a document start are fine") {
  const auto root =
      yaml::parse("\xef\xbb\xbf# first\r\n---\r\nprompt: \"\xc3\xa9t\xc3\xa9\"\r\nsteps: 5 # few\r\n...\r\n", "a.yaml");
  CHECK(root.find("prompt")->text == "\xc3\xa9t\xc3\xa9");
  CHECK(root.find("steps")->text == "5");
}

TEST_CASE("yaml: a block is a text, whatever it looks like") {
  const auto root = yaml::parse("prompt: |\n  7\n", "a.yaml");
  CHECK(root.find("prompt")->text == "7\n");
  CHECK(root.find("prompt")->quoted);
}

TEST_CASE("yaml: a quoted text may run over several lines, and hold quotes") {
  const auto root =
      yaml::parse("a: \"x\n  y\\\"z \\\n  w\"\nb: 'it''s\n\n so'\nc: [\"p\nq\", 'r']\nd:\n- ! \"s\"\n", "a.yaml");
  CHECK(root.find("a")->text == "x y\"z w");
  CHECK(root.find("b")->text == "it's\nso");
  CHECK(root.find("c")->items[0].text == "p q");
  CHECK(root.find("d")->items[0].text == "s");
}

TEST_CASE("yaml: lists within lists keep their shape") {
  const auto root = yaml::parse("a: [[[1, 2], []], [[3]]]\n", "a.yaml");
  const auto& a = *root.find("a");
  REQUIRE(a.items.size() == 2);
  CHECK(a.items[0].items[0].items[1].text == "2");
  CHECK(a.items[0].items[1].kind == yaml::Node::Kind::list);
  CHECK(a.items[1].items[0].items[0].text == "3");
}

TEST_CASE("yaml: what is refused, and the whole message") {
  struct Row {
    std::string text, message;
  };
  const std::vector<Row> rows{
      {"", "a.yaml:1:1: want keys with values, got nothing"},
      {"# only a comment\n", "a.yaml:1:1: want keys with values, got nothing"},
      {",", "a.yaml:1:1: want keys with values, got nothing"},
      {",b: R", "a.yaml:1:1: want keys with values, got nothing"},
      {"!!py,b", "a.yaml:1:1: tags are not read, got \"tag:yaml.org,2002:py\"; a text that begins with ! wants quotes"},
      {"~", "a.yaml:1:1: want keys with values, got nothing"},
      {"abc", "a.yaml:1:1: want keys with values, got a text"},
      {"[a, b]", "a.yaml:1:1: want keys with values, got a list"},
      {"seed: 1\nsteps: 2\nseed: 3\n", "a.yaml:3:1: duplicate key \"seed\"; first given at 1:1"},
      {"a: {b: 1, \"b\": 2}\n", "a.yaml:1:11: duplicate key \"b\"; first given at 1:5"},
      {"a: 1\n---\nb: 2\n", "a.yaml:2:1: want one document, got text after its end"},
      {"a: 1\n...\nb: 2\n", "a.yaml:3:1: want one document, got text after its end"},
      {"a: 1\n...\n,\n", "a.yaml:3:1: want one document, got text after its end"},
      {"{a: 1} ,", "a.yaml:1:8: want one document, got text after its end"},
      {"a: &x [*x ]\n", "a.yaml:1:8: an alias stands within the value that it repeats"},
      {"a: &x {b: {c: *x }}\n", "a.yaml:1:15: an alias stands within the value that it repeats"},
      {"a: *x\n",
       "a.yaml:1:4: not YAML: want after * the name of an anchor (&) above it, got another; a text that begins with * "
       "wants quotes around all of it"},
      {"a: &x {b: 1}\nc: {<<: *x }\n", "a.yaml:2:5: merge keys (<<) are not read; write the keys out"},
      {"a: !!int 5\n",
       "a.yaml:1:4: tags are not read, got \"tag:yaml.org,2002:int\"; a text that begins with ! wants quotes"},
      {"a: !mine {b: 1}\n", "a.yaml:1:4: tags are not read, got \"!mine\"; a text that begins with ! wants quotes"},
      {"a: !!python/object/apply:os.system [x]\n",
       "a.yaml:1:4: tags are not read, got \"tag:yaml.org,2002:python/object/apply:os.system\"; a text that begins "
       "with ! wants quotes"},
      {"[a]: 1\n", "a.yaml:1:1: want a name as key, got a list, a map or nothing"},
      {"? {a: b}\n: 1\n", "a.yaml:1:3: want a name as key, got a list, a map or nothing"},
      {"~: 1\n", "a.yaml:1:1: want a name as key, got a list, a map or nothing"},
      {"a: \"x\n", "a.yaml:1:4: want a closing \", got none"},
      {"a: \"x", "a.yaml:1:6: not YAML: want a closing quote, got the end of the text"},
      {"a: \"x\nb: \"y\"\n", "a.yaml:1:4: want a closing \", got none"},
      {"a: 'x\nb: 'y'\n", "a.yaml:1:4: want a closing ', got none"},
      {"a: 'it''s\nb: 1\n", "a.yaml:1:4: want a closing ', got none"},
      {"a:\n  b: &k \"x\n  c: \"y\"\n", "a.yaml:2:6: want a closing \", got none"},
      {"\"a: 1\nb: 2\n", "a.yaml:1:1: want a closing \", got none"},
      {"a: [1, 2\n",
       "a.yaml:2:1: not YAML: want \",\" or \"]\" in a list in brackets, got neither; a text that begins with [ wants "
       "quotes around all of it"},
      {"prompt: a cat: big\n",
       "a.yaml:1:14: not YAML: want a value, got another \": \"; a text with \": \" in it wants quotes"},
      {"prompt: - red\n",
       "a.yaml:1:9: not YAML: want the items of a list on lines of their own, got \"- \" within a line; a text that "
       "begins so wants quotes"},
      {"a:\n\t- b\n", "a.yaml:2:2: not YAML: want spaces before the first word of a line, got a tab"},
      {"a: 1\u2028b: 2\n",
       "a.yaml:1:9: not YAML: want a value, got another \": \"; a text with \": \" in it wants quotes; U+2028 in line "
       "1 "
       "is no end of a line here: write a line feed"},
      {"a: 1\n\u0085\nb: 2\n",
       "a.yaml:3:2: not YAML: want a value, got another \": \"; a text with \": \" in it wants quotes; U+0085 in line "
       "2 "
       "is no end of a line here: write a line feed"},
      {"a: \"\\q\"\n",
       "a.yaml:1:7: not YAML: want an escape such as \\n, \\\" or \\\\, got a backslash before another character; "
       "single "
       "quotes take it as it is"},
      {"a: ? b\n",
       "a.yaml:1:4: not YAML: want a value, got \"? \" within a line; a text that begins with ? wants quotes around "
       "all "
       "of it"},
      {"a: 1\n- b\n", "a.yaml:2:1: not YAML: want another key in the same column, or the end of these, got neither"},
      {"%YAML 3\n---\na: 1\n", "a.yaml:1:1: not YAML: want no directive but %YAML 1.2, got a line that begins with %"},
      {std::string("a: b\0c\n", 7), "a.yaml:1:5: want text, got the control character \"\\x00\""},
      {"a: 1\nb: x\x04y\n", "a.yaml:2:5: want text, got the control character \"\\x04\""},
      {"a: \"\\0\"\n", "a.yaml:1:4: want text without NUL, got one"},
      {"a: \"\\ud83d\"\n",
       "a.yaml:1:11: not YAML: want a character, got a number that is none; a surrogate wants its other half right "
       "after it: \"\\ud83d\\ude00\""},
      {"a: 1\nb: \xff\xfe\n", "a.yaml:2:4: want UTF-8, got a byte that is none"},
      {"a: \xc0\xaf\n", "a.yaml:1:4: want UTF-8, got a byte that is none"},
      {"a: \xed\xa0\x80\n", "a.yaml:1:4: want UTF-8, got a byte that is none"},
      {"a: \xf4\x90\x80\x80\n", "a.yaml:1:4: want UTF-8, got a byte that is none"},
      {"a: \xe2\x82", "a.yaml:1:4: want UTF-8, got a byte that is none"},
      {std::string("\xff\xfe"
                   "a\0:\0 \0b\0",
                   10),
       "a.yaml:1:1: want UTF-8, got a byte that is none"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(message(row.text) == row.message);
  }
}

TEST_CASE("yaml: what is too large, too deep or too many ends soon with an error") {
  struct Row {
    std::string text, message;
  };
  const size_t many = 100000;
  const std::vector<Row> rows{
      {"a: " + repeated("[", many), "a.yaml:1:20: want at most 32 levels, got more"},
      {repeated("{a: ", many), "a.yaml:1:125: want at most 32 levels, got more"},
      {"a: " + repeated("- ", many),
       "a.yaml:1:4: not YAML: want the items of a list on lines of their own, got \"- \" within a line; a text that "
       "begins so wants quotes"},
      {repeated("- ", many), "a.yaml:1:65: want at most 32 levels, got more"},
      {repeated("? ", many), "a.yaml:1:65: want at most 32 levels, got more"},
      {"a: [" + repeated("1,", many) + "1]", "a.yaml:1:19999: want at most 10000 values, got more"},
      {"a: [" + repeated(",", many) + "]", "a.yaml:1:10002: want at most 10000 values, got more"},
      {alias_bomb(), "a.yaml:4:45: want at most 10000 values, got more"},
      {"a: &x " + std::string(300000, 'y') + "\nb: [*x , *x , *x , *x ]\n",
       "a.yaml:2:15: want at most 1048576 bytes of text, got more"},
      {repeated("&x [", 30) + std::string(100000, 'y') + repeated("]", 30),
       "a.yaml:1:77: want at most 1048576 bytes of text, got more"},
      {"a: " + std::string(1 << 20, 'y'), "a.yaml:1:1: want at most 1048576 bytes, got 1048579"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text.substr(0, 40));
    const auto start = std::chrono::steady_clock::now();
    CHECK(message(row.text) == row.message);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}

TEST_CASE("yaml: the first and the last byte of every short text end without a crash") {
  const std::string bytes = ",[]{}:?-&*!|>'\"%@`#~ \n\ta0";
  for (char a : bytes)
    for (char b : bytes)
      for (char c : bytes) {
        const std::string text{a, b, c};
        CAPTURE(text);
        CHECK_FALSE(message(text).empty());
        CHECK_FALSE(message("k: " + text).empty());
      }
}

TEST_CASE("yaml: a flow value of any kind, without lines") {
  const auto node = yaml::parse_value("{id: euler, spacing: [1, 2]}", "--set x");
  CHECK(node.find("spacing")->items[1].text == "2");
  CHECK(yaml::position(*node.find("id")) == "--set x");
  CHECK(message_of([] { yaml::parse_value("{a: 1, a: 2}", "--set x"); }) == "--set x: duplicate key \"a\"");
  CHECK(message_of([] { yaml::parse_value("[1] ]", "--set x"); }) ==
        "--set x: not YAML: want an opening bracket or brace first, got a closing one");
}

TEST_CASE("yaml: two escapes of JSON are one character in double quotes, and text elsewhere") {
  const auto root = yaml::parse(
      "{\"a\": \"x\\ud83d\\ude00y\", \"\\ud83d\\ude00\": 1, 'b': '\\ud83d\\ude00', c: \\ud83d\\ude00, \"d\": "
      "\"\\\\ud83d\\\\ude00\"}",
      "a.json");
  CHECK(root.find("a")->text == "x\U0001F600y");
  CHECK(root.find("\U0001F600")->text == "1");
  CHECK(root.find("b")->text == "\\ud83d\\ude00");
  CHECK(root.find("c")->text == "\\ud83d\\ude00");
  CHECK(root.find("d")->text == "\\ud83d\\ude00");
  CHECK(yaml::position(*root.find("d")) == "a.json:1:87");
}

TEST_CASE("yaml: many escapes, and many equal keys, take no longer than their text and are reported once each") {
  std::string text = "{\"a\": \"", wanted;
  for (int i = 0; i < 80000; ++i) text += "\\ud83d\\ude00", wanted += "\U0001F600";
  CHECK(yaml::parse(text + "\"}", "a.json").find("a")->text == wanted);  // seconds, were the rest moved at each
  std::string equal;
  for (int i = 0; i < 1000; ++i) equal += "k: 1\n";
  try {
    yaml::parse(equal, "a.yaml");
    FAIL("equal keys");
  } catch (const ConfigErrors& e) {
    REQUIRE(e.errors().size() == 101);
    CHECK(std::string(e.errors()[0].what()) == "a.yaml:2:1: duplicate key \"k\"; first given at 1:1");
    CHECK(std::string(e.errors()[99].what()) == "a.yaml:101:1: duplicate key \"k\"; first given at 1:1");
    CHECK(std::string(e.errors()[100].what()) == "and 899 more errors");
  }
}

TEST_CASE("yaml: a text without quotes that begins with a sign of YAML's is an error") {
  for (const char* prompt :
       {"[red:blue:0.4] circle", "{red|blue} circle", "\"red\" circle", "'red' circle", "@user, circle",
        "*best* circle", "%d circles", "`a` circle", "!important circle", "> a circle", "& a circle"}) {
    CAPTURE(prompt);
    const std::string found = message(std::string("model: x\nprompt: ") + prompt + "\nsteps: 3\n");
    CHECK(found.find(std::string("a text that begins with ") + prompt[0] + " wants quotes") != found.npos);
  }
  CHECK(message("a: 1\n\tb: 2\n").find("wants quotes") == std::string::npos);
}

TEST_CASE("yaml: a file of another program may have merge keys, tags and equal keys") {
  const auto root = yaml::parse_lenient(
      "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  <<: *a\n  y: 5\nd: {<<: [*a , *b ], z: !!str 6}\ne: 7\ne: 8\n",
      "a.yaml");
  CHECK(root.find("c")->find("x")->text == "1");
  CHECK(root.find("c")->find("y")->text == "5");
  CHECK(root.find("d")->find("y")->text == "2");
  CHECK(root.find("d")->find("z")->text == "6");
  CHECK(root.find("e")->text == "8");
  CHECK(message_of([] { yaml::parse_lenient("a: {<<: 1}\n", "a.yaml"); }) ==
        "a.yaml:1:9: <<: want a map or a list of maps, got another value");
  CHECK(message_of([] { yaml::parse_lenient("a: !!python/name:os.system x\n", "a.yaml"); }).find("tags are not read") !=
        std::string::npos);
}
