#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace calotype::check {

/// Memory between two pages that may not be accessed: catches reads and writes outside the data, and nothing else.
class Walled {
 public:
  /// Reserves room for `size` bytes. Throws Skipped if the system has none.
  explicit Walled(size_t bytes);
  Walled(const Walled&) = delete;
  ~Walled();

  /// Copies the items to just behind the first wall or just before the second. The size of an item must be a multiple
  /// of 8 bytes.
  template <class T>
  T* put(std::span<const T> items, bool at_end) {
    return static_cast<T*>(put(items.data(), items.size_bytes(), at_end));
  }

  /// Runs `body`. If it accessed a wall, and so was interrupted: the byte, counted from the start of the last copy.
  std::optional<ptrdiff_t> touched(const std::function<void()>& body) const;

 private:
  void* put(const void* bytes, size_t size, bool at_end);
  char *first_, *start_, *end_, *last_;  ///< the walls lie before start_ and from end_ on
  char* put_ = nullptr;
};

}  // namespace calotype::check
