// The only file that includes yaml-cpp. Its own tree keeps neither places nor the second of two equal keys, and a walk over
// it need not end; so its parser is used, and the tree is built here.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "utf8.h"
#include "yaml.h"

namespace calotype::yaml {
namespace {

using YAML::anchor_t;
using YAML::Mark;

/// Where a value starts whose anchor or "!" stands at `at`.
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

/// Builds a tree from the parser's events.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view source, const std::string& file, bool has_lines, size_t most_bytes)
      : source_(source), file_(file), has_lines_(has_lines), most_bytes_(most_bytes) {}

  Node take() { return std::move(root_); }
  Node node(const Mark& mark, Node::Kind kind) const {
    Node made;
    made.kind = kind;
    made.file = file_;
    if (has_lines_ && !mark.is_null()) made.line = mark.line + 1, made.column = mark.column + 1;
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
    scalar.text = text;
    scalar.quoted = tag == "!";
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
  void OnSequenceStart(const Mark& mark, const std::string& tag, anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(node(mark, Node::Kind::list), tag, anchor, indent_within(mark, style));
  }
  void OnMapStart(const Mark& mark, const std::string& tag, anchor_t anchor, YAML::EmitterStyle::value style) override {
    open(node(mark, Node::Kind::map), tag, anchor, indent_within(mark, style));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end is not yet seen.
  struct Open {
    Node node;
    anchor_t anchor;
    int indent;  ///< a line that is indented less is no longer of its values; 0: any line is
    bool has_key = false;
    Node key{};
  };

  static void refuse_tag(const Node& at, const std::string& tag) {
    if (tag != "?" && tag != "!") fail(at, "tags are not read, got \"" + one_line(tag) + "\"");
  }
  /// Counts a whole subtree, so that an alias pays for all that it repeats.
  void count(const Node& node, const Node& at) {
    bytes_ += node.text.size();
    if (++nodes_ > kMaxNodes) fail(at, "want at most " + std::to_string(kMaxNodes) + " values, got more");
    if (bytes_ > most_bytes_) fail(at, "want at most " + std::to_string(most_bytes_) + " bytes of text, got more");
    for (const auto& item : node.items) count(item, at);
    for (const auto& [key, value] : node.members) count(key, at), count(value, at);
  }
  int indent_within(const Mark& mark, YAML::EmitterStyle::value style) const {
    const bool is_flow = style == YAML::EmitterStyle::Flow || (!open_.empty() && open_.back().indent == 0);
    return is_flow ? 0 : mark.column + 1;
  }
  /// yaml-cpp takes a line that is indented too little for the end of a quoted text, closed or not.
  void want_closing_quote(const Node& at, const Mark& mark) const {
    const size_t start = after_properties(source_, size_t(mark.pos));
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
    add(std::move(done.node), done.anchor);
  }
  void add(Node made, anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = made;
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
  static void add_key(Open& parent, Node key) {
    if (key.kind != Node::Kind::scalar) fail(key, "want a name as key, got a list, a map or nothing");
    if (key.text == "<<" && !key.quoted) fail(key, "merge keys (<<) are not read; write the keys out");
    for (const auto& [other, value] : parent.node.members)
      if (other.text == key.text)
        fail(key,
             "duplicate key \"" + one_line(key.text) + "\"" +
                 (other.line ? "; first given at " + std::to_string(other.line) + ":" + std::to_string(other.column) : ""));
    parent.key = std::move(key);
    parent.has_key = true;
  }
  /// An empty value stands, for yaml-cpp, where the next token does; people look for it at its key.
  static void add_member(Open& parent, Node value) {
    if (value.kind == Node::Kind::null) value.line = parent.key.line, value.column = parent.key.column;
    parent.node.members.emplace_back(std::move(parent.key), std::move(value));
    parent.has_key = false;
  }

  const std::string_view source_;
  const std::string& file_;
  const bool has_lines_;
  int documents_ = 0;
  const size_t most_bytes_;
  size_t nodes_ = 0, bytes_ = 0;
  Node root_;
  std::vector<Open> open_;
  std::map<anchor_t, Node> anchors_;
};

std::string explained(const std::string& message) {
  if (message == YAML::ErrorMsg::MAP_VALUE) return message + "; a text with \": \" in it wants quotes";
  return message;
}

/// HandleNextDocument runs once for the document and once to see that there is no other: more calls may never end.
Node parse_document(std::string_view text, const std::string& file, bool has_lines, size_t most_bytes) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Builder builder(text, file, has_lines, most_bytes);
  Node whole = builder.node(Mark(), Node::Kind::null);
  if (text.size() > most_bytes)
    fail(whole, "want at most " + std::to_string(most_bytes) + " bytes, got " + std::to_string(text.size()));
  check_characters(text, file, has_lines);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) return whole;
    Node root = builder.take();
    if (root.kind == Node::Kind::map || !has_lines) parser.HandleNextDocument(builder);
    return root;
  } catch (const YAML::Exception& e) {
    fail(builder.node(e.mark, Node::Kind::null), "not YAML: " + explained(e.msg));
  }
}

}  // namespace

Node parse(std::string_view text, const std::string& file, size_t most_bytes) {
  Node root = parse_document(text, file, true, most_bytes);
  if (root.kind == Node::Kind::map) return root;
  const char* kinds[] = {"nothing", "a text", "a list", "a map"};
  fail(root, std::string("want keys with values, got ") + kinds[int(root.kind)]);
}

Node parse_value(std::string_view text, const std::string& file) {
  return parse_document(text, file, false, kMaxBytes);
}

}  // namespace calotype::yaml
