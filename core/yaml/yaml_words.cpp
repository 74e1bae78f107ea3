#include "yaml/yaml_words.h"

#include <yaml-cpp/exceptions.h>

#include <utility>

#include "base/utf8.h"

namespace calotype::yaml {
namespace {

namespace theirs = YAML::ErrorMsg;

constexpr const char *kDirective = "want no directive but %YAML 1.2, got a line that begins with %",
                     *kTag = "want a value, got a tag that is not whole",
                     *kName = "want a name of letters and digits, got another character";

const std::pair<const char*, const char*> kWords[] = {
    {theirs::YAML_DIRECTIVE_ARGS, kDirective},
    {theirs::YAML_VERSION, kDirective},
    {theirs::YAML_MAJOR_VERSION, kDirective},
    {theirs::REPEATED_YAML_DIRECTIVE, kDirective},
    {theirs::TAG_DIRECTIVE_ARGS, kDirective},
    {theirs::REPEATED_TAG_DIRECTIVE, kDirective},
    {theirs::CHAR_IN_TAG_HANDLE, kTag},
    {theirs::TAG_WITH_NO_SUFFIX, kTag},
    {theirs::END_OF_VERBATIM_TAG, kTag},
    {theirs::END_OF_MAP_FLOW, "want \",\" or \"}\" in a map in braces, got neither"},
    {theirs::END_OF_MAP, "want another key in the same column, or the end of these, got neither"},
    {theirs::END_OF_SEQ_FLOW, "want \",\" or \"]\" in a list in brackets, got neither"},
    {theirs::END_OF_SEQ, "want another \"- \" in the same column, or the end of the list, got neither"},
    {theirs::MULTIPLE_TAGS, "want one tag for a value, got two"},
    {theirs::MULTIPLE_ANCHORS, "want one anchor (&) for a value, got two"},
    {theirs::MULTIPLE_ALIASES, "want one alias (*) for a value, got two"},
    {theirs::ALIAS_CONTENT, "want an alias (*) alone, got an anchor or tag with it"},
    {theirs::INVALID_HEX, "want hexadecimal digits after \\x, \\u or \\U, got another character"},
    {theirs::INVALID_UNICODE,
     "want a character, got a number that is none; a surrogate wants its other half right after it: "
     "\"\\ud83d\\ude00\""},
    {theirs::INVALID_ESCAPE,
     "want an escape such as \\n, \\\" or \\\\, got a backslash before another character; single quotes take it as it "
     "is"},
    {theirs::UNKNOWN_TOKEN, "want a value, got a character that begins none"},
    {theirs::DOC_IN_SCALAR, "want a closing quote, got the end of the document"},
    {theirs::EOF_IN_SCALAR, "want a closing quote, got the end of the text"},
    {theirs::CHAR_IN_SCALAR, "want a text, got a character that stands in none"},
    {theirs::TAB_IN_INDENTATION, "want spaces before the first word of a line, got a tab"},
    {theirs::FLOW_END, "want an opening bracket or brace first, got a closing one"},
    {theirs::BLOCK_ENTRY,
     "want the items of a list on lines of their own, got \"- \" within a line; a text that begins so wants quotes"},
    {theirs::MAP_KEY, "want a value, got \"? \" within a line"},
    {theirs::MAP_VALUE, "want a value, got another \": \"; a text with \": \" in it wants quotes"},
    {theirs::ALIAS_NOT_FOUND, "want a name after *, got none"},
    {theirs::ANCHOR_NOT_FOUND, "want a name after &, got none"},
    {theirs::CHAR_IN_ALIAS, kName},
    {theirs::CHAR_IN_ANCHOR, kName},
    {theirs::ZERO_INDENT_IN_BLOCK, "want an indentation from 1 to 9 after | or >, got 0"},
    {theirs::CHAR_IN_BLOCK, "want nothing after | or > but + or - and an indentation, got more"},
    {theirs::AMBIGUOUS_ANCHOR, "want another name for an anchor (&), got one that is taken"},
    {theirs::UNKNOWN_ANCHOR, "want after * the name of an anchor (&) above it, got another"}};

}  // namespace

std::string explained(std::string_view message) {
  for (const auto& [from, words] : kWords)
    if (message.starts_with(from)) return words;
  return "want what YAML allows here, got \"" + printable_line(std::string(message)) + '"';
}

}  // namespace calotype::yaml
