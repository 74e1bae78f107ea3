#pragma once
#include <calotype/error.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace calotype {
class ErrorList;
}

namespace calotype::yaml {

/// A value of a config, and its position.
struct Node {
  enum class Kind { null, scalar, list, map };

  // defined where Node is complete, because clang needs that for a vector of pairs of it
  Node();
  ~Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;

  Kind kind = Kind::null;
  std::string text;          ///< the text of a scalar
  bool quoted = false;       ///< a scalar that is always a text: quoted, or a block
  std::string typed;         ///< of a list, map or quoted text that --set gives: as it was typed
  std::string file;          ///< the name in messages
  int line = 0, column = 0;  ///< from 1, in bytes; 0: from no file, `file` is the whole position
  std::vector<Node> items;
  std::vector<std::pair<Node, Node>> members;  ///< in the order of the text; keys are scalars, and no two are the same

  /// The value of a map's key; null if the key is missing.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

/// The position: "configs/a.yaml:7:14", or the file alone.
std::string position(const Node& node);

/// Throws Error: POSITION: WHAT
[[noreturn]] void fail(const Node& at, const std::string& what, ErrorCode code = ErrorCode::config);

inline constexpr size_t kMaxBytes = 1 << 20;         ///< size of a text, and of its scalars after aliases are expanded
inline constexpr size_t kMaxConfigBytes = 40 << 20;  ///< size of a config, which may contain images in base64
inline constexpr size_t kMaxNodes = 10000;           ///< number of values after aliases are expanded, keys included
inline constexpr size_t kMaxDepth = 32;

/// Parses one YAML document whose root is a map. Aliases are expanded. Throws Error (config) with the position for:
/// more than the limits, a second document, a key given twice, tags, merge keys, recursive aliases, control characters,
/// and text that is not UTF-8.
Node parse(std::string_view text, const std::string& file);

/// Parses a config and reports all its errors at once: keys given twice go to `repeated`, and only the first of each is
/// in the tree. Throws them together with any other error of the text.
Node parse(std::string_view text, const std::string& file, size_t most_bytes, ErrorList& repeated);

/// Parses a file of another program, as PyYAML does: merge keys and the tags of YAML's own types are accepted, and of
/// two equal keys the last counts. The other rules of `parse` apply.
Node parse_lenient(std::string_view text, const std::string& file);

/// Parses one flow value of any kind, such as {id: euler, spacing: leading}. Its nodes have no line, only `file`.
Node parse_value(std::string_view text, const std::string& file);

/// Throws Error (config) if the text contains a byte that no config may contain.
void check_characters(std::string_view text, const std::string& file, bool has_lines);

}  // namespace calotype::yaml
