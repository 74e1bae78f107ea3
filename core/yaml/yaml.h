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

/// A value of a config, and where it stands.
struct Node {
  enum class Kind { null, scalar, list, map };

  // defined where Node is complete, as clang wants it for a vector of pairs of it
  Node();
  ~Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;

  Kind kind = Kind::null;
  std::string text;          ///< of a scalar
  bool quoted = false;       ///< a scalar that is a text whatever it looks like: quoted, or a block
  std::string file;          ///< as messages name it
  int line = 0, column = 0;  ///< from 1, in bytes; 0: the value is no file's, `file` is all there is to say
  std::vector<Node> items;
  std::vector<std::pair<Node, Node>> members;  ///< in the order of the text; keys are scalars and differ

  /// A map's value; null pointer where the key is not there.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
};

/// "configs/a.yaml:7:14", or the file alone
std::string place(const Node& node);

/// Throws Error: PLACE: WHAT
[[noreturn]] void fail(const Node& at, const std::string& what, ErrorCode code = ErrorCode::config);

inline constexpr size_t kMaxBytes = 1 << 20;         ///< of a text, and of its scalars once aliases are expanded
inline constexpr size_t kMaxConfigBytes = 40 << 20;  ///< of a config, which may hold images in base64
inline constexpr size_t kMaxNodes = 10000;           ///< once aliases are expanded, keys included
inline constexpr size_t kMaxDepth = 32;

/// One YAML document whose root is a map. Aliases are expanded. Refused, with Error (config) and its place: whatever
/// exceeds the limits, a second document, a key given twice, tags, merge keys, aliases within themselves, control
/// characters, and what is not UTF-8.
Node parse(std::string_view text, const std::string& file);

/// The same of a config, of which all that is wrong is told at once: keys given twice go to `repeated`, and only the
/// first of each is in the tree. Throws them with whatever else is wrong with the text.
Node parse(std::string_view text, const std::string& file, size_t most_bytes, ErrorList& repeated);

/// A file of another program, as PyYAML reads it: merge keys and the tags of YAML's own types are read, and of two
/// equal keys the last counts. The other rules of `parse` hold.
Node parse_lenient(std::string_view text, const std::string& file);

/// One flow value, such as {id: euler, spacing: leading}, of any kind. Its nodes have no line, only `file`.
Node parse_value(std::string_view text, const std::string& file);

/// Throws Error (config) where the text has a byte that no config may have.
void check_characters(std::string_view text, const std::string& file, bool has_lines);

}  // namespace calotype::yaml
