// The only file that includes yaml-cpp's parser. yaml-cpp's own tree keeps neither positions nor the second of two
// equal keys, and a traversal of it may not end. So this file uses the parser's events and builds the tree itself.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>

#include "base/error_list.h"
#include "base/utf8.h"
#include "yaml/yaml.h"
#include "yaml/yaml_words.h"

namespace calotype::yaml {
namespace {

using YAML::anchor_t;
using YAML::Mark;

/// The start of a value whose anchor or "!" is at `at`.
size_t after_properties(std::string_view source, size_t at) {
  while (at < source.size() && (source[at] == '&' || source[at] == '!'))
    at = source.find_first_not_of(" \t\r\n", std::min(source.find_first_of(" \t\r\n", at), source.size()));
  return at;
}

/// Whether a quoted text ends before a line that is indented by less than `indent`.
bool is_closed(std::string_view text, size_t indent) {
  const char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool is_escape = quote == '"' ? text[i] == '\\' && next != '\n' : text[i] == quote && next == quote;
    if (is_escape)
      ++i;
    else if (text[i] == quote)
      return true;
    if (is_escape || text[i] != '\n') continue;
    const size_t first = text.find_first_not_of(" \t\r", i + 1);
    if (first != text.npos && text[first] != '\n' && first - i - 1 < indent) return false;
  }
  return false;
}

constexpr char kMark = '\x01';

/// Reads four hexadecimal digits, as after \u.
std::optional<uint32_t> unit_at(std::string_view text, size_t at) {
  uint32_t unit = 0;
  if (at + 4 > text.size()) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 4, unit, 16);
  return error == std::errc() && end == text.data() + at + 4 ? std::optional(unit) : std::nullopt;
}

/// The character of two surrogates "?ud83d?ude00" at this position, where ? is `escape`; nothing if there are none.
std::optional<uint32_t> pair_at(std::string_view text, size_t at, char escape) {
  if (at + 12 > text.size() || text[at] != escape || text[at + 1] != 'u' || text[at + 6] != escape ||
      text[at + 7] != 'u')
    return std::nullopt;
  const auto high = unit_at(text, at + 2), low = unit_at(text, at + 8);
  if (!high || !low || *high < 0xd800 || *high > 0xdbff || *low < 0xdc00 || *low > 0xdfff) return std::nullopt;
  return 0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00);
}

/// JSON writes characters above U+FFFF as two escapes, which yaml-cpp refuses. Their backslashes are replaced by a
/// character that no config contains, so that positions stay the same. When the scalar is known, the escapes are
/// resolved.
std::string with_marked_surrogates(std::string_view text) {
  std::string out(text);
  for (size_t at = 0; (at = out.find('\\', at)) != out.npos;) {
    if (pair_at(out, at, '\\')) {
      out[at] = out[at + 6] = kMark;
      at += 12;
    } else {
      at += 2;
    }
  }
  return out;
}

/// The text of a scalar with marked surrogates: in double quotes they become characters, elsewhere the original text.
std::string with_surrogates(std::string text, bool is_double_quoted) {
  std::string out;
  size_t done = 0;
  for (size_t at = 0; (at = text.find(kMark, at)) != text.npos;) {
    const auto c = pair_at(text, at, kMark);
    if (c && is_double_quoted) {
      out.append(text, done, at - done);
      out += {char(0xf0 | *c >> 18), char(0x80 | (*c >> 12 & 0x3f)), char(0x80 | (*c >> 6 & 0x3f)),
              char(0x80 | (*c & 0x3f))};
      done = at += 12;
    } else {
      text[at] = '\\';
      if (c) text[at + 6] = '\\';
    }
  }
  return out.append(text, done);
}

/// Options for reading a text.
struct Rules {
  bool has_lines = true;  ///< the text is a file's
  bool is_lenient = false;
  size_t most_bytes = kMaxBytes;
};

