#include "yaml/yaml.h"

#include "base/utf8.h"

namespace calotype::yaml {

Node::Node() = default;
Node::~Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name.text == key) return &value;
  return nullptr;
}

Node* Node::find(std::string_view key) {
  return const_cast<Node*>(std::as_const(*this).find(key));
}

std::string position(const Node& node) {
  if (!node.line) return node.file;
  return node.file + ":" + std::to_string(node.line) + ":" + std::to_string(node.column);
}

void fail(const Node& at, const std::string& what, ErrorCode code) {
  throw Error(code, position(at) + ": " + what);
}

void check_characters(std::string_view text, const std::string& file, bool has_lines) {
  const auto control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  const size_t invalid = find_invalid_utf8(text);
  Node at;
  at.file = file;
  size_t line_start = 0, line = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ++line, line_start = i + 1;
    if (i != invalid && !control(text[i])) continue;
    if (has_lines) at.line = int(line), at.column = int(i - line_start + 1);
    fail(at, i == invalid ? "want UTF-8, got a byte that is none"
                          : "want text, got the control character \"" + one_line(text.substr(i, 1)) + "\"");
  }
}

}  // namespace calotype::yaml
