#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace calotype::check {

/// Memory between two pages that nobody may touch: who reads or writes beside what lies in it is caught, and nothing
/// else is.
class Walled {
 public:
  /// Room for as many bytes. Throws Skipped where the system has none.
  explicit Walled(size_t bytes);
  Walled(const Walled&) = delete;
  ~Walled();

  /// A copy of the items, right behind the first wall or right before the second one. Items fill whole numbers of 8
  /// bytes.
  template <class T>
  T* put(std::span<const T> items, bool at_end) {
    return static_cast<T*>(put(items.data(), items.size_bytes(), at_end));
  }

  /// Runs `body`. Where it touched a wall and so was ended midway: at which byte, counted from what was put last.
  std::optional<ptrdiff_t> touched(const std::function<void()>& body) const;

 private:
  void* put(const void* bytes, size_t size, bool at_end);
  char *first_, *start_, *end_, *last_;  ///< the walls are before start_ and from end_ on
  char* put_ = nullptr;
};

}  // namespace calotype::check