/// Builds a tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  /// Keys that are given twice go to `repeated` and are not in the tree.
  Builder(std::string_view source, const std::string& file, const Rules& rules, ErrorList& repeated)
      : source_(source), file_(file), rules_(rules), repeated_(repeated) {}

  Node take() { return std::move(root_); }
  Node node(const Mark& mark, Node::Kind kind) const {
    Node made;
    made.kind = kind;
    made.file = file_;
    if (rules_.has_lines && !mark.is_null()) made.line = mark.line + 1, made.column = mark.column + 1;
    return made;
  }

  void OnDocumentStart(const Mark& mark) override {
    if (documents_++) fail(node(mark, Node::Kind::null), "want one document, got text after its end");
  }
  void OnDocumentEnd() override {}
  void OnNull(const Mark& mark, anchor_t anchor) override {
    Node null = node(mark, Node::Kind::null);
    count(null, null);
    add(std::move(null), anchor);
  }
  void OnScalar(const Mark& mark, const std::string& tag, anchor_t anchor, const std::string& text) override {
    Node scalar = node(mark, Node::Kind::scalar);
    refuse_tag(scalar, tag);
    if (text.find('\0') != std::string::npos) fail(scalar, "want text without NUL, got one");
    scalar.quoted = tag == "!";
    scalar.text = with_surrogates(text, starts_with_double_quote(mark));
    if (scalar.quoted) want_closing_quote(scalar, mark);
    count(scalar, scalar);
    add(std::move(scalar), anchor);
  }
  void OnAlias(const Mark& mark, anchor_t anchor) override {
    Node here = node(mark, Node::Kind::null);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(here, "an alias stands within the value that it repeats");
    count(found->second, here);
    Node copy = found->second;
    copy.line = here.line, copy.column = here.column;
    add(std::move(copy), YAML::NullAnchor);
  }
  void OnSequenceStart(const Mark& mark, const std::string& tag, anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(node(mark, Node::Kind::list), tag, anchor, indent_within(mark, style));
  }
  void OnMapStart(const Mark& mark, const std::string& tag, anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(node(mark, Node::Kind::map), tag, anchor, indent_within(mark, style));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not been reached.
  struct Open {
    Node node;
    anchor_t anchor;
    int indent;  ///< a line that is indented less does not belong to its values; 0: every line does
    bool has_key = false, is_repeated = false;
    Node key{};
  };

  void refuse_tag(const Node& at, const std::string& tag) const {
    const bool is_known = rules_.is_lenient && tag.starts_with("tag:yaml.org,2002:") && tag.find('/') == tag.npos;
    if (tag != "?" && tag != "!" && !is_known)
      fail(at, "tags are not read, got \"" + one_line(tag) + "\"; a text that begins with ! wants quotes");
  }
  struct Total {
    size_t nodes = 0, bytes = 0;
  };
  /// Counts a whole subtree, so that an alias counts for everything that it repeats.
  void count(const Node& node, const Node& at, Total& total) const {
    total.bytes += node.text.size();
    if (++total.nodes > kMaxNodes) fail(at, "want at most " + std::to_string(kMaxNodes) + " values, got more");
    if (total.bytes > rules_.most_bytes)
      fail(at, "want at most " + std::to_string(rules_.most_bytes) + " bytes of text, got more");
    for (const auto& item : node.items) count(item, at, total);
    for (const auto& [key, value] : node.members) count(key, at, total), count(value, at, total);
  }
  void count(const Node& node, const Node& at) { count(node, at, counted_); }
  int indent_within(const Mark& mark, YAML::EmitterStyle::value style) const {
    const bool is_flow = style == YAML::EmitterStyle::Flow || (!open_.empty() && open_.back().indent == 0);
    return is_flow ? 0 : mark.column + 1;
  }
  size_t start_of(const Mark& mark) const { return after_properties(source_, size_t(mark.pos)); }
  bool starts_with_double_quote(const Mark& mark) const {
    const size_t start = start_of(mark);
    return start < source_.size() && source_[start] == '"';
  }
  /// yaml-cpp ends a quoted text at a line with too little indentation, whether the quote is closed or not.
  void want_closing_quote(const Node& at, const Mark& mark) const {
    const size_t start = start_of(mark);
    if (start >= source_.size() || (source_[start] != '"' && source_[start] != '\'')) return;
    if (!is_closed(source_.substr(start), open_.empty() ? 0 : size_t(open_.back().indent)))
      fail(at, std::string("want a closing ") + source_[start] + ", got none");
  }
  void open(Node made, const std::string& tag, anchor_t anchor, int indent) {
    refuse_tag(made, tag);
    if (open_.size() == kMaxDepth) fail(made, "want at most " + std::to_string(kMaxDepth) + " levels, got more");
    count(made, made);
    open_.push_back({std::move(made), anchor, indent});
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (rules_.is_lenient) merge(done.node);
    add(std::move(done.node), done.anchor);
  }
  void add(Node made, anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      count(made, made, kept_);  // each enclosing anchor keeps another copy
      anchors_[anchor] = made;
    }
    if (open_.empty()) {
      root_ = std::move(made);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list)
      parent.node.items.push_back(std::move(made));
    else if (!parent.has_key)
      add_key(parent, std::move(made));
    else
      add_member(parent, std::move(made));
  }
  /// Adds the members of the maps under the key <<, except keys that the map has itself.
  static void merge(Node& map) {
    const auto merged =
        std::find_if(map.members.begin(), map.members.end(), [](const auto& member) { return is_merge(member.first); });
    if (merged == map.members.end()) return;
    Node from = std::move(merged->second);
    map.members.erase(merged);
    if (from.kind != Node::Kind::list) from.items = {Node(from)};
    for (const Node& other : from.items) {
      if (other.kind != Node::Kind::map) fail(other, "<<: want a map or a list of maps, got another value");
      for (const auto& member : other.members)
        if (!map.find(member.first.text)) map.members.push_back(member);
    }
  }
  static bool is_merge(const Node& key) { return key.text == "<<" && !key.quoted; }
  void add_key(Open& parent, Node key) {
    if (key.kind != Node::Kind::scalar) fail(key, "want a name as key, got a list, a map or nothing");
    if (rules_.is_lenient)
      std::erase_if(parent.node.members, [&](const auto& member) { return member.first.text == key.text; });
    if (is_merge(key) && !rules_.is_lenient) fail(key, "merge keys (<<) are not read; write the keys out");
    for (const auto& member : parent.node.members)
      if (const Node& other = member.first; other.text == key.text) {
        parent.is_repeated = true;
        repeated_.run([&] {
          fail(key,
               "duplicate key \"" + one_line(key.text) + "\"" +
                   (other.line ? "; first given at " + std::to_string(other.line) + ":" + std::to_string(other.column)
                               : ""));
        });
        break;
      }
    parent.key = std::move(key);
    parent.has_key = true;
  }
  /// yaml-cpp puts an empty value at the next token; people look for it at its key.
  static void add_member(Open& parent, Node value) {
    if (value.kind == Node::Kind::null) value.line = parent.key.line, value.column = parent.key.column;
    if (!parent.is_repeated) parent.node.members.emplace_back(std::move(parent.key), std::move(value));
    parent.has_key = parent.is_repeated = false;
  }

  const std::string_view source_;
  const std::string& file_;
  const Rules rules_;
  int documents_ = 0;
  Total counted_, kept_;  ///< for the tree, and for what anchors keep for aliases
  Node root_;
  std::vector<Open> open_;
  ErrorList& repeated_;
  std::map<anchor_t, Node> anchors_;
};

