#pragma once
#include <calotype/host/entry.h>
#include <calotype/pipeline.h>
#include <calotype/tensor.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace calotype {

/// What a call of a plugin of tier 2 returned, or what it was given by one, looked at where it enters the host. Each
/// function throws Error (internal) that begins with the plugin and the call: `loader "mine" (mine.so): denoise: want
/// ..., got ...`.
class Returned {
 public:
  /// `call`: "denoise"; both must outlive this object.
  Returned(const EntryInfo& plugin, const char* call) : plugin_(plugin), call_(call) {}

  /// No null pointer; `what`: "a model".
  template <class T>
  std::unique_ptr<T> there(std::unique_ptr<T> found, const char* what) const {
    if (!found) fail(what, "nothing");
    return found;
  }
  /// float32 of that shape on that device. Costs no look at the numbers.
  void tensor(const at::Tensor& t, at::IntArrayRef shape, const at::Device& device) const;
  /// The same of any shape of that many dimensions, none of them 0.
  void dense(const at::Tensor& t, int64_t dimensions, const at::Device& device) const;
  /// Images [N,3,H,W], `count` of them, float32 on that device, of numbers from 0 to 1. NaN passes: the caller reports
  /// more of it.
  void images(const at::Tensor& t, int64_t count, const at::Device& device) const;
  /// Sigmas that fall strictly, two or more, none below 0.
  void falling(std::span<const double> sigmas) const;
  /// Sigmas that rise strictly, one or more, above 0.
  void rising(std::span<const double> sigmas) const;
  /// Images from `first` on, `count` of them, all of the `images` of the request.
  void range(int first, int64_t count, int images) const;
  [[noreturn]] void fail(const std::string& wanted, const std::string& found) const;

 private:
  const EntryInfo& plugin_;
  const char* call_;
};

/// Whether all numbers are finite.
bool is_finite(const at::Tensor& t);

/// The origin of values in an error about numbers: the type that was computed in, and the paths of the models.
struct Origin {
  std::string dtype, models;
};
/// Throws Error (bad_data): the plugin that returned them, and what helps. `what`: "latents hold"; `otherwise`: what
/// else would help.
[[noreturn]] void fail_without_numbers(const EntryInfo& plugin, const std::string& what, const Origin& origin,
                                       const std::string& otherwise = "");

}  // namespace calotype
