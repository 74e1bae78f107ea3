#pragma once
#include <calotype/error.h>
#include <calotype/host/catalog.h>

#include <string>
#include <string_view>
#include <vector>

namespace calotype {

/// Thrown by code that inspects or loads a library: why it is refused.
class Refused : public Error {
 public:
  explicit Refused(const Refusal& refusal) : Error(ErrorCode::refused, refusal.reason()), refusal_(refusal) {}
  const Refusal& refusal() const { return refusal_; }

 private:
  Refusal refusal_;
};

/// Throws Refused. `code` is one of refusal_codes().
[[noreturn]] void refuse(std::string_view code, const std::string& what, const std::string& found,
                         const std::string& needed, const std::string& fix);

/// A refusal code and its meaning, for docs/plugins.md.
struct RefusalCode {
  std::string_view code, meaning;
};
/// All codes, in the order in which a library is inspected. Codes are only added, never changed.
const std::vector<RefusalCode>& refusal_codes();

inline constexpr const char* kRebuild = "rebuild it against this host's SDK";

}  // namespace calotype