/// In a line `key: value`, where the value may be an item of a list: the character with which the value begins, or 0.
char first_of_value(std::string_view line) {
  const size_t colon = line.find(": "), dash = line.find("- ");
  const size_t before = colon != line.npos ? colon + 1 : dash != line.npos ? dash + 1 : line.npos;
  const size_t first = before == line.npos ? line.npos : line.find_first_not_of(" \t", before);
  return first == line.npos ? '\0' : line[first];
}

/// Unquoted prompts that YAML misreads because of their first character.
std::string quotes_hint(std::string_view text, const YAML::Exception& e) {
  const Mark& mark = e.mark;
  const std::string_view message = e.msg;
  for (const char* within_quotes : {YAML::ErrorMsg::EOF_IN_SCALAR, YAML::ErrorMsg::INVALID_UNICODE,
                                    YAML::ErrorMsg::INVALID_ESCAPE, YAML::ErrorMsg::INVALID_HEX})
    if (message.starts_with(within_quotes)) return "";
  if (mark.is_null() || size_t(mark.pos) > text.size()) return "";
  for (size_t end = std::min(text.find('\n', size_t(mark.pos)), text.size());;) {
    const size_t start = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
    const std::string_view line = text.substr(start, end - start);
    const char first = first_of_value(line);
    if (first && std::string_view("[{\"'@*&!%`|>,?#").find(first) != std::string_view::npos)
      return std::string("; a text that begins with ") + first + " wants quotes around all of it";
    const bool is_empty = line.find_first_not_of(" \t\r") == line.npos;
    if (!is_empty || start == 0) return "";  // a parser that expects more reports it on the next line
    end = start - 1;
  }
}

