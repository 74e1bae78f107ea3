#pragma once
#include <calotype/json.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace calotype::networks {

/// A JSON object of a model ("unet/config.json", or the config inside a single file) and where it came from.
/// A key that is absent or null gives the fallback; one of the wrong type or out of range throws Error (bad_data) as
/// `where: "key": want ..., got ...`. Cheap to copy.
class ModelConfig {
 public:
  /// No keys: every reading gives its fallback.
  explicit ModelConfig(std::string where);
  /// Throws Error (no_input, bad_data): not there, not JSON, not an object, a key twice, deeper than 64 levels, over 64
  /// MB, over a million values.
  static ModelConfig read(const std::string& path);
  static ModelConfig parse(std::string_view text, const std::string& where);

  const std::string& where() const { return where_; }
  bool has(const std::string& key) const;
  int integer(const std::string& key, int fallback, int min, int max) const;
  double number(const std::string& key, double fallback, double min, double max) const;
  bool boolean(const std::string& key, bool fallback) const;
  std::string text(const std::string& key, const std::string& fallback) const;
  std::vector<int> integers(const std::string& key, const std::vector<int>& fallback, int min, int max) const;
  std::vector<double> numbers(const std::string& key, double min, double max) const;
  /// The object below `key`; an empty one where it is absent.
  ModelConfig at(const std::string& key) const;
  /// The JSON itself, for lists and tables of other shapes.
  const JsonValue& value() const { return *json_; }
  /// Throws Error (bad_data): `where: "key": want ..., got ...`.
  [[noreturn]] void fail(const std::string& key, const std::string& wanted) const;

 private:
  ModelConfig(std::string where, JsonValue object);
  const JsonValue* find(const std::string& key) const;
  std::string where_;
  std::shared_ptr<const JsonValue> json_;
};

}  // namespace calotype::networks