/// The line of a position.
std::string_view line_at(std::string_view text, size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size()), before = at ? text.rfind('\n', at - 1) : text.npos;
  const size_t start = before == text.npos ? 0 : before + 1;
  return text.substr(start, end - start);
}

/// Other standards and editors end a line at these characters.
std::string line_ends_hint(std::string_view text) {
  constexpr std::pair<std::string_view, const char*> kEnds[] = {
      {"\xc2\x85", "U+0085"}, {"\xe2\x80\xa8", "U+2028"}, {"\xe2\x80\xa9", "U+2029"}};
  for (const auto& [bytes, name] : kEnds)
    if (const size_t at = text.find(bytes); at != text.npos)
      return std::string("; ") + name + " in line " +
             std::to_string(1 + std::count(text.begin(), text.begin() + at, '\n')) +
             " is no end of a line here: write a line feed";
  return "";
}

/// The parser's error, with what the author probably meant.
std::string problem(std::string_view text, const YAML::Exception& e, bool has_lines) {
  if (!has_lines || e.mark.is_null() || size_t(e.mark.pos) > text.size()) return explained(e.msg);
  const std::string_view line = line_at(text, size_t(e.mark.pos));
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != line.npos)
    return explained(YAML::ErrorMsg::TAB_IN_INDENTATION);
  const std::string ends = line_ends_hint(text.substr(0, size_t(e.mark.pos)));
  return explained(e.msg) + (ends.empty() ? quotes_hint(text, e) : ends);
}

/// HandleNextDocument is called once for the document and once to see that there is no other. More calls might never
/// end.
Node parse_document(std::string_view text, const std::string& file, const Rules& rules, ErrorList& repeated) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::string marked = with_marked_surrogates(text);
  Builder builder(marked, file, rules, repeated);
  Node whole = builder.node(Mark(), Node::Kind::null);
  if (text.size() > rules.most_bytes)
    fail(whole, "want at most " + std::to_string(rules.most_bytes) + " bytes, got " + std::to_string(text.size()));
  check_characters(text, file, rules.has_lines);
  try {
    std::istringstream in(marked);
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return whole;
    Node root = builder.take();
    if (root.kind == Node::Kind::map || !rules.has_lines) parser.HandleNextDocument(builder);
    return root;
  } catch (const YAML::Exception& e) {
    fail(builder.node(e.mark, Node::Kind::null), "not YAML: " + problem(text, e, rules.has_lines));
  }
}

Node wanted_map(Node root) {
  if (root.kind == Node::Kind::map) return root;
  const char* kinds[] = {"nothing", "a text", "a list", "a map"};
  fail(root, std::string("want keys with values, got ") + kinds[int(root.kind)]);
}

}  // namespace

Node parse(std::string_view text, const std::string& file, size_t most_bytes, ErrorList& repeated) {
  Node root;
  const bool is_read =
      repeated.run([&] { root = wanted_map(parse_document(text, file, {.most_bytes = most_bytes}, repeated)); });
  if (!is_read) repeated.check();
  return root;
}

Node parse(std::string_view text, const std::string& file) {
  ErrorList repeated;
  Node root = parse(text, file, kMaxBytes, repeated);
  repeated.check();
  return root;
}

Node parse_lenient(std::string_view text, const std::string& file) {
  ErrorList repeated;
  Node root = wanted_map(parse_document(text, file, {.is_lenient = true}, repeated));
  repeated.check();
  return root;
}

Node parse_value(std::string_view text, const std::string& file) {
  ErrorList repeated;
  Node value = parse_document(text, file, {.has_lines = false}, repeated);
  repeated.check();
  return value;
}

}  // namespace calotype::yaml
